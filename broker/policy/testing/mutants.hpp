// Small wrongs done to a policy text, one at a time: each should be noticed by a case, an invariant
// or the check of the text.
#pragma once

#include "policy/decision.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn::policy {

struct mutant {
    // Number of the rule, and its place in the text.
    std::uint32_t rule = 0;
    int at = 0;
    // What was done, for people: "shows what it hid", "for any role".
    std::string what;
    // The rule as it is now; nothing: it was taken out.
    std::optional<v1::Rule> instead;
};

// Of each rule: its effect turned round, it taken out, and each condition dropped: a list of
// categories, subjects, roles or purposes, the least risk, each flag of `when` and of `unless`.
// A turned rule shows in full or masks, in the neighbouring tier of like strength (bar and must,
// deny and allow), so that it is a text somebody could have written.
std::vector<mutant> mutants_of(const v1::Policy& policy);

v1::Policy applied(const v1::Policy& policy, const mutant& m);

} // namespace cairn::policy
