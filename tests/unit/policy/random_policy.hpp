// Random policy texts and points of the decision space, from one seed.
#pragma once

#include "unit/policy/support.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace cairn::policy::testing {

// CAIRN_SEED replays; printed, so that whoever sees a failure can.
inline std::uint64_t chosen_seed() {
    const char* given = std::getenv("CAIRN_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("CAIRN_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return seed;
}

class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    int roll(int first, int last) {
        const auto span = static_cast<std::uint64_t>(last - first + 1);
        return first + static_cast<int>((engine_() >> 32) * span >> 32);
    }
    bool one_in(int n) { return roll(1, n) == 1; }
    // `v` holds something.
    template <class Values>
    auto one_of(const Values& v) {
        return *(v.begin() + roll(0, static_cast<int>(std::size(v)) - 1));
    }
    std::uint32_t bits() { return static_cast<std::uint32_t>(engine_() >> 32); }

private:
    std::mt19937_64 engine_;
};

template <class Add>
void some(dice& d, int first, int last, int most, Add&& add) {
    std::vector<bool> taken(static_cast<std::size_t>(last) + 1);
    for (int n = d.roll(0, most); n > 0; --n) {
        const int v = d.roll(first, last);
        if (taken[static_cast<std::size_t>(v)]) continue;
        taken[static_cast<std::size_t>(v)] = true;
        add(v);
    }
}

inline void any_effect(dice& d, v1::Rule& r) {
    r.set_tier(static_cast<v1::Tier>(d.roll(v1::TIER_BAR, v1::TIER_ALLOW)));
    const bool opens = r.tier() == v1::TIER_MUST || r.tier() == v1::TIER_ALLOW;
    r.set_form(static_cast<v1::Form>(opens ? d.roll(1, 3) : d.roll(4, 5)));
    const auto shown =
        r.form() == v1::FORM_FULL ? v1::REASON_NEEDED_FOR_ROLE : v1::REASON_SUMMARY_IS_ENOUGH;
    r.set_reason(opens ? shown : v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    r.set_approver("Somebody");
}

inline void any_flags(dice& d, v1::Rule& r) {
    some(d, 1, v1::Flag_MAX, 2, [&](int v) {
        if (v != v1::FLAG_STATUTORY_BAR && v != v1::FLAG_CONFLICT)
            r.add_when(static_cast<v1::Flag>(v));
    });
    some(d, 1, v1::Flag_MAX, 2, [&](int v) {
        if (std::count(r.when().begin(), r.when().end(), v) == 0)
            r.add_unless(static_cast<v1::Flag>(v));
    });
}

inline v1::Rule any_rule(dice& d, std::uint32_t number) {
    v1::Rule r = shipped().source().rules(0);
    r.clear_categories();
    r.clear_roles();
    r.set_number(number);
    any_effect(d, r);
    const bool opens = r.tier() == v1::TIER_MUST || r.tier() == v1::TIER_ALLOW;
    // An opening rule must leave out the protected address; the others may speak of all.
    some(d, 1, v1::Category_MAX, 6, [&](int v) {
        if (v != v1::CATEGORY_SEALED && (!opens || v != v1::CATEGORY_PROTECTED_ADDRESS))
            r.add_categories(static_cast<v1::Category>(v));
    });
    if (opens && r.categories().empty()) r.add_categories(v1::CATEGORY_HEALTH);
    some(d, 1, v1::SUBJECT_CONCERN, 4, [&](int v) { r.add_subjects(static_cast<v1::Subject>(v)); });
    some(d, 1, v1::Role_MAX, 8, [&](int v) { r.add_roles(static_cast<v1::Role>(v)); });
    some(d, 1, v1::Purpose_MAX, 5, [&](int v) { r.add_purposes(static_cast<v1::Purpose>(v)); });
    if (d.one_in(3)) r.set_min_risk(static_cast<v1::RiskLevel>(d.roll(1, 4)));
    if (d.one_in(10)) r.set_in_force("2026-11-23");
    if (d.one_in(10)) r.set_in_force(std::string(today));
    any_flags(d, r);
    return r;
}

// Passes check(): bars what the law bars, and from `fewest` to 90 random rules.
inline v1::Policy any_policy(dice& d, int fewest = 1) {
    v1::Policy p = shipped().source();
    p.clear_rules();
    p.clear_invariants();
    auto& law = *p.add_rules();
    law = shipped().source().rules(0);
    law.clear_categories();
    law.clear_roles();
    law.set_number(2);
    law.set_reason(v1::REASON_STATUTORY_BAR);
    law.add_when(v1::FLAG_STATUTORY_BAR);
    const int count = d.roll(fewest, 90);
    for (int i = 0; i < count; ++i) {
        *p.add_rules() = any_rule(d, static_cast<std::uint32_t>(d.roll(1, 9) * 1000 + i));
    }
    return p;
}

// Now and then a value that is not said, or is none: the answer has to be total.
inline int any_value(dice& d, int first, int last) {
    return d.one_in(100) ? d.roll(0, last + 2) : d.roll(first, last);
}

inline point any_point(dice& d) {
    point p;
    p.category = static_cast<v1::Category>(any_value(d, 1, v1::Category_MAX));
    p.subject = static_cast<v1::Subject>(any_value(d, 1, v1::SUBJECT_CONCERN));
    p.role = static_cast<v1::Role>(any_value(d, 1, v1::Role_MAX));
    p.purpose = static_cast<v1::Purpose>(any_value(d, 1, v1::Purpose_MAX));
    p.risk = static_cast<v1::RiskLevel>(any_value(d, 0, v1::RiskLevel_MAX));
    p.flags = static_cast<std::uint32_t>(d.roll(0, (1 << (v1::Flag_MAX + 1)) - 1)) & ~1U;
    // Half of them with few flags: in life most are unset, and most rules want it so.
    if (d.one_in(2))
        p.flags &= static_cast<std::uint32_t>(d.roll(0, (1 << (v1::Flag_MAX + 1)) - 1));
    return p;
}

} // namespace cairn::policy::testing
