#include "ledger/store.hpp"

#include "ledger/proofs.hpp"
#include "ledger/verify.hpp"

namespace cairn::ledger {
namespace {

// A quiet writer copies its log to the database from this part of its most on, a busy one from
// that.
constexpr int quiet_part = 16;
constexpr int busy_part = 4;
constexpr std::chrono::milliseconds cut_slack{500};
constexpr std::int64_t clock_slack_us = 2'000'000;

} // namespace

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
    out.withdrawn = s.withdrawn;
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

} // namespace cairn::ledger
