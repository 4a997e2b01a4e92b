#include "unit/merkle/reference.hpp"

#include "merkle/hashing.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace cairn::merkle::reference {
namespace {

// Largest power of two smaller than n.
std::size_t split(std::size_t n) {
    std::size_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
}

hashes path_in(const hashes& leaves, std::size_t m, std::size_t first, std::size_t end) {
    if (end - first == 1) return {};
    const std::size_t k = first + split(end - first);
    const bool left = first + m < k;
    hashes out = left ? path_in(leaves, m, first, k) : path_in(leaves, m - (k - first), k, end);
    out.push_back(left ? root(leaves, k, end) : root(leaves, first, k));
    return out;
}

hashes
subproof(const hashes& leaves, std::size_t m, std::size_t first, std::size_t end, bool whole) {
    if (m == end - first) return whole ? hashes{} : hashes{root(leaves, first, end)};
    const std::size_t k = split(end - first);
    const std::size_t cut = first + k;
    hashes out =
        m <= k ? subproof(leaves, m, first, cut, whole) : subproof(leaves, m - k, cut, end, false);
    out.push_back(m <= k ? root(leaves, cut, end) : root(leaves, first, cut));
    return out;
}

} // namespace

digest root(const hashes& leaves, std::size_t first, std::size_t end) {
    if (first == end) return empty_root();
    if (end - first == 1) return leaves[first];
    const std::size_t k = first + split(end - first);
    return node_hash(root(leaves, first, k), root(leaves, k, end));
}

hashes path(const hashes& leaves, std::size_t m, std::size_t size) {
    return path_in(leaves, m, 0, size);
}

hashes consistency(const hashes& leaves, std::size_t m, std::size_t size) {
    return subproof(leaves, m, 0, size, true);
}

result<digest> stored_rows::node(unsigned level, std::uint64_t index) const {
    const std::uint64_t row = node_row(level, index);
    if (row >= rows_.size()) return fail(errc::log_damaged, "node");
    const auto hash = to_digest(bytes_view(rows_[row]).substr(node_offset(level), 32));
    if (!hash) return fail(errc::log_damaged, "node");
    return *hash;
}

std::uint64_t test_seed() {
    const char* given = std::getenv("CAIRN_SEED");
    if (given != nullptr) return std::stoull(given);
    return std::random_device{}();
}

digest random_digest(std::mt19937_64& random) {
    digest out{};
    for (auto& b : out) b = static_cast<std::uint8_t>(random());
    return out;
}

digest digest_of_hex(std::string_view hex) {
    return to_digest(from_hex(hex).value()).value();
}

digest digest_of_base64(std::string_view text) {
    return to_digest(from_base64(text).value()).value();
}

std::string read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

} // namespace cairn::merkle::reference
