// One commit's worth of the tree: appends a batch to a frontier and gives every new leaf's audit
// path against the new root, from memory.
//
// It works because a path of a new leaf has only two kinds of siblings: to the right and inside,
// nodes over this batch; to the left of the batch, perfect subtrees that are in the old frontier.
#pragma once

#include "merkle/frontier.hpp"

namespace cairn::merkle {

// Immutable after construction; may be read from any thread.
class batch_tree {
public:
    // Hashes each inner node once: under 2 * leaves + 64 hashes.
    batch_tree(frontier before, std::span<const digest> leaves);

    // Leaves of this batch.
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
    // 0-based record index of the i-th leaf of this batch.
    [[nodiscard]] std::uint64_t index(std::size_t i) const { return first_ + i; }
    [[nodiscard]] const digest& root() const { return root_; }
    [[nodiscard]] frontier after() const;

    // Audit path of the i-th leaf of this batch against root(), appended to `out`.
    void append_path(std::size_t i, std::vector<digest>& out) const;
    [[nodiscard]] std::vector<digest> path(std::size_t i) const;
    // What frontier::append() returns for it: the blob stored with the record.
    [[nodiscard]] bytes stored_nodes(std::size_t i) const;

private:
    [[nodiscard]] const digest& perfect(unsigned level, std::uint64_t index) const;

    struct row {
        // Into nodes_.
        std::size_t begin = 0;
        // Index in the tree of the row's first node.
        std::uint64_t first = 0;
    };

    frontier before_;
    std::uint64_t first_;
    std::uint64_t end_;
    // Perfect nodes that end in this batch, level by level.
    std::vector<digest> nodes_;
    std::vector<row> rows_;
    // Level by level the unfinished node on the right border; unused where that border is even.
    std::vector<digest> unfinished_;
    digest root_{};
};

} // namespace cairn::merkle
