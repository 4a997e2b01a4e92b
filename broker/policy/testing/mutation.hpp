// How many small wrongs in a policy text its cases, its promises and its check would notice.
#pragma once

#include "policy/testing/cases.hpp"
#include "policy/testing/mutants.hpp"

#include <array>

namespace cairn::policy {

struct survivor {
    mutant changed;
    // The first point that it decides otherwise, as the text decides it and as the mutant does: a
    // case there would find it. Of a lost route: the first point where its rule decides.
    point where;
    decision before;
    decision after;
};

// Each wrong is counted once, where it was noticed first.
struct tally {
    std::size_t mutants = 0;
    // Refused as a text.
    std::size_t by_check = 0;
    // Some case fails.
    std::size_t by_case = 0;
    // A case stands on other provisions than the ones on file.
    std::size_t by_grounds = 0;
    // Some promise breaks that held before.
    std::size_t by_invariant = 0;
    // Nobody noticed, and nobody could: the semantic digest is the text's own, and no point loses a
    // provision.
    std::size_t equivalent = 0;

    [[nodiscard]] std::size_t killed() const {
        return by_check + by_case + by_grounds + by_invariant;
    }
    [[nodiscard]] std::size_t unnoticed() const { return mutants - killed() - equivalent; }
    // Of those that could be noticed, in thousandths.
    [[nodiscard]] std::size_t kill_rate() const;
};

struct mutation_outcome {
    tally all;
    // By kind of wrong.
    std::array<tally, wrongs> kinds;
    std::vector<survivor> survivors;
};

// `policy` compiled, and every case is as expected. `grounds`: what the cases stand on is on file,
// as grounds_of() writes it.
mutation_outcome run_mutants(
    const table& policy, const v1::PolicyCases& cases, bool grounds, std::chrono::sys_days today
);

} // namespace cairn::policy
