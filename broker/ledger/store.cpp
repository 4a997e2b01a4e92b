#include "ledger/ledger.hpp"

#include "core/limits.hpp"
#include "ledger/batch.hpp"
#include "ledger/files.hpp"
#include "ledger/key_copier.hpp"
#include "ledger/proofs.hpp"
#include "ledger/queue.hpp"
#include "ledger/read_pool.hpp"
#include "ledger/schema.hpp"
#include "ledger/verify.hpp"

#include <atomic>
#include <mutex>

namespace cairn::ledger {
namespace {

// A quiet writer copies its log to the database from this part of its most on, a busy one from
// that.
constexpr int quiet_part = 16;
constexpr int busy_part = 4;
constexpr std::chrono::milliseconds cut_slack{500};
constexpr std::int64_t clock_slack_us = 2'000'000;

constexpr const char* put_meta =
    "INSERT INTO meta(id, ledger, partnership, log_key, created_us) VALUES (1, ?, ?, ?, ?)";

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

bool store::run_once() {
    std::vector<draft> drafts = queue_.take();
    const duration from = time_.thread_cpu();
    const bool any = !drafts.empty();
    if (any)
        commit(drafts);
    else
        (void) check_files();
    if (!poisoned_) housekeep();
    const std::lock_guard hold(head_mutex_);
    counters_.wal_pages = db_->wal_pages();
    if (any) counters_.busy_ns += (time_.thread_cpu() - from).count();
    return any;
}

void store::commit(std::vector<draft>& drafts) {
    if (poisoned_) {
        for (draft& d : drafts) {
            if (d.done) d.done(fail(errc::storage_failed));
        }
        return;
    }
    batch b(*db_, *keys_, *index_, with_, state_, to_us(time_.wall_now()));
    status ok = check_files();
    if (ok) ok = write(b, drafts);
    // Again: what was written into a file without a name is on no disk.
    if (ok) ok = check_files();
    if (!ok) {
        const errc code =
            ok.error().code == errc::storage_full ? errc::storage_full : errc::storage_failed;
        for (draft& d : drafts) {
            if (d.done) d.done(fail(code, {}, ok.error().detail));
        }
        return;
    }
    if (b.records() != 0) {
        b.advance();
        keys_->note_head({state_.last(), state_.tree.root()});
    }
    full_ = false;
    publish_head();
    complete(b, drafts);
}

status store::check_files() {
    if (!watch_.replaced()) return {};
    poison();
    return fail(errc::storage_failed, "folder", "a file of the ledger was deleted or replaced");
}

status store::write(batch& b, std::vector<draft>& drafts) {
    if (const status ok = db_->exec("BEGIN IMMEDIATE"); !ok) {
        roll_back(ok.error());
        return ok;
    }
    status ok = b.write(drafts);
    if (!ok) {
        roll_back(ok.error());
        return ok;
    }
    ok = db_->exec("COMMIT");
    if (!ok) roll_back(ok.error());
    return ok;
}

// A full disk refuses the write before the transaction's last page is whole, so nothing of it can
// come back. Any other failure may show itself again only after the next start (a failed fsync
// leaves the transaction invisible here and there on reopening): this process must not go on.
void store::roll_back(const failure& why) {
    const bool full = why.code == errc::storage_full;
    if (!db_->idle()) (void) db_->exec("ROLLBACK");
    if (!full || !db_->idle()) return poison();
    full_ = true;
    auto again = load_state(*db_, options_.partnership, public_key_);
    if (!again) return poison();
    state_ = std::move(*again);
    index_->rolled_back();
}

void store::complete(const batch& b, std::vector<draft>& drafts) {
    std::uint64_t notices = 0;
    std::uint64_t confirmed = 0;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        draft& d = drafts[i];
        const result<committed> r = outcome(b, b.outcomes()[i], d);
        wipe(d.seed.data(), d.seed.size());
        if (r && !r->repeated) {
            confirmed += r->confirmed;
            if (const auto* e = std::get_if<concern_effect>(&d.changes))
                notices += e->notices.size();
        }
        if (d.done) d.done(r);
    }
    {
        const std::lock_guard hold(head_mutex_);
        if (b.records() != 0) ++counters_.commits;
        counters_.records += b.records();
        counters_.notices += notices;
        counters_.confirmed += confirmed;
    }
    if (hook_) hook_();
}

result<committed> store::outcome(const batch& b, const staged& s, const draft& d) {
    if (s.refused) return *s.refused;
    if (s.repeats) return repeat(s);
    committed out;
    out.at = s.at;
    out.recorded_at_us = state_.last_us;
    out.receipt = b.receipt(s);
    out.confirmed = s.confirmed;
    if (const auto* e = std::get_if<concern_effect>(&d.changes)) {
        out.concern_id = e->concern_id;
        out.thread = e->thread.empty() ? e->concern_id : e->thread;
    }
    return out;
}

// By the same path as a reader's proof: a receipt is a pure function of the record's place and its
// commit's head, so a repeat gets the bytes of the first time.
result<committed> store::repeat(const staged& s) {
    const auto r = read_record(*db_, *s.repeats);
    if (!r) return r.error();
    committed out;
    out.at = r->at;
    out.recorded_at_us = r->recorded_us;
    out.repeated = true;
    out.concern_id = r->id;
    out.thread = r->thread;
    std::string first;
    if (r->entries) {
        const auto entries = split_sized(*r->entries);
        if (!entries) return entries.error();
        if (!entries->empty()) {
            const auto entry = merkle::decode_entry(entries->front());
            if (!entry) return entry.error();
            first = entry->party;
        }
    }
    auto receipt = make_receipt(*db_, *keys_, r->at, first);
    if (!receipt) return receipt.error();
    out.receipt = std::move(*receipt);
    return out;
}

void store::housekeep() {
    const bool quiet = queue_.empty();
    keep_keys(quiet);
    if (!poisoned_) copy_log(quiet);
}

// As with commits: no room is a refusal, and goes on when there is room; anything else may leave
// keys on the disk that are not those in memory, so this process must not go on.
void store::keep_keys(bool quiet) {
    status ok = keys_->refill(quiet);
    // After a full disk also with nothing to write: it tells whether there is room again.
    const bool tries = tries_.exchange(false);
    const bool late = keys_->heads_behind() >= limits::released_head_commits;
    if (ok && (tries || late)) ok = keys_->write_head();
    if (ok && tries) full_ = false;
    if (ok) return;
    if (ok.error().code == errc::storage_full)
        full_ = true;
    else
        poison();
}

// Copying waits for nobody, and so may never reach the point where the log can begin anew: past a
// size, and once a day when it is quiet, the log is cut.
void store::copy_log(bool quiet) {
    const int pages = db_->wal_pages();
    const auto day = std::chrono::floor<std::chrono::days>(time_.wall_now());
    const bool daily = quiet && day != cut_on_ && pages != 0;
    const bool cuts = daily || pages >= next_cut_;
    if (!cuts && pages < wal_most_ / (quiet ? quiet_part : busy_part)) return;
    const duration patience = daily ? duration{0} : limits::query_time + cut_slack;
    const status ok = cuts ? db_->checkpoint_truncate(patience) : db_->checkpoint_passive();
    if (cuts && ok) {
        cut_on_ = day;
        next_cut_ = wal_most_;
    } else if (pages >= next_cut_) {
        // Somebody reads for longer than anybody should: not at every commit again.
        next_cut_ = pages + wal_most_ / busy_part;
    }
    if (ok || ok.error().code == errc::storage_in_use) return;
    if (ok.error().code == errc::storage_full)
        full_ = true;
    else
        poison();
}

void store::publish_head() {
    last_us_ = state_.last_us;
    const std::lock_guard hold(head_mutex_);
    head_ = {state_.year, state_.tree.size(), state_.checkpoint};
}

std::vector<std::pair<std::string, std::string>> store::failing_checks() {
    auto out = watch_.failing();
    if (poisoned_) out.emplace_back("ledger", "a write failed; restart the broker");
    if (full_) {
        out.emplace_back("disk", "the last write found no room");
        // Nobody may send to a broker that is not ready: somebody else has to try again.
        tries_ = true;
        queue_.ask();
    }
    const std::int64_t behind = last_us_ - to_us(time_.wall_now());
    if (behind > clock_slack_us) {
        out.emplace_back("clock", std::to_string(behind / 1'000'000) + " s behind the last record");
    }
    return out;
}

status write_meta(sql::database& db, const options& o, const ledger_id& id, std::int64_t now_us) {
    const ed25519_public key = public_of(o.log_key);
    sql::query q(db, put_meta);
    q.bind_blob(id_view(id)).bind_text(o.partnership);
    q.bind_blob({reinterpret_cast<const char*>(key.raw.data()), key.raw.size()});
    return q.bind(now_us).run();
}

// The rest of create() and open(): everything that needs both files.
result<std::unique_ptr<ledger>> start(options o, const clock& time, parts p) {
    auto state = load_state(*p.db, o.partnership, public_of(o.log_key));
    if (!state) return state.error();
    p.state = std::move(*state);
    CAIRN_TRY(check_released(*p.db, p.state, *p.keys));
    CAIRN_TRY(check_newest_key(*p.db, p.state, *p.keys));
    p.keys->note_head({p.state.last(), p.state.tree.root()});
    const std::size_t ahead = o.slots_ahead == 0 ? limits::key_slots_ahead : o.slots_ahead;
    CAIRN_TRY(p.keys->start(p.state.top_slot, ahead));
    p.index =
        std::make_unique<lookups>(o.index_keys == 0 ? limits::index_keys_in_memory : o.index_keys);
    CAIRN_TRY(p.index->load(*p.db));
    auto readers = read_pool::open(
        {ledger_file(o.folder, o.vfs), o.partnership, public_of(o.log_key)}, time, *p.keys, *p.index
    );
    if (!readers) return readers.error();
    p.readers = std::move(*readers);
    return std::unique_ptr<ledger>(std::make_unique<store>(std::move(o), time, std::move(p)));
}

} // namespace

