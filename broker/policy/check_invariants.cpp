#include "policy/check_invariants.hpp"

#include "policy/check_lists.hpp"

namespace cairn::policy {

namespace {

using invariant = v1::Invariant;

fault check_words(const invariant& i) {
    const std::pair<const char*, const std::string*> required[] = {
        {"name", &i.name()},
        {"title", &i.title()},
        {"sentence", &i.sentence()},
        {"authority", &i.authority()},
        {"owner", &i.owner()},
        {"harm", &i.harm()},
    };
    for (const auto& [name, text] : required) {
        if (text->empty()) return {std::string(name) + " is missing", name};
    }
    return {};
}

fault check_lists(const invariant& i) {
    if (auto f = check_region(i); !f.empty()) return f;
    const fault faults[] = {
        check_list(i.flags(), named(v1::Flag_IsValid), "flags"),
        check_list(i.with_categories(), named(v1::Category_IsValid), "with_categories"),
        check_list(i.with_subjects(), is_subject, "with_subjects"),
    };
    for (const auto& f : faults) {
        if (!f.empty()) return f;
    }
    if (!v1::RiskLevel_IsValid(i.max_risk())) return {"max_risk is not known", "max_risk"};
    if (i.max_risk() != v1::RISK_LEVEL_UNSPECIFIED && i.max_risk() < i.min_risk()) {
        return {"max_risk is below min_risk: it speaks of no point", "max_risk"};
    }
    for (const int f : i.flags()) {
        const auto set = [f](const auto& list) {
            return std::count(list.begin(), list.end(), f) > 0;
        };
        if (set(i.when()) || set(i.unless())) {
            return {"a flag of flags stands in when or unless too: it would never change", "flags"};
        }
    }
    return {};
}

// Each guarantee needs some fields; one that it does not read is refused, so that nobody believes
// it says more than it does.
fault check_fields(const invariant& i) {
    const auto g = i.guarantee();
    if (g == invariant::GUARANTEE_UNSPECIFIED || !invariant::Guarantee_IsValid(g)) {
        return {"guarantee is missing or not known", "guarantee"};
    }
    const bool flag = g == invariant::GUARANTEE_FLAG_OPENS || g == invariant::GUARANTEE_FLAG_CLOSES;
    const bool with = g == invariant::GUARANTEE_ACCOMPANIED;
    const bool form =
        with || g == invariant::GUARANTEE_AT_MOST || g == invariant::GUARANTEE_AT_LEAST;
    const struct {
        const char* name;
        bool needed;
        bool given;
    } fields[] = {
        {"form", form, i.form() != v1::FORM_UNSPECIFIED},
        {"routes", g == invariant::GUARANTEE_ON_ROUTE, !i.routes().empty()},
        {"flags", flag, !i.flags().empty()},
        {"with_categories", with, !i.with_categories().empty()},
    };
    for (const auto& f : fields) {
        if (f.needed && !f.given) return {std::string(f.name) + " is missing", f.name};
        if (!f.needed && f.given) {
            return {std::string(f.name) + " is not read by this guarantee: take it out", f.name};
        }
    }
    if (!with && !i.with_subjects().empty()) {
        return {"with_subjects is not read by this guarantee: take it out", "with_subjects"};
    }
    if (!v1::Form_IsValid(i.form())) return {"form is not known", "form"};
    return {};
}

failure
at(const parsed& text, errc code, const text_spot& spot, const std::string& row, const fault& f) {
    auto there = spot;
    there.field = f.field;
    there.value = f.value;
    return fail(code, text.place_of(there) + ": " + row + ": " + f.what);
}

status check_questions(const parsed& text) {
    for (int n = 0; n < text.policy.questions_size(); ++n) {
        const auto& q = text.policy.questions(n);
        for (const auto& [name, said] :
             {std::pair{"title", &q.title()},
              {"text", &q.text()},
              {"meanwhile", &q.meanwhile()},
              {"owner", &q.owner()}}) {
            if (!said->empty()) continue;
            const auto row = "question " + std::to_string(n + 1);
            const fault f{std::string(name) + " is missing", name};
            return at(text, errc::policy_invalid, {"questions", n}, row, f);
        }
    }
    return {};
}

} // namespace

status check_promises(const parsed& text) {
    std::set<std::string> names;
    for (int n = 0; n < text.policy.invariants_size(); ++n) {
        const auto& i = text.policy.invariants(n);
        const auto row = "invariant " + i.name();
        for (auto* step : {check_words, check_lists, check_fields}) {
            if (const auto f = step(i); !f.empty()) {
                return at(text, errc::policy_invalid, {"invariants", n}, row, f);
            }
        }
        if (!names.insert(i.name()).second) {
            const fault f{"another invariant has this name: give it one of its own", "name"};
            return at(text, errc::policy_contradiction, {"invariants", n}, row, f);
        }
    }
    return check_questions(text);
}

} // namespace cairn::policy
