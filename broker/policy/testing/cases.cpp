#include "policy/testing/cases.hpp"

#include "core/limits.hpp"
#include "policy/check_lists.hpp"
#include "policy/exclusions.hpp"
#include "policy/text_format.hpp"

#include <set>

namespace cairn::policy {

namespace {

fault check_effect(const v1::PolicyCase& c) {
    if (!v1::Form_IsValid(c.form()) || c.form() == v1::FORM_UNSPECIFIED) {
        return {"form is missing or not known", "form"};
    }
    if (!v1::ReasonCode_IsValid(c.reason()) || c.reason() == v1::REASON_UNSPECIFIED) {
        return {"reason is missing or not known", "reason"};
    }
    // Numbers of reasons: below 20 why something is shown, from 20 why it is hidden.
    const bool shown = c.form() <= v1::FORM_PSEUDONYM;
    if (shown != (c.reason() < v1::REASON_ADDRESS_CAN_HARM)) {
        return {"reason does not fit the form: some say why it is shown, some why not", "reason"};
    }
    return {};
}

fault check_case(const v1::PolicyCase& c) {
    if (c.name().empty()) return {"name is missing", "name"};
    if (c.scenario().empty()) return {"scenario is missing: say what happened", "scenario"};
    if (!v1::Category_IsValid(c.category()) || c.category() == 0) {
        return {"category is missing or not known", "category"};
    }
    // SUBJECT_OF_PERSON and SUBJECT_OF_ABOUT stand in annotations only.
    if (c.subject() <= 0 || c.subject() > v1::SUBJECT_CONCERN) {
        return {"subject is missing or not known", "subject"};
    }
    if (!v1::Role_IsValid(c.role()) || c.role() == 0) {
        return {"role is missing or not known", "role"};
    }
    if (!v1::Purpose_IsValid(c.purpose()) || c.purpose() == 0) {
        return {"purpose is missing or not known", "purpose"};
    }
    if (!v1::RiskLevel_IsValid(c.risk())) return {"risk is not known", "risk"};
    std::set<int> seen;
    for (int i = 0; i < c.flags_size(); ++i) {
        if (!v1::Flag_IsValid(c.flags(i)) || c.flags(i) == 0) {
            return {"flags has a value that is not known", "flags", i};
        }
        if (!seen.insert(c.flags(i)).second)
            return {"flags names one flag twice: take one out", "flags", i};
    }
    return check_effect(c);
}

} // namespace

result<case_file> parse_cases(std::string_view text) {
    if (says_nothing(text)) {
        return fail(
            errc::policy_invalid, "line 1, column 1: the file holds no case: begin with cases { }"
        );
    }
    case_file out;
    text_places tree;
    CAIRN_TRY(read_text(text, out.cases, tree));
    const auto place = [&](int row, const fault& f) {
        return place_in(tree, *v1::PolicyCases::descriptor(), {"cases", row, f.field, f.value});
    };
    if (out.cases.cases_size() > limits::policy_cases) {
        return fail(
            errc::policy_invalid,
            place(limits::policy_cases, {}) + ": more than " +
                std::to_string(limits::policy_cases) + " cases: put these into another file"
        );
    }
    std::set<std::string> names;
    for (int i = 0; i < out.cases.cases_size(); ++i) {
        const auto& c = out.cases.cases(i);
        auto f = check_case(c);
        if (f.what.empty() && !names.insert(c.name()).second) {
            f = {"another case has this name: say how it differs", "name"};
        }
        if (!f.what.empty()) {
            return fail(
                errc::policy_invalid, place(i, f) + ": case \"" + c.name() + "\": " + f.what
            );
        }
        out.places.push_back(place(i, {}));
    }
    return out;
}

status add_cases(case_file& all, const case_file& more) {
    std::set<std::string> names;
    for (const auto& c : all.cases.cases()) names.insert(c.name());
    for (int i = 0; i < more.cases.cases_size(); ++i) {
        const auto& c = more.cases.cases(i);
        const auto& place = more.places[static_cast<std::size_t>(i)];
        if (all.cases.cases_size() == limits::policy_cases) {
            return fail(
                errc::policy_invalid,
                place + ": more than " + std::to_string(limits::policy_cases) +
                    " cases in all files: ask them one after the other"
            );
        }
        if (!names.insert(c.name()).second) {
            return fail(
                errc::policy_invalid,
                place + ": case \"" + c.name() +
                    "\": a case of another file has this name: say how it differs"
            );
        }
        *all.cases.add_cases() = c;
        all.places.push_back(place);
    }
    return {};
}

point point_of(const v1::PolicyCase& c) {
    point p{c.category(), c.subject(), c.role(), c.purpose(), c.risk(), 0};
    for (const int f : c.flags()) p.flags |= bit(static_cast<v1::Flag>(f));
    return p;
}

bool as_expected(const v1::PolicyCase& c, const decision& got) {
    return got.form == c.form() && got.rule == c.rule() && got.reason == c.reason();
}

std::map<std::uint32_t, point> deciding_rules(const space& decided) {
    std::vector<bool> walked(decided.lists());
    std::map<std::uint32_t, point> out;
    std::map<std::uint32_t, point> others;
    each_cell([&](point p) {
        const auto list = decided.list_of(p);
        if (walked[list]) return;
        walked[list] = true;
        do {
            auto& into = can_hold_together(p.flags) ? out : others;
            into.emplace(decided.at(list, p.flags).rule, p);
            p.flags = next_set(p.flags, decided.flags_of(list));
        } while (p.flags != 0);
    });
    out.merge(others);
    out.erase(0);
    return out;
}

cases_outcome
run_cases(const table& policy, const v1::PolicyCases& cases, std::chrono::sys_days today) {
    cases_outcome out;
    std::set<std::uint32_t> seen;
    for (int i = 0; i < cases.cases_size(); ++i) {
        const auto got = policy.decide(point_of(cases.cases(i)));
        seen.insert(got.rule);
        if (!as_expected(cases.cases(i), got)) out.missed.push_back({i, got});
    }
    for (const auto& [rule, where] : deciding_rules(space(policy.source(), today))) {
        ++out.deciding;
        if (seen.count(rule) != 0)
            ++out.covered;
        else
            out.uncovered.push_back({rule, where});
    }
    return out;
}

} // namespace cairn::policy
