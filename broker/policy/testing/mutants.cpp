#include "policy/testing/mutants.hpp"

#include "policy/check.hpp"

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

class maker {
public:
    explicit maker(const v1::Policy& policy) : policy_(policy) {}

    void rule(int at) {
        at_ = at;
        const auto& r = policy_.rules(at);
        add(is_open(r.form()) ? "hides what it showed" : "shows what it hid", turned(r));
        add("taken out", std::nullopt);
        if (!r.categories().empty()) changed("of any category", &v1::Rule::clear_categories);
        if (!r.subjects().empty()) changed("about anybody", &v1::Rule::clear_subjects);
        if (!r.roles().empty()) changed("for any role", &v1::Rule::clear_roles);
        if (!r.purposes().empty()) changed("for any purpose", &v1::Rule::clear_purposes);
        if (r.min_risk() != 0) changed("at any risk", &v1::Rule::clear_min_risk);
        for (int i = 0; i < r.when_size(); ++i) {
            auto now = r;
            now.mutable_when()->erase(now.when().begin() + i);
            add("without 'when " + words_of(r.when(i)) + "'", std::move(now));
        }
        for (int i = 0; i < r.unless_size(); ++i) {
            auto now = r;
            now.mutable_unless()->erase(now.unless().begin() + i);
            add("without 'unless " + words_of(r.unless(i)) + "'", std::move(now));
        }
    }

    std::vector<mutant> made;

private:
    void changed(const char* what, void (v1::Rule::*clear)()) {
        auto now = policy_.rules(at_);
        (now.*clear)();
        add(what, std::move(now));
    }
    void add(std::string what, std::optional<v1::Rule> now) {
        made.push_back({policy_.rules(at_).number(), at_, std::move(what), std::move(now)});
    }

    const v1::Policy& policy_;
    int at_ = 0;
};

} // namespace

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
