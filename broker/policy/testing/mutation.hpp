// How many small wrongs in a policy text its cases, its invariants and its check would notice.
#pragma once

#include "policy/testing/cases.hpp"
#include "policy/testing/mutants.hpp"

namespace cairn::policy {

struct survivor {
    mutant changed;
    // The first point that it decides otherwise, as the text decides it and as the mutant does: a
    // case there would find it.
    point where;
    decision before;
    decision after;
};

struct mutation_outcome {
    std::size_t mutants = 0;
    // Refused as a text.
    std::size_t by_check = 0;
    // Some case fails.
    std::size_t by_case = 0;
    // Some invariant breaks that held before.
    std::size_t by_invariant = 0;
    // No case and no invariant noticed, and none could: the semantic digest is the text's own.
    std::size_t equivalent = 0;
    std::vector<survivor> survivors;

    [[nodiscard]] std::size_t killed() const { return by_check + by_case + by_invariant; }
    // Of those that could be noticed, in thousandths.
    [[nodiscard]] std::size_t kill_rate() const;
};

// `policy` compiled, and every case is as expected.
mutation_outcome
run_mutants(const table& policy, const v1::PolicyCases& cases, std::chrono::sys_days today);

} // namespace cairn::policy
