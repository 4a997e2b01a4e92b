#include "merkle/proof.hpp"

#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"

#include <algorithm>
#include <bit>

namespace cairn::merkle {
namespace {

// Root of leaves [first, end); first is a multiple of the smallest power of two that is not below
// the length, as every node of the tree is.
result<digest> range_root(const node_source& source, std::uint64_t first, std::uint64_t end) {
    std::vector<digest> parts;
    while (first < end) {
        const auto level = static_cast<unsigned>(std::bit_width(end - first) - 1);
        auto part = source.node(level, first >> level);
        if (!part) return part.error();
        parts.push_back(*part);
        first += std::uint64_t{1} << level;
    }
    digest out = parts.back();
    for (std::size_t i = parts.size() - 1; i > 0; --i) out = node_hash(parts[i - 1], out);
    return out;
}

bool odd(std::uint64_t v) {
    return (v & 1U) != 0;
}

// After hashing on the right border: the levels where our node had no sibling are skipped.
void skip_promoted(std::uint64_t& fn, std::uint64_t& sn) {
    while (!odd(fn) && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
    }
}

} // namespace

result<std::vector<digest>>
inclusion_proof(const node_source& source, std::uint64_t index, std::uint64_t size) {
    if (index >= size || size >= tree_size_max) return fail(errc::bad_value, "index");
    std::vector<digest> out;
    for (unsigned level = 0; (size - 1) >> level != 0; ++level) {
        const std::uint64_t sibling = (index >> level) ^ 1U;
        const std::uint64_t first = sibling << level;
        if (first >= size) continue;
        auto hash = range_root(source, first, std::min(size, (sibling + 1) << level));
        if (!hash) return hash.error();
        out.push_back(*hash);
    }
    return out;
}

result<std::vector<digest>>
consistency_proof(const node_source& source, std::uint64_t older, std::uint64_t newer) {
    if (older > newer || newer >= tree_size_max) return fail(errc::bad_value, "size");
    std::vector<digest> out;
    if (older == 0) return out;
    // RFC 9162 2.1.4.1 SUBPROOF, unrolled: it appends on the way back, so we reverse at the end.
    std::uint64_t first = 0;
    std::uint64_t end = newer;
    std::uint64_t m = older;
    bool whole = true;
    while (m != end - first) {
        const std::uint64_t split = std::bit_floor(end - first - 1);
        const bool left = m <= split;
        const std::uint64_t cut = first + split;
        auto other = left ? range_root(source, cut, end) : range_root(source, first, cut);
        if (!other) return other.error();
        out.push_back(*other);
        if (left) {
            end = cut;
        } else {
            first = cut;
            m -= split;
            whole = false;
        }
    }
    if (!whole) {
        auto own = range_root(source, first, end);
        if (!own) return own.error();
        out.push_back(*own);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

status verify_inclusion(
    const digest& leaf,
    std::uint64_t index,
    std::uint64_t size,
    std::span<const digest> path,
    const digest& root
) {
    if (index >= size) return fail(errc::proof_invalid, "the index is beyond the size");
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    digest r = leaf;
    for (const digest& p : path) {
        if (sn == 0) return fail(errc::proof_invalid, "the path is too long");
        if (odd(fn) || fn == sn) {
            r = node_hash(p, r);
            skip_promoted(fn, sn);
        } else {
            r = node_hash(r, p);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) return fail(errc::proof_invalid, "the path is too short");
    if (r != root) return fail(errc::proof_invalid, "the path leads to another root");
    return {};
}

status
verify_consistency(const tree_head& older, const tree_head& newer, std::span<const digest> path) {
    if (older.size == 0) return fail(errc::proof_invalid, "the older size is 0");
    if (older.size > newer.size) return fail(errc::proof_invalid, "the older size is larger");
    if (older.size == newer.size) {
        if (!path.empty()) return fail(errc::proof_invalid, "the path is too long");
        if (older.root != newer.root) {
            return fail(errc::proof_invalid, "two roots for one size");
        }
        return {};
    }
    if (path.empty()) return fail(errc::proof_invalid, "the path is too short");
    std::uint64_t fn = older.size - 1;
    std::uint64_t sn = newer.size - 1;
    while (odd(fn)) {
        fn >>= 1U;
        sn >>= 1U;
    }
    // A power of two: the older root is a node of the newer tree and stands for itself.
    const bool seeded = std::has_single_bit(older.size);
    digest fr = seeded ? older.root : path.front();
    digest sr = fr;
    for (const digest& c : path.subspan(seeded ? 0 : 1)) {
        if (sn == 0) return fail(errc::proof_invalid, "the path is too long");
        if (odd(fn) || fn == sn) {
            fr = node_hash(c, fr);
            sr = node_hash(c, sr);
            skip_promoted(fn, sn);
        } else {
            sr = node_hash(sr, c);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) return fail(errc::proof_invalid, "the path is too short");
    if (fr != older.root) return fail(errc::proof_invalid, "the path leads to another older root");
    if (sr != newer.root) return fail(errc::proof_invalid, "the path leads to another newer root");
    return {};
}

result<digest> hash_from_base64(std::string_view text) {
    const auto raw = from_base64(text);
    const auto hash = raw ? to_digest(*raw) : std::nullopt;
    if (!hash) return fail(errc::note_malformed, "hash");
    return *hash;
}

} // namespace cairn::merkle
