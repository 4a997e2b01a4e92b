// A receipt: a tlog-proof whose `extra` line carries the record's leaf and the opening of one
// party's entry. FROZEN: docs/formats/leaf.md.
#pragma once

#include "merkle/checkpoint.hpp"
#include "merkle/entry.hpp"
#include "merkle/leaf.hpp"

namespace cairn::merkle {

// One party's entry with what proves it and what it commits to.
struct opening {
    // Encoded, as hashed.
    bytes entry;
    std::uint16_t index = 0;
    // Of the padded tree.
    std::uint16_t count = 0;
    std::vector<digest> path;
    digest randomness{};

    bool operator==(const opening&) const = default;
};

struct receipt_extra {
    // Encoded, as hashed.
    bytes leaf;
    std::optional<opening> own;

    bool operator==(const receipt_extra&) const = default;
};

bytes encode(const receipt_extra& extra);
// errc::note_malformed where "extra".
result<receipt_extra> decode_extra(bytes_view in);

struct verified_receipt {
    leaf record;
    // Nullopt where the receipt opens none.
    std::optional<party_entry> entry;
    std::uint64_t index = 0;
    std::uint64_t size = 0;
    std::string origin;
    std::vector<good_signature> signatures;
    // The exact bytes were given and are those committed to.
    bool exact_checked = false;
};

// Everything a holder can check without the broker. `where` begins with the failed step: "receipt
// text", "checkpoint", "extra", "leaf", "inclusion", "entry", "exact bytes". Codes: note_malformed,
// signature_invalid, proof_invalid.
result<verified_receipt> verify_receipt(
    std::string_view text,
    std::span<const verifier_key> keys,
    std::optional<bytes_view> exact = std::nullopt
);

} // namespace cairn::merkle
