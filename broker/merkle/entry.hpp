// What a record says of one party, and the tree over all of them. FROZEN: docs/formats/leaf.md.
//
// The tree is padded to a fixed step with leaves nobody can tell from entries, so that a receipt,
// which opens one entry only, shows neither who else was told nor how many.
#pragma once

#include "merkle/proof.hpp"
#include "merkle/seed.hpp"

#include <string>

namespace cairn::merkle {

enum class party_part : std::uint8_t {
    sender = 1,
    desk = 2,
    actor = 3,
};

struct party_entry {
    party_part part = party_part::sender;
    salt128 salt{};
    // "oakfield" or "northshire-police/mash"; 1 to 255 bytes of UTF-8 without control characters.
    std::string party;
    // Counts that agency's entries in this log from 1: a gap shows a dropped one.
    std::uint64_t agency_seq = 0;
    // Hash of that agency's entry before; zeros in its first, and only there.
    digest previous{};
    // commit(commitment_randomness(seed, i), exact bytes of that party).
    digest commitment{};

    bool operator==(const party_entry&) const = default;
};

std::string_view name_of(party_part part);

// The caller keeps the rules above; a broken one is a bug.
bytes encode(const party_entry& e);
// errc::log_damaged where "entry".
result<party_entry> decode_entry(bytes_view in);
// RFC 6962 leaf hash of the encoded entry: leaf of the entry tree, and `previous` of the next.
digest entry_hash(bytes_view encoded_entry);

// Smallest of 8, 16, 32, 64, 128 that holds `entries`; 0 where none does.
std::size_t padded_count(std::size_t entries);

inline constexpr std::size_t entries_max = 128;

class entry_tree {
public:
    // errc::too_many above entries_max. No entries is allowed: all padding.
    static result<entry_tree> make(const record_seed& seed, std::span<const digest> entry_hashes);

    [[nodiscard]] const digest& root() const { return nodes_.back(); }
    // Padded.
    [[nodiscard]] std::size_t count() const { return count_; }
    // log2(count()) hashes.
    [[nodiscard]] std::vector<digest> path(std::size_t i) const;

private:
    entry_tree() = default;
    std::size_t count_ = 0;
    // Level by level, leaves first.
    std::vector<digest> nodes_;
};

} // namespace cairn::merkle
