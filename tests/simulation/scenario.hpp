// One seed, one run: a partnership at work while its network, its machines and its registry change
// under it, then a quiet time, then the questions.
#pragma once

#include "simulation/faults.hpp"
#include "simulation/journal.hpp"

namespace cairn::sim {

struct outcome {
    std::optional<violation> found;
    // Byte for byte the same for the same seed and bug.
    std::string trace;
    std::map<std::string, std::uint64_t> totals;
    // For a person who looks at a violation.
    std::string tail;
};

outcome run_scenario(std::uint64_t seed, bug planted = bug::none);

} // namespace cairn::sim
