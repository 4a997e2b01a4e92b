// Takes configuration, certificates, revocation list, policy and calendar anew while the broker
// runs: all of it or nothing (ADR 20).
#pragma once

#include "daemon/differences.hpp"
#include "daemon/services.hpp"

#include <mutex>

namespace cairn::daemon {

// Reads every file that `c` names and a reload may change, but for the policy, which the caller
// puts in. The first that is bad is the failure.
result<loaded_files> read_files(loaded_config c, std::int64_t now_us);

// When the last reload was asked for, and what became of it.
struct reload_outcome {
    std::int64_t at_us = 0;
    bool dry_run = false;
    status how;
};

class reloader {
public:
    struct hooks {
        // Whether the files could be used for TLS; changes nothing.
        std::function<status(const transport::tls_files&)> try_tls;
        std::function<status(const transport::tls_files&)> use_tls;
        // Live connections now.
        std::function<std::uint64_t()> connections;
        std::function<void(log_level)> use_level;
    };

    // `now`: what is in force. Before the services run.
    reloader(services& s, loaded_files now, hooks h);

    // Blocks: reads files, and waits for the record of a new policy. Any thread but the ledger's
    // and the network's. `by` null: a signal. errc::overloaded while another is under way; what
    // else it fails with names the file, and everything stays as it was. Logged, counted, and with
    // anything changed noted in the log of records. A dry run that fails is as loud as a reload: a
    // file that cannot be taken is one with which the broker would not start. A policy that is
    // refused is a record, whoever asked; again only where a good one was seen since, or another.
    result<v1::ReloadResponse> reload(bool dry_run, const registry::caller* by);

    // Any thread.
    [[nodiscard]] std::shared_ptr<const loaded_files> in_force() const { return now_.now(); }
    // Of the last reload, or of a dry run since that was refused. Null: none since the start.
    [[nodiscard]] std::shared_ptr<const reload_outcome> last() const;

private:
    result<v1::ReloadResponse> attempt(bool dry_run, const registry::caller* by);
    result<policy_version> next_policy(const config& c);
    void record_refusal(const refused_policy& refused);
    status take(loaded_files next);
    status take_policy(const policy_version& version);
    void remember(bool dry_run, status how);
    void tell(const v1::ReloadResponse& done, const registry::caller* by);

    services& s_;
    hooks hooks_;
    // One reload at a time.
    std::mutex mutex_;
    // A good policy was seen since the last refusal on record.
    bool settled_;
    swapped<loaded_files> now_;
    swapped<reload_outcome> last_;
    swapped<reload_outcome> refused_dry_run_;
};

} // namespace cairn::daemon
