// What a test of a policy text found, as its author reads it.
#pragma once

#include "policy/proof/wording.hpp"
#include "policy/testing/mutation.hpp"

namespace cairn::policy {

// Case, scenario, what was decided by which rule, and what the case expects; several lines.
std::string say_missed(const wording& words, const v1::PolicyCase& c, const decision& got);
// The rule, and a point where a case would cover it.
std::string say_uncovered(const wording& words, const uncovered_rule& u);
// The rule, what was done to it, and the point where a case would notice.
std::string say_survivor(const wording& words, const survivor& s);

} // namespace cairn::policy
