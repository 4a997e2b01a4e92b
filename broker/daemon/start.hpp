// The part of a start that needs no network: the daemon and the simulation share it.
#pragma once

#include "daemon/services.hpp"

namespace cairn::daemon {

// Fills the runtime from its ledger: hash keys, registry, policy. A policy text not yet in the log
// is recorded before it decides anything, and the start is a record too. Drives the ledger itself,
// so before its thread runs. errc::log_damaged, policy_missing and what the policy's checks say.
status prepare(runtime& rt, const std::string& policy_text);

// Every method of the exchange, admin and audit services and the pages.
void add_all(session::router& routes, services& s);

} // namespace cairn::daemon
