// The right border of a growing tree: all a writer needs to append and to know the root.
//
// Invariant: for a tree of n leaves it holds one perfect subtree root for every one bit of n,
// widest and leftmost first, popcount(n) digests in all.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cairn::merkle {

// Sizes at and above it are refused where a tree is built, so that shifts cannot overflow.
inline constexpr std::uint64_t tree_size_max = std::uint64_t{1} << 62U;

class frontier {
public:
    // The empty tree.
    frontier() = default;

    // From what hashes() gave; errc::log_damaged where their number does not fit the size. The
    // caller compares root() with a signed head.
    static result<frontier> restore(std::uint64_t size, std::span<const digest> hashes);
    // The same from joined digests, as serialise() gave them.
    static result<frontier> restore(std::uint64_t size, bytes_view joined);

    // Returns what is stored with the record: the leaf hash, then the root of every perfect subtree
    // that ends at this leaf, 32 * (1 + trailing zeros of the new size) bytes. See node_row().
    bytes append(const digest& leaf);
    // The same where nobody stores the nodes.
    void push(const digest& leaf);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] digest root() const;
    [[nodiscard]] const std::vector<digest>& hashes() const { return hashes_; }
    [[nodiscard]] bytes serialise() const;

    // The perfect subtree of 2^level leaves; that bit of the size must be set.
    [[nodiscard]] const digest& at_level(unsigned level) const;

    bool operator==(const frontier&) const = default;

private:
    // Calls `each` with the roots that append() returns.
    template <class Each>
    void grow(const digest& leaf, Each&& each);

    std::uint64_t size_ = 0;
    std::vector<digest> hashes_;
};

// Where node (level, index) is stored: in the blob of this row (0-based record) …
constexpr std::uint64_t node_row(unsigned level, std::uint64_t index) {
    return ((index + 1) << level) - 1;
}
// … at this byte.
constexpr std::size_t node_offset(unsigned level) {
    return std::size_t{32} * level;
}

} // namespace cairn::merkle
