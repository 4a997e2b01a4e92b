#include "policy/check.hpp"

#include "core/limits.hpp"
#include "policy/check_invariants.hpp"
#include "policy/check_lists.hpp"
#include "policy/check_texts.hpp"
#include "policy/dates.hpp"
#include "policy/final_list.hpp"

#include <algorithm>
#include <set>

namespace cairn::policy {

bool is_open(v1::Form form) {
    return form == v1::FORM_FULL || form == v1::FORM_GENERALISED || form == v1::FORM_PSEUDONYM;
}

namespace {

bool opens(const v1::Rule& r) {
    return r.tier() == v1::TIER_MUST || r.tier() == v1::TIER_ALLOW;
}

fault check_words(const v1::Rule& r) {
    const struct {
        const char* name;
        const std::string& text;
        const char* remedy;
    } required[] = {
        {"title", r.title(), "say in a few words what it does"},
        {"authority", r.authority(), "name the section and paragraph it stands on"},
        {"owner", r.owner(), "name who answers for it"},
        {"sentence", r.sentence(), "write it as a person signs it"},
        {"in_force", r.in_force(), "give its first day, as 2026-11-22"},
        {"review_by", r.review_by(), "give the day by which it is read again, as 2026-11-22"},
    };
    for (const auto& f : required) {
        if (f.text.empty()) return {std::string(f.name) + " is missing: " + f.remedy, f.name};
    }
    if (!parse_day(r.in_force())) {
        return {"in_force is not a day: write it as 2026-11-22", "in_force"};
    }
    if (!parse_day(r.review_by())) {
        return {"review_by is not a day: write it as 2026-11-22", "review_by"};
    }
    if (*parse_day(r.review_by()) < *parse_day(r.in_force())) {
        return {
            "review_by is before in_force: a rule is read again after it began, so give a later "
            "day",
            "review_by"};
    }
    return {};
}

fault check_effect(const v1::Rule& r) {
    if (r.tier() < v1::TIER_BAR || r.tier() > v1::TIER_ALLOW) {
        return {"tier is missing or not known: bar, must, deny or allow", "tier"};
    }
    if (!v1::Form_IsValid(r.form()) || r.form() == v1::FORM_UNSPECIFIED) {
        return {"form is missing or not known", "form"};
    }
    if (!v1::ReasonCode_IsValid(r.reason()) || r.reason() == v1::REASON_UNSPECIFIED) {
        return {"reason is missing or not known", "reason"};
    }
    if (opens(r) != is_open(r.form())) {
        return {
            "form does not fit the tier: must and allow show, bar and deny mask or are silent",
            "form"};
    }
    // Numbers of reasons: below 20 why something is shown, from 20 why it is hidden.
    if (opens(r) != (r.reason() < v1::REASON_ADDRESS_CAN_HARM)) {
        return {"reason does not fit the tier: some say why it is shown, some why not", "reason"};
    }
    if (r.form() == v1::FORM_SILENT && r.approver().empty()) {
        return {
            "nothing may be silent without a named approver: name who approved it, or mask",
            "form"};
    }
    return {};
}

// The built-in bar as the text states it must be the built-in bar.
fault check_protected_address(const v1::Rule& r) {
    const bool plain = r.tier() == v1::TIER_BAR && r.form() == v1::FORM_MASKED &&
                       r.reason() == v1::REASON_ADDRESS_CAN_HARM && r.categories_size() == 1 &&
                       r.categories(0) == v1::CATEGORY_PROTECTED_ADDRESS && r.subjects().empty() &&
                       r.purposes().empty() && r.when().empty() && r.unless().empty() &&
                       r.min_risk() == v1::RISK_LEVEL_UNSPECIFIED && !r.roles().empty();
    if (!plain) return {"number 1 is kept for the bar on protected addresses", "number"};
    for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
        if (covers(r.roles(), role) == may_see_protected_address(static_cast<v1::Role>(role))) {
            return {"the list of those who may see a protected address is final", "roles"};
        }
    }
    return {};
}

// Contradictions that one row makes alone.
fault check_finals(const v1::Rule& r) {
    if (!opens(r)) return {};
    if (covers(r.categories(), v1::CATEGORY_PROTECTED_ADDRESS)) {
        for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
            if (covers(r.roles(), role) &&
                !may_see_protected_address(static_cast<v1::Role>(role))) {
                return {
                    "would open a protected address to a role outside the final list",
                    r.roles().empty() ? nullptr : "roles"};
            }
        }
    }
    if (!r.categories().empty() && covers(r.categories(), v1::CATEGORY_SEALED)) {
        return {"would open what is sealed", "categories"};
    }
    for (const int f : r.when()) {
        if (f == v1::FLAG_STATUTORY_BAR) return {"would open what the law bars", "when"};
        if (f == v1::FLAG_CONFLICT) return {"would open to a desk in conflict", "when"};
    }
    return {};
}

// Refuses rows of one list; each has a number.
class refuser {
public:
    refuser(const parsed& text, const char* rows, const char* kind)
        : text_(text), rows_(rows), kind_(kind) {}

