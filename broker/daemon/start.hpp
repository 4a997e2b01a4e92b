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
// The same while the ledger's thread runs; a note that cannot be written is logged. `by`: the admin
// who asked for what is noted; null: the broker itself. Any thread.
void queue_note(
    runtime& rt,
    std::string_view what,
    std::string_view detail,
    const registry::caller* by = nullptr
);

// Compiled for the day of `now_us`, its routing proved.
result<std::shared_ptr<const policy::table>>
proved_policy(const std::string& text, std::int64_t now_us);
// Writes the policy's record and waits until it is on disk: not the ledger's thread, which must
// run.
status record_policy(runtime& rt, const policy::table& policy, const std::string& text);

// Compiles the policy for the day of `now_us` and swaps it in: rules begin by date. Where it does
// not compile there is none from here on, and every submission is refused. Any thread.
status apply_policy_day(runtime& rt, std::int64_t now_us);

// Every method of the exchange, admin and audit services and the pages.
void add_all(session::router& routes, services& s);

} // namespace cairn::daemon
