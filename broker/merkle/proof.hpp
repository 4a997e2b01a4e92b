// Audit paths and consistency proofs: RFC 9162 sections 2.1.3 and 2.1.4 over RFC 6962 hashes.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cairn::merkle {

// A path is never longer, whatever the size.
inline constexpr std::size_t path_hashes_max = 64;

// Stored perfect subtrees. Lives as long as the call that takes it; used on the calling thread.
class node_source {
public:
    virtual ~node_source() = default;
    // Root of leaves [index << level, (index + 1) << level), all of which exist.
    [[nodiscard]] virtual result<digest> node(unsigned level, std::uint64_t index) const = 0;
};

// The siblings from leaf `index` up to the root of the first `size` leaves, leaf's sibling first.
// errc::bad_value where index >= size or the size is too large; else only failures of the source.
result<std::vector<digest>>
inclusion_proof(const node_source& source, std::uint64_t index, std::uint64_t size);

// That the tree of `older` leaves is a prefix of that of `newer`. Empty where both are the same,
// and where older is 0: the witness protocol sends that, though verify_consistency() rejects it.
result<std::vector<digest>>
consistency_proof(const node_source& source, std::uint64_t older, std::uint64_t newer);

// RFC 9162 2.1.3.2. errc::proof_invalid with the step as `where`.
status verify_inclusion(
    const digest& leaf,
    std::uint64_t index,
    std::uint64_t size,
    std::span<const digest> path,
    const digest& root
);

struct tree_head {
    std::uint64_t size = 0;
    digest root{};
    bool operator==(const tree_head&) const = default;
};

// RFC 9162 2.1.4.2. An older size of 0 is rejected: everything is consistent with nothing, so such
// a proof proves nothing. A witness that meets a log for the first time says so itself.
status
verify_consistency(const tree_head& older, const tree_head& newer, std::span<const digest> path);

// One hash as our texts carry it. Anything but 32 bytes is refused (errc::note_malformed): an empty
// "hash" equal to an empty "root" would else verify.
result<digest> hash_from_base64(std::string_view text);

} // namespace cairn::merkle
