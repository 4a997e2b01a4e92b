// The durable store and the log in one: ledger.db and keys.db in one folder.
//
// Invariants
//  1. One writer: one connection does every write and every checkpoint of the WAL (SQLite before
//     3.51.3 can corrupt a WAL database that two connections write or checkpoint at once).
//  2. A draft's `done` gets success only after COMMIT returned OK under synchronous=FULL, and while
//     both files still have the names they were opened by.
//  3. After a failed COMMIT the ledger is poisoned: every later draft fails with storage_failed,
//  and
//     only a new start, which reads what is really there, serves again. One failure is clean: a
//     full disk refuses a page before the transaction is whole, so it is rolled back, its drafts
//     fail with storage_full, and the ledger goes on. The same holds for keys.db.
//  4. State tables change in the record's transaction and can be rebuilt from leaves and vault.
//  5. No two released checkpoints of one size differ, also where ledger.db is an older copy: it is
//     refused at the start if it ends before the last head written beside the keys.
//
//   opening ─ok─▶ serving ─commit error─▶ poisoned (left only by a new process)
//
// Thread: append(), take_key(), head() any; run_once() the ledger thread only; readers() any.
#pragma once

#include "core/clock.hpp"
#include "ledger/draft.hpp"
#include "ledger/reader.hpp"

#include <memory>
#include <string>

namespace cairn::ledger {

struct options {
    // Holds ledger.db, keys.db and the lock file.
    std::string folder;
    // SQLite VFS by name; empty: the system's. Simulation and fault tests bring their own.
    std::string vfs;
    // Wraps the data keys.
    key256 partnership_key{};
    // Signs checkpoints.
    ed25519_private log_key{};
    // "northshire.example"; log origins are "<partnership>/<year>".
    std::string partnership;
    // No lock file: in-memory folders of the simulation.
    bool no_lock = false;
    std::size_t slots_ahead = 0; // 0: limits::key_slots_ahead
    std::size_t index_keys = 0;  // 0: limits::index_keys_in_memory
    int wal_pages = 0;           // 0: limits::wal_pages
};

struct head {
    std::uint32_t year = 0;
    std::uint64_t size = 0;
    // Signed note of the last commit; empty before the first.
    std::string checkpoint;
};

// What a commit cost, for the bench and metrics.
struct writer_counters {
    std::uint64_t commits = 0;
    std::uint64_t records = 0;
    std::uint64_t notices = 0;
    std::uint64_t confirmed = 0;
    std::uint64_t refused_full = 0;
    std::int64_t busy_ns = 0; // CPU inside run_once; waiting for the disk is none
    int wal_pages = 0;        // in the write-ahead log after the last commit or copy
};

class ledger {
public:
    virtual ~ledger() = default;

    // New files in an empty folder. errc::storage_foreign when there is something already.
    static result<std::unique_ptr<ledger>>
    create(options o, const clock& time, random_source& random);
    // Recovers, checks, takes the lock, makes key slots. errc::storage_in_use, storage_foreign
    // (newer or foreign file), keys_missing (keys.db gone, older or of another ledger),
    // log_damaged, storage_full, storage_read_only.
    static result<std::unique_ptr<ledger>>
    open(options o, const clock& time, random_source& random);

    // Queues a draft; urgent ones are drained first. errc::overloaded when limits::queue_records or
    // queue_bytes are full (done is not called then), storage_failed when poisoned.
    virtual status append(draft d) = 0;
    // The same without waking a sleeping writer: for callers with more to bring, who call wake()
    // soon. A writer at work takes it with its next batch either way. On errc::overloaded `d` is
    // untouched, for the caller to bring again.
    virtual status append_quietly(draft& d) = 0;
    virtual void wake() {}
    // Makes wait() return once though nothing is queued: whoever watches the writer sees it turn.
    virtual void nudge() {}
    // A fresh data key. errc::overloaded when the slots ran out for the moment.
    virtual result<data_key> take_key() = 0;
    // Takes what is queued (limits::group_records, group_bytes), commits, signs, completes. True
    // when it did anything. Checkpoints the WAL and refills slots when the queue is empty.
    virtual bool run_once() = 0;
    // Blocks until work is queued or `stop` was called; the thread body is
    // `while (wait()) run_once();`. Drains before it returns false.
    virtual bool wait() = 0;
    virtual void stop() = 0;
    [[nodiscard]] virtual bool poisoned() const = 0;
    // Called on the ledger thread once after each commit's completions: flush mailboxes here.
    virtual void after_commit(std::function<void()> hook) = 0;

    [[nodiscard]] virtual head current_head() const = 0;
    // C2SP verifier key of a year's log.
    [[nodiscard]] virtual std::string vkey(std::uint32_t year) const = 0;
    // For keyed hashes outside the log: idempotency, challenge ids.
    [[nodiscard]] virtual key256 keyed_hash_key(std::string_view use) const = 0;
    // Read side: own connections, bounded time. Any thread.
    [[nodiscard]] virtual reader& read() = 0;
    [[nodiscard]] virtual writer_counters counters() const = 0;
    // Names of failing checks with their cause; empty: ready.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> failing_checks() = 0;
};

} // namespace cairn::ledger
