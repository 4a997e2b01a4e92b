// A counterexample as people read it.
#pragma once

#include "policy/proof/breaks.hpp"
#include "policy/proof/wording.hpp"

namespace cairn::policy {

// `U6 "Injuries reach ...": police in the multi-agency hub, for ..., would not see injuries of the
// child, by rule 9 "...". Owed: in full. Harm: ...`
std::string
say_broken(const wording& words, const v1::Invariant& invariant, const broken_at& broken);

} // namespace cairn::policy
