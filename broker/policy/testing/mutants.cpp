#include "policy/testing/mutants.hpp"

#include "policy/check.hpp"
#include "policy/render/enum_names.hpp"

namespace cairn::policy {

namespace {

v1::Tier turned(v1::Tier t) {
    switch (t) {
    case v1::TIER_BAR:
        return v1::TIER_MUST;
    case v1::TIER_MUST:
        return v1::TIER_BAR;
    case v1::TIER_DENY:
        return v1::TIER_ALLOW;
    default:
        return v1::TIER_DENY;
    }
}

v1::Rule turned(v1::Rule r) {
    const bool showed = is_open(r.form());
    r.set_tier(turned(r.tier()));
    r.set_form(showed ? v1::FORM_MASKED : v1::FORM_FULL);
    r.set_reason(showed ? v1::REASON_NOT_NEEDED_FOR_PURPOSE : v1::REASON_NEEDED_FOR_ROLE);
    return r;
}

// "relevant conviction" of FLAG_RELEVANT_CONVICTION.
std::string words_of(v1::Flag f) {
    std::string out = v1::Flag_Name(f).substr(sizeof "FLAG_" - 1);
    for (char& c : out) c = c == '_' ? ' ' : static_cast<char>(c - 'A' + 'a');
    return out;
}

using google::protobuf::RepeatedField;

// A list of values of a rule.
struct list_field {
    const char* name;
    // What a rule without the list speaks of; nullptr: an empty one has no such meaning.
    const char* any;
    RepeatedField<int>* (v1::Rule::*mine)();
    wrong one;
};

constexpr list_field lists[] = {
    {"categories", "of any category", &v1::Rule::mutable_categories, wrong::category},
    {"subjects", "about anybody", &v1::Rule::mutable_subjects, wrong::subject},
    {"roles", "for any role", &v1::Rule::mutable_roles, wrong::role},
    {"purposes", "for any purpose", &v1::Rule::mutable_purposes, wrong::purpose},
    {"routes", nullptr, &v1::Rule::mutable_routes, wrong::route},
};

class maker {
public:
    explicit maker(const v1::Policy& policy) : policy_(policy) {}

    void rule(int at) {
        at_ = at;
        const auto& r = policy_.rules(at);
        add(wrong::effect,
            is_open(r.form()) ? "hides what it showed" : "shows what it hid",
            turned(r));
        add(wrong::whole, "taken out", std::nullopt);
        for (const auto& list : lists) values(list);
        risk();
        flags("when", &v1::Rule::mutable_when);
        flags("unless", &v1::Rule::mutable_unless);
    }

    std::vector<mutant> made;

private:
    void values(const list_field& list) {
        auto whole = policy_.rules(at_);
        const auto given = *(whole.*list.mine)();
        if (!given.empty() && list.any != nullptr) {
            (whole.*list.mine)()->Clear();
            add(wrong::condition, list.any, std::move(whole));
        }
        // Without its only value a list speaks of any: that is the wrong above.
        if (list.any != nullptr && given.size() < 2) return;
        const auto& names = *v1::Rule::descriptor()->FindFieldByName(list.name)->enum_type();
        for (int i = 0; i < given.size(); ++i) {
            auto now = policy_.rules(at_);
            (now.*list.mine)()->erase((now.*list.mine)()->begin() + i);
            const auto* value = names.FindValueByNumber(given.Get(i));
            add(list.one, "without " + short_name(*value) + " in " + list.name, std::move(now));
        }
    }

    void risk() {
        const auto least = policy_.rules(at_).min_risk();
        if (least != v1::RISK_LEVEL_UNSPECIFIED) at_risk(wrong::condition, 0);
        // A step below the lowest that can be stated is any, as above.
        if (least > v1::RISK_LEVEL_UNSPECIFIED + 1) at_risk(wrong::risk, least - 1);
        if (least < v1::RiskLevel_MAX) at_risk(wrong::risk, least + 1);
    }

    void at_risk(wrong kind, int least) {
        auto now = policy_.rules(at_);
        now.set_min_risk(static_cast<v1::RiskLevel>(least));
        const auto* value = v1::RiskLevel_descriptor()->FindValueByNumber(least);
        add(kind, least == 0 ? "at any risk" : "from " + short_name(*value) + " on", std::move(now)
        );
    }

    void flags(const std::string& list, RepeatedField<int>* (v1::Rule::*mine)()) {
        auto r = policy_.rules(at_);
        const auto given = *(r.*mine)();
        for (int i = 0; i < given.size(); ++i) {
            auto now = policy_.rules(at_);
            (now.*mine)()->erase((now.*mine)()->begin() + i);
            const auto flag = words_of(static_cast<v1::Flag>(given.Get(i)));
            add(wrong::flag, "without '" + list + " " + flag + "'", std::move(now));
        }
    }

    void add(wrong kind, std::string what, std::optional<v1::Rule> now) {
        made.push_back({kind, policy_.rules(at_).number(), at_, std::move(what), std::move(now)});
    }

    const v1::Policy& policy_;
    int at_ = 0;
};

} // namespace

const char* to_string(wrong kind) {
    constexpr const char* names[wrongs] = {
        "effect turned round",
        "rule taken out",
        "whole condition",
        "one category",
        "one subject",
        "one role",
        "one purpose",
        "one flag",
        "one route",
        "least risk by a step",
    };
    return names[static_cast<std::size_t>(kind)];
}

std::vector<mutant> mutants_of(const v1::Policy& policy) {
    maker m(policy);
    for (int i = 0; i < policy.rules_size(); ++i) m.rule(i);
    return std::move(m.made);
}

v1::Policy applied(const v1::Policy& policy, const mutant& m) {
    auto out = policy;
    if (m.instead)
        *out.mutable_rules(m.at) = *m.instead;
    else
        out.mutable_rules()->DeleteSubrange(m.at, 1);
    return out;
}

} // namespace cairn::policy
