// The part of a start that needs no network: the daemon and the simulation share it.
#pragma once

#include "daemon/policy_version.hpp"
#include "daemon/services.hpp"

namespace cairn::daemon {

// What a start decides by: at least one of both.
struct chosen_policy {
    // None: there is nothing to decide by.
    std::optional<policy_version> version;
    // The configured text, where it is refused; `version` is then the last that was in force.
    std::optional<refused_policy> refused;
};
// The configured text, or else the last good one of the log, after the same checks. Where the file
// of signers is bad it is not known whose signatures count: then those that did when the text was
// put in force. Reads files and the ledger.
chosen_policy choose_policy(ledger::ledger& store, const config& c, std::int64_t now_us);

// Fills the runtime from its ledger: hash keys, registry, policy. A policy text not yet in the log
// is recorded before it decides anything, and so are a refusal and a first proof; the start is a
// record too, with `started_with` as its detail. Drives the ledger itself, so before its thread
// runs. errc::log_damaged; of a policy without a version its refusal, which is on record then.
status prepare(runtime& rt, const chosen_policy& policy, std::string_view started_with = {});

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

// Appends and waits until it is on disk: not the ledger's thread, which must run. Gives the moment
// of the record.
result<std::int64_t> append_and_wait(runtime& rt, ledger::draft d);

// Compiles the policy for the day of `now_us` and swaps it in: rules begin by date. Where it does
// not compile there is none from here on, and every submission is refused. Any thread.
status apply_policy_day(runtime& rt, std::int64_t now_us);

// Every method of the exchange, admin and audit services and the pages.
void add_all(session::router& routes, services& s);

} // namespace cairn::daemon
