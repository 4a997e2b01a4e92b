// Which of two rules that speak of one point decides.
#pragma once

#include "policy/decision.hpp"

#include <chrono>
#include <vector>

namespace cairn::policy {

bool decides_before(const v1::Rule& a, const v1::Rule& b);

// The rules in force on that day, the most decisive first.
std::vector<const v1::Rule*> in_order(const v1::Policy& policy, std::chrono::sys_days today);

template <class Flags>
std::uint32_t mask_of(const Flags& flags) {
    std::uint32_t out = 0;
    for (const int f : flags) out |= bit(static_cast<v1::Flag>(f));
    return out;
}

} // namespace cairn::policy
