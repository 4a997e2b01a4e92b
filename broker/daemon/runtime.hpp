// What the services need from around them: time, randomness, the ledger, other threads. In
// production the wiring in broker.cpp fills it in; the simulation runs the same services on one
// thread with its own.
#pragma once

#include "core/clock.hpp"
#include "daemon/json_log.hpp"
#include "ledger/ledger.hpp"
#include "obligations/calendar.hpp"
#include "policy/table.hpp"
#include "registry/authorise.hpp"
#include "registry/snapshot.hpp"
#include "signing/signers.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cairn::daemon {

// An immutable value, swapped whole. Any thread.
template <class T>
class swapped {
public:
    swapped() = default;
    explicit swapped(std::shared_ptr<const T> first) : value_(std::move(first)) {}
    [[nodiscard]] std::shared_ptr<const T> now() const { return std::atomic_load(&value_); }
    void swap_in(std::shared_ptr<const T> next) { std::atomic_store(&value_, std::move(next)); }

private:
    std::shared_ptr<const T> value_;
};

// Where the policy in force comes from.
struct policy_standing {
    std::string text;
    // The note over it.
    std::string note;
    std::vector<signing::signer> signers;
    // When the text was put in force or put back.
    std::int64_t since_us = 0;
    // Why the configured text was refused and this one, the last good one, decides; else empty.
    std::string refused_because;
};

// Threads: every member function may be called from any thread; see each for where work runs.
class runtime {
public:
    virtual ~runtime() = default;
    [[nodiscard]] virtual const clock& time() const = 0;
    [[nodiscard]] virtual random_source& random() = 0;
    [[nodiscard]] virtual ledger::ledger& store() = 0;
    // Index of the network thread the caller is on.
    [[nodiscard]] virtual unsigned here() const = 0;
    // Runs `work` on a network thread. Work posted from the ledger thread is held until the
    // commit's completions are through and then wakes the thread once.
    virtual void post(unsigned thread, std::function<void()> work) = 0;
    // Runs `work`, which may block on the disk, on the query pool. False when the pool's queue is
    // full.
    [[nodiscard]] virtual bool query(std::function<void()> work) = 0;
    // Queues a draft of a submission. Where many come in one turn of a network thread the ledger
    // is woken once for them, so that they share a commit. As ledger::append_quietly: untouched
    // where the queue is full.
    [[nodiscard]] virtual status append(ledger::draft& d) {
        const status ok = store().append_quietly(d);
        if (ok) store().wake();
        return ok;
    }
    // Ends every live connection of a certificate.
    virtual void cut(const std::string& certificate_sha256) = 0;
    // Operational log: never anything personal.
    virtual void log(std::string_view event, std::string_view detail) = 0;
    // The same for what somebody has to look at.
    virtual void alarm(std::string_view event, std::string_view detail) { log(event, detail); }
    // Whether debug() would write: asked before a line is put together.
    [[nodiscard]] virtual bool debugging() const { return false; }
    virtual void
    debug(std::string_view /*event*/, std::string_view /*detail*/, const log_attributes& /*more*/) {
    }

    std::string partnership;
    swapped<registry::snapshot> registry;
    swapped<policy::table> policy;
    // For deadlines; without a table it knows weekends only.
    swapped<obligations::calendar> days{std::make_shared<const obligations::calendar>()};
    // Held by whoever changes policy and its standing: a new day and a reload must not undo each
    // other.
    std::mutex policy_change;
    swapped<policy_standing> standing;
    // Of the ledger's files, for their sizes; empty where there is no disk.
    std::string data_folder;
    // For challenge ids, pseudonyms and body comparison: keyed hashes outside the log.
    key256 pseudonym_key{};
    key256 body_key{};
};

inline std::int64_t now_us(const runtime& rt) {
    return to_us(rt.time().wall_now());
}
// "2026-11-22", UTC.
std::string iso_day(std::int64_t us);
// The same in the United Kingdom, where the days of a policy's rules are meant.
std::string policy_day(std::int64_t us);

} // namespace cairn::daemon
