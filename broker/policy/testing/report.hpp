// What a test of a policy text found, as its author reads it.
#pragma once

#include "policy/proof/breaks.hpp"
#include "policy/proof/wording.hpp"
#include "policy/testing/mutation.hpp"

namespace cairn::policy {

// Case, scenario, what was decided by which rule, and what the case expects; several lines.
std::string say_missed(const wording& words, const v1::PolicyCase& c, const decision& got);
// The rule, and a point where a case would cover it.
std::string say_uncovered(const wording& words, const uncovered_rule& u);
// The rule, what was done to it, and the point where a case would notice.
std::string say_survivor(const wording& words, const survivor& s);

// What each case that shows something stands on: its name, the rule, its provisions; two lines a
// case. For a file that is read and kept: a rule that loses a provision shows as the cases that do.
std::string
grounds_of(const wording& words, const v1::PolicyCases& cases, const rules_by_number& rules);

} // namespace cairn::policy