result<std::unique_ptr<ledger>>
ledger::create(options o, const clock& time, random_source& random) {
    parts p;
    if (!o.no_lock) {
        CAIRN_TRY(make_folder(o.folder));
        auto lock = folder_lock::take(o.folder);
        if (!lock) return lock.error();
        p.lock = std::move(*lock);
    }
    const sql::file ledger_db = ledger_file(o.folder, o.vfs);
    const sql::file keys_db = keys_file(o.folder, o.vfs);
    if (sql::exists(ledger_db) || sql::exists(keys_db)) {
        return fail(errc::storage_foreign, "folder", "there is a ledger already");
    }
    ledger_id id{};
    random.fill(id);
    auto keys = key_store::create(keys_db, o.partnership_key, id, random);
    if (!keys) return keys.error();
    p.keys = std::move(*keys);
    auto db = create_ledger_file(ledger_db);
    if (!db) return db.error();
    p.db = std::move(*db);
    CAIRN_TRY(write_meta(*p.db, o, id, to_us(time.wall_now())));
    return start(std::move(o), time, std::move(p));
}

result<std::unique_ptr<ledger>> ledger::open(options o, const clock& time, random_source& random) {
    auto files = open_files(o, random, true);
    if (!files) return files.error();
    parts p;
    static_cast<open_pair&>(p) = std::move(*files);
    return start(std::move(o), time, std::move(p));
}

} // namespace cairn::ledger
