// Small wrongs done to a policy text, one at a time: each should be noticed by a case, by what the
// cases stand on, by an invariant or by the check of the text.
#pragma once

#include "policy/decision.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cairn::policy {

// What a wrong takes from a rule; each kind is counted by itself.
enum class wrong {
    effect,    // turned round
    whole,     // the rule itself
    condition, // a whole list, or the least risk: then it speaks of any
    category,  // one value of a list that has more
    subject,
    role,
    purpose,
    flag,  // one of `when` or `unless`
    route, // one provision it stands on
    risk,  // the least risk, a step higher or lower
};
inline constexpr std::size_t wrongs = 10;
// For people: "one role".
const char* to_string(wrong kind);

struct mutant {
    wrong kind = wrong::effect;
    // Number of the rule, and its place in the text.
    std::uint32_t rule = 0;
    int at = 0;
    // What was done, for people: "shows what it hid", "for any role".
    std::string what;
    // The rule as it is now; nothing: it was taken out.
    std::optional<v1::Rule> instead;
};

// Of each rule every wrong there is. A turned rule shows in full or masks, in the neighbouring tier
// of like strength (bar and must, deny and allow), so that it is a text somebody could have
// written.
std::vector<mutant> mutants_of(const v1::Policy& policy);

v1::Policy applied(const v1::Policy& policy, const mutant& m);

} // namespace cairn::policy
