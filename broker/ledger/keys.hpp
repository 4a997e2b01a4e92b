// keys.db: one data key a record, in numbered slots, wrapped by the partnership key. What destroys
// a slot destroys the record's content wherever a copy of ledger.db may be.
//
// Invariant: a key seals at most one record. A slot handed out but never committed is not handed
// out again: at the next start every slot above the highest one in ledger.db is made anew, so that
// a crash or a restored, older ledger.db never meets a key that was used.
//
// Beside the keys lies the last head the ledger released: keys.db has a backup of its own, so that
// an older copy of ledger.db is told from a ledger that only stopped.
#pragma once

#include "core/clock.hpp"
#include "ledger/draft.hpp"
#include "ledger/sqlite.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace cairn::ledger {

using ledger_id = std::array<std::uint8_t, 16>;

inline bytes_view id_view(const ledger_id& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
}

// A head that left the process.
struct released_head {
    position last;
    digest root{};
};

// Thread: take(), key_of() and copy_to() any; the others the ledger thread. The random source
// outlives it.
class key_store {
public:
    static result<std::unique_ptr<key_store>> create(
        const sql::file& f,
        const key256& partnership_key,
        const ledger_id& id,
        random_source& random
    );
    // errc::keys_missing: no file, one of another ledger, or another partnership key.
    static result<std::unique_ptr<key_store>> open(
        const sql::file& f,
        const key256& partnership_key,
        const ledger_id& id,
        random_source& random
    );
    ~key_store();

    // Of the partnership key, for one use.
    [[nodiscard]] key256 keyed_hash_key(std::string_view use) const;

    // Makes every slot above `used` anew and `ahead` of them in all. Before the first take().
    status start(std::uint64_t used, std::size_t ahead);
    // Makes as many as were taken when half of them are gone, or any of them in a quiet moment.
    status refill(bool quiet);
    // errc::overloaded when they ran out for the moment.
    result<data_key> take();
    // Of a record. errc::erased after destroy(), keys_missing where there is no such slot.
    result<data_key> key_of(std::uint64_t slot);
    // Overwrites the wrapped key and forgets it. Durable when it returns.
    status destroy(std::uint64_t slot);

    // As it was last written; position 0 before the first.
    result<released_head> stored_head();
    // Remembers a committed head. It is written with the next slots made, or by write_head().
    void note_head(const released_head& h);
    // Commits since the head was written.
    [[nodiscard]] std::size_t heads_behind() const { return behind_; }
    // Writes a position of the caller's choice, also an earlier one: a restore that accepts a loss.
    status put_back_head(const released_head& h);
    // The file as it is, into a new one; in steps, between which keys are read and made. Thread:
    // any.
    status copy_to(const std::string& path);
    // Slots destroyed so far, in order.
    result<std::vector<std::uint64_t>> destroyed();
    // A small transaction of its own; also tells whether the disk takes writes (again).
    status write_head();

private:
    key_store(
        std::unique_ptr<sql::database> db,
        const key256& partnership_key,
        ledger_id id,
        random_source& random
    );
    status make(std::size_t count);
    status make_rows(std::size_t count, std::vector<data_key>& out);
    // Runs `work` in one transaction; file_ is held.
    template <class Work>
    status transact(Work&& work);
    status put_head();
    status check_owner();
    [[nodiscard]] key256 wrapping_key(bytes_view salt) const;
    [[nodiscard]] bytes place(std::uint64_t slot) const;
    result<data_key> read(std::uint64_t slot);
    void remember(const data_key& k);

    const key256 partnership_key_;
    const ledger_id id_;
    random_source& random_;

    // Guards db_, salts_.
    std::mutex file_;
    std::unique_ptr<sql::database> db_;
    // Wrapping keys by batch, as far as they were needed.
    std::unordered_map<std::int64_t, key256> wrapping_;
    // First slot not made yet; the ledger thread's.
    std::uint64_t next_ = 1;
    std::size_t ahead_ = 0;
    // The ledger thread's as well.
    released_head head_;
    std::size_t behind_ = 0;

    // Guards ready_, recent_.
    std::mutex memory_;
    std::deque<data_key> ready_;
    // Keys of the last slots used, each at its number modulo the size: a desk that keeps up reads
    // no key from the disk.
    std::vector<data_key> recent_;
};

} // namespace cairn::ledger
