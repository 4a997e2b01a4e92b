#include "merkle/frontier.hpp"

#include "core/assert.hpp"
#include "merkle/hashing.hpp"

#include <bit>

namespace cairn::merkle {

result<frontier> frontier::restore(std::uint64_t size, std::span<const digest> hashes) {
    if (size >= tree_size_max || hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
        return fail(errc::log_damaged, "frontier", "the number of hashes does not fit the size");
    }
    frontier out;
    out.size_ = size;
    out.hashes_.assign(hashes.begin(), hashes.end());
    return out;
}

result<frontier> frontier::restore(std::uint64_t size, bytes_view joined) {
    if (joined.size() % 32 != 0) return fail(errc::log_damaged, "frontier", "a cut hash");
    std::vector<digest> hashes;
    hashes.reserve(joined.size() / 32);
    for (; !joined.empty(); joined.remove_prefix(32)) {
        hashes.push_back(*to_digest(joined.substr(0, 32)));
    }
    return restore(size, hashes);
}

template <class Each>
void frontier::grow(const digest& leaf, Each&& each) {
    CAIRN_ASSERT(size_ + 1 < tree_size_max, "the tree is full");
    digest node = leaf;
    each(node);
    for (int merges = std::countr_zero(size_ + 1); merges > 0; --merges) {
        node = node_hash(hashes_.back(), node);
        hashes_.pop_back();
        each(node);
    }
    hashes_.push_back(node);
    ++size_;
}

bytes frontier::append(const digest& leaf) {
    bytes blob;
    blob.reserve(32 * (1 + static_cast<std::size_t>(std::countr_zero(size_ + 1))));
    grow(leaf, [&blob](const digest& node) { blob += view(node); });
    return blob;
}

void frontier::push(const digest& leaf) {
    grow(leaf, [](const digest&) {});
}

digest frontier::root() const {
    if (hashes_.empty()) return empty_root();
    digest out = hashes_.back();
    for (std::size_t i = hashes_.size() - 1; i > 0; --i) out = node_hash(hashes_[i - 1], out);
    return out;
}

bytes frontier::serialise() const {
    bytes out;
    out.reserve(hashes_.size() * 32);
    for (const digest& d : hashes_) out += view(d);
    return out;
}

const digest& frontier::at_level(unsigned level) const {
    CAIRN_ASSERT(level < 63 && (size_ >> level & 1U) != 0, "no such subtree on the border");
    return hashes_[static_cast<std::size_t>(std::popcount(size_ >> (level + 1)))];
}

} // namespace cairn::merkle
