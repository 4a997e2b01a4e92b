// Which of two answers for one point decides.
#pragma once

#include "policy/decision.hpp"

#include <chrono>
#include <vector>

namespace cairn::policy {

// By tier, inside a tier by form (the strictest of bar and deny, the most open of must and allow),
// then by number.
bool decides_before(const decision& a, const decision& b);

// What a rule says wherever it decides.
inline decision decision_of(const v1::Rule& r) {
    return {r.form(), r.tier(), r.number(), r.reason()};
}

// The rules in force on that day, the most decisive first.
std::vector<const v1::Rule*> in_order(const v1::Policy& policy, std::chrono::sys_days today);

template <class Flags>
std::uint32_t mask_of(const Flags& flags) {
    std::uint32_t out = 0;
    for (const int f : flags) out |= bit(static_cast<v1::Flag>(f));
    return out;
}

// Flags that the rule mentions, to have or to lack: no other changes what it does.
inline std::uint32_t flags_of(const v1::Rule& r) {
    return mask_of(r.when()) | mask_of(r.unless());
}

} // namespace cairn::policy
