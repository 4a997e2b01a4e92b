// The ledger that writes: one thread runs it, any thread queues for it and reads.
#pragma once

#include "core/limits.hpp"
#include "ledger/batch.hpp"
#include "ledger/files.hpp"
#include "ledger/key_copier.hpp"
#include "ledger/ledger.hpp"
#include "ledger/queue.hpp"
#include "ledger/read_pool.hpp"

#include <atomic>
#include <mutex>

namespace cairn::ledger {

// What ledger::create and ledger::open hand over: both files open, their state read.
struct parts : open_pair {
    std::unique_ptr<lookups> index;
    std::unique_ptr<read_pool> readers;
    log_state state;
};

class store final : public ledger, public key_copier {
public:
    store(options o, const clock& time, parts p)
        : options_(std::move(o)), time_(time), lock_(std::move(p.lock)), keys_(std::move(p.keys)),
          index_(std::move(p.index)), db_(std::move(p.db)), readers_(std::move(p.readers)),
          state_(std::move(p.state)),
          watch_(options_.vfs.empty() ? folder_watch(options_.folder) : folder_watch()),
          public_key_(public_of(options_.log_key)),
          wal_most_(options_.wal_pages == 0 ? limits::wal_pages : options_.wal_pages),
          next_cut_(wal_most_), cut_on_(std::chrono::floor<std::chrono::days>(time.wall_now())) {
        with_.partnership = options_.partnership;
        with_.log_key.emplace(options_.log_key);
        with_.submission_key = keyed_hash_key("submission");
        with_.record_key = keyed_hash_key("record");
        publish_head();
    }
    ~store() override {
        // So that whatever comes back instead of this ledger.db must reach its end.
        if (!poisoned_ && keys_->heads_behind() > 0 && !watch_.replaced())
            (void) keys_->write_head();
        wipe(options_.partnership_key);
        wipe(options_.log_key.seed.data(), options_.log_key.seed.size());
        wipe(with_.submission_key);
        wipe(with_.record_key);
    }

    status append(draft d) override { return queue(d, false); }
    status append_quietly(draft& d) override { return queue(d, true); }
    void wake() override { queue_.wake(); }
    void nudge() override { queue_.ask(); }
    result<data_key> take_key() override {
        auto key = keys_->take();
        // Without keys nobody brings work, and without work nobody would make keys.
        if (!key) queue_.ask();
        return key;
    }
    bool run_once() override;
    bool wait() override { return queue_.wait(); }
    void stop() override { queue_.stop(); }
    [[nodiscard]] bool poisoned() const override { return poisoned_; }
    void after_commit(std::function<void()> hook) override { hook_ = std::move(hook); }

    [[nodiscard]] head current_head() const override {
        const std::lock_guard hold(head_mutex_);
        return head_;
    }
    [[nodiscard]] std::string vkey(std::uint32_t year) const override {
        return merkle::print_vkey(
            {origin_of(options_.partnership, year), merkle::key_type::ed25519, public_key_}
        );
    }
    [[nodiscard]] key256 keyed_hash_key(std::string_view use) const override {
        return keys_->keyed_hash_key(use);
    }
    [[nodiscard]] reader& read() override { return *readers_; }
    [[nodiscard]] writer_counters counters() const override {
        const std::lock_guard hold(head_mutex_);
        writer_counters out = counters_;
        out.refused_full = refused_full_;
        return out;
    }
    status copy_keys(const std::string& path) override { return keys_->copy_to(path); }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> failing_checks() override;

private:
    status queue(draft& d, bool quietly) {
        if (poisoned_) return fail(errc::storage_failed);
        if (queue_.put(d, quietly)) return {};
        ++refused_full_;
        failure full = fail(errc::overloaded, "ledger queue");
        full.retry_after_ms = 100;
        return full;
    }

    // Of one transaction; `drafts` are completed in any case.
    void commit(std::vector<draft>& drafts);
    status check_files();
    status write(batch& b, std::vector<draft>& drafts);
    void roll_back(const failure& why);
    void complete(const batch& b, std::vector<draft>& drafts);
    result<committed> outcome(const batch& b, const staged& s, const draft& d);
    result<committed> repeat(const staged& s);
    void housekeep();
    void keep_keys(bool quiet);
    void copy_log(bool quiet);
    void publish_head();
    void poison() {
        poisoned_ = true;
        // What a failed commit left in the log is for the next start to read, not for us to copy.
        db_->leave_log_alone();
    }

    options options_;
    const clock& time_;
    folder_lock lock_;
    std::unique_ptr<key_store> keys_;
    std::unique_ptr<lookups> index_;
    // Closed after the readers: the last connection to close copies the log, and only this one may.
    std::unique_ptr<sql::database> db_;
    std::unique_ptr<read_pool> readers_;
    log_state state_;
    folder_watch watch_;
    ed25519_public public_key_;
    writer_keys with_;
    draft_queue queue_;
    // Of the write-ahead log: its most pages, when it is cut next, and when it was last.
    const int wal_most_;
    int next_cut_;
    std::chrono::sys_days cut_on_;
    std::function<void()> hook_;
    std::atomic<bool> poisoned_{false};
    std::atomic<bool> full_{false};
    std::atomic<bool> tries_{false};
    std::atomic<std::int64_t> last_us_{0};
    std::atomic<std::uint64_t> refused_full_{0};

    // Guards head_, counters_.
    mutable std::mutex head_mutex_;
    head head_;
    writer_counters counters_;
};

} // namespace cairn::ledger
