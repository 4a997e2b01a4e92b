// The broker's routes with a planted bug between handler and connection.
#pragma once

#include "core/crypto.hpp"
#include "session/call.hpp"
#include "simulation/faults.hpp"

namespace cairn::sim {

// Wraps what the bug concerns; `log_key` signs what must never have been signed.
void spoil(session::router& routes, bug planted, const ed25519_private& log_key);

} // namespace cairn::sim