    failure operator()(errc code, int row, std::uint32_t number, const fault& f) const {
        const auto place = text_.place_of({rows_, row, f.field, f.value});
        return fail(code, place + ": " + kind_ + " " + std::to_string(number) + ": " + f.what);
    }

private:
    const parsed& text_;
    const char* rows_;
    const char* kind_;
};

status check_rules(const parsed& text) {
    const refuser refuse(text, "rules", "rule");
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < text.policy.rules_size(); ++i) {
        const auto& r = text.policy.rules(i);
        const auto bad = [&](errc code, const fault& f) { return refuse(code, i, r.number(), f); };
        if (r.number() == 0) {
            return bad(
                errc::policy_invalid, {"number is missing: give it one of its own", "number"}
            );
        }
        if (!numbers.insert(r.number()).second) {
            return bad(
                errc::policy_contradiction,
                {"another rule has this number: give it one that no rule ever had", "number"}
            );
        }
        for (auto* step : {check_words, check_region<v1::Rule>, check_effect}) {
            if (const auto f = step(r); !f.empty()) return bad(errc::policy_invalid, f);
        }
        if (r.number() == protected_address_rule) {
            if (const auto f = check_protected_address(r); !f.empty()) {
                return bad(errc::policy_contradiction, f);
            }
        }
        if (const auto f = check_finals(r); !f.empty()) {
            return bad(errc::policy_contradiction, f);
        }
    }
    return {};
}

fault check_route(const v1::RoutingRule& r) {
    if (r.title().empty()) return {"title is missing: say in a few words what it does", "title"};
    if (r.authority().empty()) {
        return {"authority is missing: name the section and paragraph it stands on", "authority"};
    }
    if (r.sentence().empty()) {
        return {"sentence is missing: write it as a person signs it", "sentence"};
    }
    const fault faults[] = {
        check_list(r.kinds(), named(v1::ConcernKind_IsValid), "kinds"),
        check_list(r.incidents(), named(v1::Notification_Incident_IsValid), "incidents"),
        check_list(r.purposes(), named(v1::Purpose_IsValid), "purposes"),
    };
    for (const auto& f : faults) {
        if (!f.empty()) return f;
    }
    if (!v1::RiskLevel_IsValid(r.min_risk()) || !v1::Role_IsValid(r.role()) ||
        !v1::Role_IsValid(r.fallback_role())) {
        return {"a value is not known"};
    }
    const bool role = r.role() != v1::ROLE_UNSPECIFIED;
    const bool fallback = r.fallback_role() != v1::ROLE_UNSPECIFIED;
    switch (r.target()) {
    case v1::RoutingRule::TARGET_ROLE:
        return role ? fault() : fault{"role is missing", "role"};
    case v1::RoutingRule::TARGET_SCHOOL_OF_CHILD:
        return fallback
                   ? fault()
                   : fault{"fallback_role is missing: a school may be unknown", "fallback_role"};
    case v1::RoutingRule::TARGET_THREAD_PARTIES:
        return {};
    case v1::RoutingRule::TARGET_ADDRESSED:
        return r.exclusive()
                   ? fault{"addressed desks cannot be dropped for addressed desks", "exclusive"}
                   : fault();
    default:
        return {"target is missing or not known", "target"};
    }
}

status check_routing(const parsed& text) {
    const refuser refuse(text, "routing", "route");
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < text.policy.routing_size(); ++i) {
        const auto& r = text.policy.routing(i);
        if (r.number() == 0) {
            return refuse(errc::policy_invalid, i, 0, {"number is missing", "number"});
        }
        if (!numbers.insert(r.number()).second) {
            return refuse(
                errc::policy_contradiction,
                i,
                r.number(),
                {"another route has this number: give it one of its own", "number"}
            );
        }
        if (const auto f = check_route(r); !f.empty()) {
            return refuse(errc::policy_invalid, i, r.number(), f);
        }
    }
    return {};
}

// What the text says of itself as a whole.
fault check_head(const v1::Policy& p) {
    if (p.version().empty()) return {"version is missing: name it", "version"};
    for (const auto& [name, day] :
         {std::pair{"valid_until", &p.valid_until()},
          {"valid_from", &p.valid_from()},
          {"review_by", &p.review_by()}}) {
        const bool may_be_empty = day != &p.valid_until();
        if (parse_day(*day) || (may_be_empty && day->empty())) continue;
        return {std::string(name) + " is not a day: write it as 2026-11-22", name};
    }
    if (p.rules().empty()) return {"there are no rules: begin with those of the template"};
    if (p.rules_size() > limits::policy_rules) {
        return {
            "more than " + std::to_string(limits::policy_rules) + " rules: join some",
            "rules",
            limits::policy_rules};
    }
    if (p.routing().empty()) return {"there are no routes: begin with those of the template"};
    return {};
}

} // namespace

status check(const parsed& text) {
    if (const auto f = check_head(text.policy); !f.empty()) {
        const auto place = text.place_of({nullptr, 0, f.field, f.value});
        return fail(errc::policy_invalid, place + ": " + f.what);
    }
    CAIRN_TRY(check_rules(text));
    CAIRN_TRY(check_routing(text));
    CAIRN_TRY(check_promises(text));
    return check_texts(text);
}

} // namespace cairn::policy
