#include "merkle/hashing.hpp"

#include "core/crypto.hpp"

#include <algorithm>

namespace cairn::merkle {

digest empty_root() {
    return sha256(bytes_view{});
}

digest leaf_hash(bytes_view data) {
    return sha256({bytes_view{"\0", 1}, data});
}

digest node_hash(const digest& left, const digest& right) {
    // One update instead of three: this is the hottest hash of a commit.
    std::array<char, 65> block{};
    block[0] = 1;
    std::copy(left.begin(), left.end(), block.begin() + 1);
    std::copy(right.begin(), right.end(), block.begin() + 33);
    return sha256(bytes_view{block.data(), block.size()});
}

} // namespace cairn::merkle
