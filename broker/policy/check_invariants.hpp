// The promises of a text, checked as rows: what they promise is the prover's.
#pragma once

#include "policy/parse.hpp"

namespace cairn::policy {

// Invariants and open questions. errc::policy_invalid or policy_contradiction; `where` names line,
// row and what is wrong.
status check_promises(const parsed& text);

} // namespace cairn::policy
