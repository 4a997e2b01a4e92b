// One commit: numbers, hashes, writes and signs what the queue gave, inside one transaction.
#pragma once

#include "ledger/effects.hpp"
#include "ledger/stored.hpp"
#include "merkle/batch_tree.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/receipt.hpp"

#include <optional>
#include <span>
#include <vector>

namespace cairn::ledger {

// The log's end and the state that goes with it. Advances only by commits.
struct log_state {
    std::uint32_t year = 0;
    merkle::frontier tree;
    std::int64_t last_us = 0;
    std::uint64_t epoch = 0;
    // Highest data key slot of any record.
    std::uint64_t top_slot = 0;
    std::string checkpoint;
    tallies sums;

    // Of the last record; 0 before the first.
    [[nodiscard]] position last() const {
        return tree.size() == 0 ? position{} : position::at(year, tree.size() - 1);
    }
};

using merkle::origin_of;
std::uint32_t year_of(std::int64_t us);

// Loads everything and compares the stored tree with the last signed head. errc::log_damaged,
// where = the record that does not fit.
result<log_state>
load_state(sql::database& db, std::string_view partnership, const ed25519_public& log_key);
// The log still ends at the last head it released, or goes on from it: an older copy of ledger.db
// would sign other records under sizes already signed. errc::log_damaged where "ledger.db".
status check_released(sql::database& db, const log_state& state, key_store& keys);
// keys.db is not older than the ledger: the newest record that was not erased opens. Before
// key_store::start(), which destroys every slot above `state.top_slot`. errc::keys_missing, where =
// that record.
status check_newest_key(sql::database& db, const log_state& state, key_store& keys);

// What became of one draft.
struct staged {
    std::optional<failure> refused;
    // Of the stored submission.
    std::optional<position> repeats;
    position at;
    bytes leaf;
    digest leaf_hash{};
    std::optional<merkle::opening> own;
    std::uint32_t confirmed = 0;
    std::vector<withdrawn_notice> withdrawn;
};

struct writer_keys {
    std::string partnership;
    std::optional<signing_key> log_key;
    key256 submission_key{};
    key256 record_key{};
};

// Lives for one transaction, between BEGIN and COMMIT, on the ledger thread.
class batch {
public:
    batch(
        sql::database& db,
        key_store& keys,
        lookups& index,
        const writer_keys& with,
        log_state& state,
        std::int64_t now_us
    );

    // Failures are the disk's: the transaction must be rolled back and the state loaded again.
    status write(std::span<draft> drafts);

    [[nodiscard]] const std::vector<staged>& outcomes() const { return outcomes_; }
    [[nodiscard]] std::size_t records() const { return leaves_.size(); }
    // The signed head; must not leave before the commit. Empty where nothing was accepted.
    [[nodiscard]] const std::string& note() const { return note_; }
    // Receipt of an accepted draft of this batch.
    [[nodiscard]] std::string receipt(const staged& s) const;
    // After the commit: the log ends here now.
    void advance();

private:
    status write_one(const draft& d, staged& out);
    result<std::vector<std::uint32_t>> write_entries(const draft& d, staged& out);
    status write_record(
        const draft& d,
        const staged& s,
        const std::vector<std::uint32_t>& parties,
        const effect_outcome& done
    );
    status write_payload(const draft& d, const staged& s);
    status write_leaves();
    status sign();
    status reread();
    [[nodiscard]] position next() const;

    sql::database& db_;
    key_store& keys_;
    lookups& index_;
    const writer_keys& with_;
    log_state& state_;
    std::int64_t now_us_;
    std::uint32_t year_;
    merkle::frontier before_;
    std::vector<staged> outcomes_;
    std::vector<digest> leaves_;
    std::uint64_t top_slot_;
    // Into outcomes_, by leaf.
    std::vector<std::size_t> accepted_;
    std::optional<merkle::batch_tree> tree_;
    std::string note_;
    // Reused from draft to draft.
    bytes entries_;
    bytes parts_;
    layout places_;
};

} // namespace cairn::ledger
