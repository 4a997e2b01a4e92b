// What a policy text promises, held against every point of the decision space; ADR 22.
#pragma once

#include "core/bytes.hpp"
#include "policy/decision.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn::policy {

// Goes up with every change of what is proved or of what the semantic digest covers: a text proved
// by the same version is not proved again.
inline constexpr std::uint32_t prover_version = 1;

// One promise that is not kept.
struct counterexample {
    // Name of the invariant.
    std::string invariant;
    // The first broken point in the order category, subject, role, purpose, risk, flags: no flag is
    // set in it that does not matter.
    point at;
    decision got;
    // For people, in the words of the policy.
    std::string sentence;
};

struct proof {
    // The whole space.
    std::uint64_t points = 0;
    // How often a list of rows was walked to know all of them.
    std::uint64_t walks = 0;
    digest semantic{};
    // The first of each invariant that is broken, in the text's order.
    std::vector<counterexample> broken;
};

// What the broker promises of every text, then what the text promises itself.
std::vector<v1::Invariant> promises_of(const v1::Policy& policy);

// `policy` has passed check(); rules not in force on `today` are left out.
proof prove(const v1::Policy& policy, std::chrono::sys_days today);

// Equal for two texts exactly where they decide the same form, tier and reason at every point.
digest semantic_digest(const v1::Policy& policy, std::chrono::sys_days today);

} // namespace cairn::policy
