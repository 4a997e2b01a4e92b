// The part of a start that needs no network: the daemon and the simulation share it.
#pragma once

#include "daemon/services.hpp"

namespace cairn::daemon {

// Fills the runtime from its ledger: hash keys, registry, policy. A policy text not yet in the log
// is recorded before it decides anything, and the start is a record too, with `started_with` as its
// detail. Drives the ledger itself, so before its thread runs. errc::log_damaged, policy_missing
// and what the policy's checks say.
status prepare(runtime& rt, const std::string& policy_text, std::string_view started_with = {});

// A note in the log, on disk when this returns. Drives the ledger itself, so before its thread runs
// or after it ended.
status write_note(runtime& rt, std::string_view what, std::string_view detail = {});
// The same while the ledger's thread runs; a note that cannot be written is logged. Any thread.
void queue_note(runtime& rt, std::string_view what, std::string_view detail);

// Compiles the policy for the day of `now_us` and swaps it in: rules begin by date. Where it does
// not compile there is none from here on, and every submission is refused. Any thread.
status apply_policy_day(runtime& rt, std::int64_t now_us);

// Every method of the exchange, admin and audit services and the pages.
void add_all(session::router& routes, services& s);

} // namespace cairn::daemon
