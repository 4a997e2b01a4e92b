// From a random 16-byte key to a position. The keys of one commit lie all over such an index, so
// that written at once each would rewrite a page of its own, more than the record itself. So the
// newest keys stay in memory, sorted into buckets by their first bits, and go into the table one
// bucket at a time: many keys into few neighbouring pages. Nothing is lost with the memory: the
// keys stand in `record` too, and a start reads those from the floor on.
//
//   stage ─commit─▶ recent (memory) ─its bucket's turn─▶ table
//
// Invariant: every committed key below the floor is in the table.
#pragma once

#include "core/bytes.hpp"
#include "ledger/sqlite.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

namespace cairn::ledger {

class lagging_index {
public:
    using key = std::array<std::uint8_t, 16>;

    // The texts take: find (key), put (key, position), load (position from which on). `number` is
    // its row in `lag`.
    struct texts {
        std::int64_t number;
        const char* find;
        const char* put;
        const char* load;
    };
    lagging_index(texts t, std::size_t most) : texts_(t), most_(most), buckets_(bucket_count) {}

    // Position of a committed key, 0 if there is none. Any thread, on its own connection, as the
    // first thing it reads in its transaction: a key that just left the memory is in the table
    // then.
    result<std::uint64_t> find(sql::database& db, const key& k) const;

    // The rest is the writer's.
    status load(sql::database& db);
    // Sees what is staged as well.
    result<std::uint64_t> find_staged(sql::database& db, const key& k) const;
    void stage(const key& k, std::uint64_t pos) { staged_.push_back({k, pos}); }
    // Writes buckets until no more than `most` keys stay in memory; `begin` is the position of the
    // transaction's first record. Inside the transaction; takes effect with committed().
    status flush(sql::database& db, std::uint64_t begin);
    void committed();
    void rolled_back();

private:
    static constexpr std::size_t bucket_count = 512;
    struct entry {
        key k;
        std::uint64_t pos;
    };
    static std::size_t bucket_of(const key& k) {
        return std::size_t{k[0]} << 1U | std::size_t{k[1]} >> 7U;
    }
    static std::uint64_t find_in(const std::vector<entry>& entries, const key& k);
    result<std::uint64_t> find_in_table(sql::database& db, const key& k) const;
    status put(sql::database& db, std::vector<entry> bucket) const;
    status put_place(sql::database& db) const;

    const texts texts_;
    const std::size_t most_;
    std::vector<entry> staged_;
    // Next bucket to write, and how many were written in this transaction.
    std::size_t next_ = 0;
    std::size_t written_ = 0;
    // `round` is where the log was when bucket 0 last had its turn: the floor once all had theirs.
    // Both and the next bucket are stored, so that starts do not begin the round again and again.
    struct place {
        std::uint64_t floor = 0;
        std::uint64_t round = 0;
    };
    place place_;
    place next_place_;
    // Committed keys in memory.
    std::size_t size_ = 0;

    // Guards buckets_ against the readers; the writer alone changes them.
    mutable std::mutex mutex_;
    std::vector<std::vector<entry>> buckets_;
};

// The two of ledger.db.
struct lookups {
    // By id, where it is one of 16 bytes; others are in the table at once.
    lagging_index concerns;
    // By keyed hash of sender and idempotency key.
    lagging_index submissions;

    // Keys each keeps in memory; 24 bytes a key.
    explicit lookups(std::size_t most);
    status load(sql::database& db);
    status flush(sql::database& db, std::uint64_t begin);
    void committed();
    void rolled_back();
};

} // namespace cairn::ledger
