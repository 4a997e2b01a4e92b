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
    const std::pair<const char*, const std::string*> required[] = {
        {"title", &r.title()},
        {"authority", &r.authority()},
        {"owner", &r.owner()},
        {"sentence", &r.sentence()},
        {"in_force", &r.in_force()},
        {"review_by", &r.review_by()},
    };
    for (const auto& [name, text] : required) {
        if (text->empty()) return std::string(name) + " is missing";
    }
    if (!parse_day(r.in_force())) return "in_force is not a day";
    if (!parse_day(r.review_by())) return "review_by is not a day";
    if (*parse_day(r.review_by()) < *parse_day(r.in_force())) {
        return "review_by is before in_force: a rule is read again after it began";
    }
    return {};
}

fault check_effect(const v1::Rule& r) {
    if (r.tier() < v1::TIER_BAR || r.tier() > v1::TIER_ALLOW) return "tier is missing or not known";
    if (!v1::Form_IsValid(r.form()) || r.form() == v1::FORM_UNSPECIFIED) {
        return "form is missing or not known";
    }
    if (!v1::ReasonCode_IsValid(r.reason()) || r.reason() == v1::REASON_UNSPECIFIED) {
        return "reason is missing or not known";
    }
    if (opens(r) != is_open(r.form())) return "form does not fit the tier";
    // Numbers of reasons: below 20 why something is shown, from 20 why it is hidden.
    if (opens(r) != (r.reason() < v1::REASON_ADDRESS_CAN_HARM))
        return "reason does not fit the tier";
    if (r.form() == v1::FORM_SILENT && r.approver().empty()) {
        return "nothing may be silent without a named approver";
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
    if (!plain) return "number 1 is kept for the bar on protected addresses";
    for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
        if (covers(r.roles(), role) == may_see_protected_address(static_cast<v1::Role>(role))) {
            return "the list of those who may see a protected address is final";
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
                return "would open a protected address to a role outside the final list";
            }
        }
    }
    if (!r.categories().empty() && covers(r.categories(), v1::CATEGORY_SEALED)) {
        return "would open what is sealed";
    }
    for (const int f : r.when()) {
        if (f == v1::FLAG_STATUTORY_BAR) return "would open what the law bars";
        if (f == v1::FLAG_CONFLICT) return "would open to a desk in conflict";
    }
    return {};
}

failure
at(errc code, const std::string& place, const char* kind, std::uint32_t number, fault what) {
    return fail(code, place + ": " + kind + " " + std::to_string(number) + ": " + std::move(what));
}

status check_rules(const parsed& text) {
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < text.policy.rules_size(); ++i) {
        const auto& r = text.policy.rules(i);
        const auto& place = text.rule_places[static_cast<std::size_t>(i)];
        const auto bad = [&](errc code, fault what) {
            return at(code, place, "rule", r.number(), std::move(what));
        };
        if (r.number() == 0) return bad(errc::policy_invalid, "number is missing");
        if (!numbers.insert(r.number()).second) {
            return bad(errc::policy_contradiction, "another rule has this number");
        }
        for (auto* step : {check_words, check_region<v1::Rule>, check_effect}) {
            if (auto f = step(r); !f.empty()) return bad(errc::policy_invalid, std::move(f));
        }
        if (r.number() == protected_address_rule) {
            if (auto f = check_protected_address(r); !f.empty()) {
                return bad(errc::policy_contradiction, std::move(f));
            }
        }
        if (auto f = check_finals(r); !f.empty()) {
            return bad(errc::policy_contradiction, std::move(f));
        }
    }
    return {};
}

fault check_route(const v1::RoutingRule& r) {
    if (r.title().empty()) return "title is missing";
    if (r.authority().empty()) return "authority is missing";
    if (r.sentence().empty()) return "sentence is missing";
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
        return "a value is not known";
    }
    const bool role = r.role() != v1::ROLE_UNSPECIFIED;
    const bool fallback = r.fallback_role() != v1::ROLE_UNSPECIFIED;
    switch (r.target()) {
    case v1::RoutingRule::TARGET_ROLE:
        return role ? fault() : "role is missing";
    case v1::RoutingRule::TARGET_SCHOOL_OF_CHILD:
        return fallback ? fault() : "fallback_role is missing: a school may be unknown";
    case v1::RoutingRule::TARGET_THREAD_PARTIES:
        return {};
    case v1::RoutingRule::TARGET_ADDRESSED:
        return r.exclusive() ? "addressed desks cannot be dropped for addressed desks" : fault();
    default:
        return "target is missing or not known";
    }
}

status check_routing(const parsed& text) {
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < text.policy.routing_size(); ++i) {
        const auto& r = text.policy.routing(i);
        const auto& place = text.routing_places[static_cast<std::size_t>(i)];
        if (r.number() == 0) {
            return at(errc::policy_invalid, place, "route", 0, "number is missing");
        }
        if (!numbers.insert(r.number()).second) {
            return at(
                errc::policy_contradiction,
                place,
                "route",
                r.number(),
                "another route has this number"
            );
        }
        if (auto f = check_route(r); !f.empty()) {
            return at(errc::policy_invalid, place, "route", r.number(), std::move(f));
        }
    }
    return {};
}

} // namespace

status check(const parsed& text) {
    const auto& p = text.policy;
    if (p.version().empty()) return fail(errc::policy_invalid, "version is missing");
    if (!parse_day(p.valid_until())) return fail(errc::policy_invalid, "valid_until is not a day");
    for (const auto& [name, day] :
         {std::pair{"valid_from", &p.valid_from()}, {"review_by", &p.review_by()}}) {
        if (day->empty() || parse_day(*day)) continue;
        return fail(errc::policy_invalid, std::string(name) + " is not a day");
    }
    if (p.rules().empty()) return fail(errc::policy_invalid, "there are no rules");
    if (p.rules_size() > limits::policy_rules) {
        return fail(
            errc::policy_invalid, "more than " + std::to_string(limits::policy_rules) + " rules"
        );
    }
    if (p.routing().empty()) return fail(errc::policy_invalid, "there are no routes");
    CAIRN_TRY(check_rules(text));
    CAIRN_TRY(check_routing(text));
    CAIRN_TRY(check_promises(text));
    return check_texts(p);
}

} // namespace cairn::policy
