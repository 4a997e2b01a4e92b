#include "merkle/batch_tree.hpp"

#include "core/assert.hpp"
#include "merkle/hashing.hpp"

#include <bit>

namespace cairn::merkle {

batch_tree::batch_tree(frontier before, std::span<const digest> leaves)
    : before_(std::move(before)), first_(before_.size()), end_(first_ + leaves.size()) {
    CAIRN_ASSERT(end_ < tree_size_max, "the tree is full");
    // Levels 0 to height; the top one holds the root where the tree is perfect.
    const auto height = end_ < 2 ? 0U : static_cast<unsigned>(std::bit_width(end_ - 1));
    nodes_.reserve(leaves.size() * 2 + height);
    rows_.reserve(height + 1);
    rows_.push_back({0, first_});
    nodes_.assign(leaves.begin(), leaves.end());
    for (unsigned level = 1; level <= height; ++level) {
        rows_.push_back({nodes_.size(), first_ >> level});
        for (std::uint64_t i = first_ >> level; i < end_ >> level; ++i) {
            nodes_.push_back(node_hash(perfect(level - 1, 2 * i), perfect(level - 1, 2 * i + 1)));
        }
    }
    unfinished_.resize(height + 1);
    bool any = false;
    for (unsigned level = 0; level < height; ++level) {
        digest& up = unfinished_[level + 1];
        up = unfinished_[level];
        if ((end_ >> level & 1U) == 0) continue;
        const digest& left = perfect(level, (end_ >> level) - 1);
        up = any ? node_hash(left, up) : left;
        any = true;
    }
    root_ = end_ == 0                   ? empty_root()
            : std::has_single_bit(end_) ? perfect(height, 0)
                                        : unfinished_[height];
}

const digest& batch_tree::perfect(unsigned level, std::uint64_t index) const {
    const row& r = rows_[level];
    if (index >= r.first) return nodes_[r.begin + static_cast<std::size_t>(index - r.first)];
    CAIRN_ASSERT(index + 1 == r.first, "a node far left of the batch");
    return before_.at_level(level);
}

frontier batch_tree::after() const {
    std::vector<digest> hashes;
    for (auto level = static_cast<unsigned>(rows_.size()); level > 0; --level) {
        const unsigned l = level - 1;
        if ((end_ >> l & 1U) != 0) hashes.push_back(perfect(l, (end_ >> l) - 1));
    }
    auto out = frontier::restore(end_, hashes);
    CAIRN_ASSERT(out.has_value(), "the border of a batch is always whole");
    return *out;
}

void batch_tree::append_path(std::size_t i, std::vector<digest>& out) const {
    CAIRN_ASSERT(i < size(), "no such leaf in this batch");
    const std::uint64_t leaf = first_ + i;
    for (unsigned level = 0; level + 1 < rows_.size(); ++level) {
        const std::uint64_t sibling = (leaf >> level) ^ 1U;
        if (sibling << level >= end_) continue;
        const bool whole = (sibling + 1) << level <= end_;
        out.push_back(whole ? perfect(level, sibling) : unfinished_[level]);
    }
}

std::vector<digest> batch_tree::path(std::size_t i) const {
    std::vector<digest> out;
    out.reserve(rows_.size());
    append_path(i, out);
    return out;
}

bytes batch_tree::stored_nodes(std::size_t i) const {
    CAIRN_ASSERT(i < size(), "no such leaf in this batch");
    const std::uint64_t ends_at = first_ + i + 1;
    const auto top = static_cast<unsigned>(std::countr_zero(ends_at));
    bytes out;
    out.reserve(32 * (std::size_t{top} + 1));
    for (unsigned level = 0; level <= top; ++level) {
        out += view(perfect(level, (ends_at >> level) - 1));
    }
    return out;
}

} // namespace cairn::merkle
