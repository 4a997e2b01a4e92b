// C2SP tlog-checkpoint: the signed head of the log.
#pragma once

#include "merkle/note.hpp"
#include "merkle/proof.hpp"

#include <optional>

namespace cairn::merkle {

struct checkpoint {
    // `<partnership>/<year>`; one line, not empty.
    std::string origin;
    std::uint64_t size = 0;
    digest root{};
    // Lines after the root. Ours has none; those of others are kept, and signed with the rest.
    std::vector<std::string> extensions;

    [[nodiscard]] tree_head head() const { return {size, root}; }
    bool operator==(const checkpoint&) const = default;
};

// The text that is signed.
std::string print_checkpoint(const checkpoint& c);
// errc::note_malformed with "origin", "size", "root" or "extension".
result<checkpoint> parse_checkpoint(std::string_view text);

// The whole note. Deterministic: the same head gives the same bytes.
std::string sign_checkpoint(const note_signer& signer, const checkpoint& c);

// "northshire.example/2026": origin of a year's log and name of its key.
std::string origin_of(std::string_view partnership, std::uint32_t year);
// One key signs every year, under the name of each year's log. A key pinned under the partnership's
// own name holds for all of them: this is it as the year's signatures name it, for other verifiers
// as well. Nullopt where the origin is not a year (four digits) of that partnership.
std::optional<verifier_key> key_of_year(const verifier_key& pinned, std::string_view origin);

struct verified_checkpoint {
    checkpoint head;
    // At least one of them the log's own.
    std::vector<good_signature> signatures;
    // Name of the log's key. Equals the origin in logs of ours; not everywhere (sum.golang.org).
    std::string log_name;
};

// As verify_note(), where a key pinned under a partnership's name stands for its yearly ones, and
// one good signature must be a log's (type 0x01): a witness alone vouches that it saw a head, not
// that the log stands by it.
result<verified_checkpoint>
verify_checkpoint(std::string_view signed_note, std::span<const verifier_key> keys);

} // namespace cairn::merkle
