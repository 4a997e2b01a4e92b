// Questions to the shipped policy, at one point or over the whole space.
#pragma once

#include "unit/policy/support.hpp"

#include <algorithm>

namespace cairn::policy::testing {

inline constexpr auto danger = v1::RISK_LEVEL_IMMINENT_DANGER;
inline constexpr auto harm = v1::RISK_LEVEL_SIGNIFICANT_HARM;

// Sets of flags a sweep over "everything" uses: each alone, none, and all but the bars.
inline std::vector<std::uint32_t> relevant_flags() {
    std::vector<std::uint32_t> out = {0};
    std::uint32_t all = 0;
    for (int f = 1; f <= v1::Flag_MAX; ++f) {
        out.push_back(bit(static_cast<v1::Flag>(f)));
        all |= out.back();
    }
    out.push_back(all);
    out.push_back(all & ~flags({v1::FLAG_CONFLICT, v1::FLAG_STATUTORY_BAR}));
    out.push_back(
        all & ~flags(
                  {v1::FLAG_CONFLICT,
                   v1::FLAG_STATUTORY_BAR,
                   v1::FLAG_DETRIMENT,
                   v1::FLAG_ANONYMOUS_REFERRER}
              )
    );
    return out;
}

template <class Check>
void everywhere(Check&& check, const std::vector<v1::Category>& of = categories) {
    for (const auto set : relevant_flags()) {
        sweep(set, of, [&](const point& p) {
            const auto d = shipped().decide(p);
            if (!check(p, d))
                FAIL(words(p) << " is " << v1::Form_Name(d.form) << " by rule " << d.rule);
        });
    }
}

inline v1::Form form(
    v1::Category c,
    v1::Subject s,
    v1::Role r,
    v1::Purpose p,
    std::uint32_t set = 0,
    v1::RiskLevel k = harm
) {
    return shipped().decide({c, s, r, p, k, set}).form;
}

template <class Set, class Value>
bool among(const Set& set, Value v) {
    return std::find(set.begin(), set.end(), v) != set.end();
}

} // namespace cairn::policy::testing
