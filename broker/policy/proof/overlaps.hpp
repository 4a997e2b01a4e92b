// Pairs of rules that speak of one point, of which one decides.
#pragma once

#include "policy/decision.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace cairn::policy {

struct overlaps {
    // Of one tier and with another outcome: the form decides between them, or the number. By
    // number, the one that decides first.
    std::set<std::pair<std::uint32_t, std::uint32_t>> of_one_tier;
    // A bar over a must, a must over a deny.
    std::set<std::pair<std::uint32_t, std::uint32_t>> over;
};

overlaps find_overlaps(const v1::Policy& policy, std::chrono::sys_days today);

} // namespace cairn::policy
