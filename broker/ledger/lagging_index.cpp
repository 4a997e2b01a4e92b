#include "ledger/lagging_index.hpp"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* ask_place = "SELECT floor, round, next FROM lag WHERE no = ?";
constexpr const char* put_place_text =
    "INSERT INTO lag(no, floor, round, next) VALUES (?, ?, ?, ?) ON CONFLICT (no) DO UPDATE SET"
    " floor = excluded.floor, round = excluded.round, next = excluded.next";

constexpr lagging_index::texts concern_texts{
    1,
    "SELECT pos FROM concern WHERE id = ?",
    "INSERT INTO concern(id, pos) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
    "SELECT id, pos FROM record WHERE pos >= ? AND typeof(id) = 'blob'",
};
constexpr lagging_index::texts submission_texts{
    2,
    "SELECT pos FROM submission WHERE key = ?",
    "INSERT INTO submission(key, pos) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
    "SELECT submission, pos FROM record WHERE pos >= ? AND submission IS NOT NULL",
};

bytes_view view_of(const lagging_index::key& k) {
    return {reinterpret_cast<const char*>(k.data()), k.size()};
}

} // namespace

std::uint64_t lagging_index::find_in(const std::vector<entry>& entries, const key& k) {
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&k](const entry& e) { return e.k == k; });
    return it == entries.end() ? 0 : it->pos;
}

result<std::uint64_t> lagging_index::find_in_table(sql::database& db, const key& k) const {
    sql::query q(db, texts_.find);
    if (q.bind_blob(view_of(k)).row()) return q.u64(0);
    CAIRN_TRY(q.end());
    return std::uint64_t{0};
}

result<std::uint64_t> lagging_index::find(sql::database& db, const key& k) const {
    {
        const std::lock_guard lock(mutex_);
        if (const auto pos = find_in(buckets_[bucket_of(k)], k); pos != 0) return pos;
    }
    return find_in_table(db, k);
}

result<std::uint64_t> lagging_index::find_staged(sql::database& db, const key& k) const {
    if (const auto pos = find_in(staged_, k); pos != 0) return pos;
    if (const auto pos = find_in(buckets_[bucket_of(k)], k); pos != 0) return pos;
    return find_in_table(db, k);
}

status lagging_index::load(sql::database& db) {
    sql::query f(db, ask_place);
    if (f.bind(texts_.number).row()) {
        place_ = {f.u64(0), f.u64(1)};
        next_ = static_cast<std::size_t>(f.u64(2)) % bucket_count;
    }
    CAIRN_TRY(f.end());
    sql::query q(db, texts_.load);
    q.bind(place_.floor);
    while (q.row()) {
        const bytes_view raw = q.blob(0);
        key k{};
        if (raw.size() != k.size()) return fail(errc::log_damaged, "record", "the size of a key");
        std::copy(raw.begin(), raw.end(), k.begin());
        stage(k, q.u64(1));
    }
    CAIRN_TRY(q.end());
    committed();
    return {};
}

status lagging_index::put_place(sql::database& db) const {
    sql::query q(db, put_place_text);
    q.bind(texts_.number).bind(next_place_.floor).bind(next_place_.round);
    return q.bind(std::uint64_t{(next_ + written_) % bucket_count}).run();
}

status lagging_index::put(sql::database& db, std::vector<entry> bucket) const {
    std::sort(bucket.begin(), bucket.end(), [](const entry& a, const entry& b) {
        return a.k < b.k;
    });
    sql::query q(db, texts_.put);
    for (const entry& e : bucket) CAIRN_TRY(q.bind_blob(view_of(e.k)).bind(e.pos).run());
    return {};
}

status lagging_index::flush(sql::database& db, std::uint64_t begin) {
    std::size_t left = size_ + staged_.size();
    next_place_ = place_;
    for (; left > most_ && written_ < bucket_count; ++written_) {
        const std::size_t i = (next_ + written_) % bucket_count;
        // Since bucket 0 had its turn every other one had its own.
        if (i == 0) next_place_ = {next_place_.round, begin};
        CAIRN_TRY(put(db, buckets_[i]));
        left -= buckets_[i].size();
    }
    return written_ == 0 ? status{} : put_place(db);
}

void lagging_index::committed() {
    const std::lock_guard lock(mutex_);
    if (written_ > 0) place_ = next_place_;
    for (; written_ > 0; --written_) {
        size_ -= buckets_[next_].size();
        buckets_[next_].clear();
        next_ = (next_ + 1) % bucket_count;
    }
    for (const entry& e : staged_) buckets_[bucket_of(e.k)].push_back(e);
    size_ += staged_.size();
    staged_.clear();
}

void lagging_index::rolled_back() {
    staged_.clear();
    written_ = 0;
}

lookups::lookups(std::size_t most)
    : concerns(concern_texts, most), submissions(submission_texts, most) {}

status lookups::load(sql::database& db) {
    CAIRN_TRY(concerns.load(db));
    return submissions.load(db);
}

status lookups::flush(sql::database& db, std::uint64_t begin) {
    CAIRN_TRY(concerns.flush(db, begin));
    return submissions.flush(db, begin);
}

void lookups::committed() {
    concerns.committed();
    submissions.committed();
}

void lookups::rolled_back() {
    concerns.rolled_back();
    submissions.rolled_back();
}

} // namespace cairn::ledger
