#include "merkle/proof.hpp"

#include "merkle/hashing.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"

#include <catch2/catch.hpp>

#include <functional>

namespace cairn::merkle {
namespace {

struct inclusion_case {
    digest leaf{};
    std::uint64_t index = 0;
    std::uint64_t size = 0;
    std::vector<digest> path;
    digest root{};

    [[nodiscard]] bool good() const {
        return verify_inclusion(leaf, index, size, path, root).has_value();
    }
};

struct consistency_case {
    tree_head older;
    tree_head newer;
    std::vector<digest> path;

    [[nodiscard]] bool good() const { return verify_consistency(older, newer, path).has_value(); }
};

std::vector<digest> leaves_of(std::size_t n) {
    std::vector<digest> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(leaf_hash(std::to_string(i)));
    return out;
}

inclusion_case inclusion_of(std::size_t index, std::size_t size) {
    const auto leaves = leaves_of(size);
    return {
        leaves[index],
        index,
        size,
        reference::path(leaves, index, size),
        reference::root(leaves, size),
    };
}

consistency_case consistency_of(std::size_t older, std::size_t newer) {
    const auto leaves = leaves_of(newer);
    return {
        {older, reference::root(leaves, older)},
        {newer, reference::root(leaves, newer)},
        reference::consistency(leaves, older, newer),
    };
}

template <class Case>
struct mutation {
    std::string name;
    std::function<void(Case&)> apply;
};

const std::vector<mutation<inclusion_case>> inclusion_mutations = {
    {"index + 1", [](auto& c) { c.index += 1; }},
    {"index - 1", [](auto& c) { c.index -= 1; }},
    {"index ^ 2", [](auto& c) { c.index ^= 2U; }},
    {"index + size", [](auto& c) { c.index += c.size; }},
    {"size * 2", [](auto& c) { c.size *= 2; }},
    {"size / 2", [](auto& c) { c.size /= 2; }},
    {"size 0", [](auto& c) { c.size = 0; }},
    {"wrong leaf", [](auto& c) { c.leaf[0] ^= 1U; }},
    {"empty root", [](auto& c) { c.root = empty_root(); }},
    {"zero root", [](auto& c) { c.root = digest{}; }},
    {"leaf as root", [](auto& c) { c.root = c.leaf; }},
    {"trailing empty-root hash", [](auto& c) { c.path.push_back(empty_root()); }},
    {"trailing root", [](auto& c) { c.path.push_back(c.root); }},
    {"preceding leaf", [](auto& c) { c.path.insert(c.path.begin(), c.leaf); }},
    {"preceding root", [](auto& c) { c.path.insert(c.path.begin(), c.root); }},
    {"last hash dropped", [](auto& c) { c.path.pop_back(); }},
    {"first hash dropped", [](auto& c) { c.path.erase(c.path.begin()); }},
    {"first two swapped", [](auto& c) { std::swap(c.path[0], c.path[1]); }},
    {"no path", [](auto& c) { c.path.clear(); }},
};

const std::vector<mutation<consistency_case>> consistency_mutations = {
    {"older size + 1", [](auto& c) { c.older.size += 1; }},
    {"older size - 1", [](auto& c) { c.older.size -= 1; }},
    {"older size ^ 2", [](auto& c) { c.older.size ^= 2U; }},
    {"older size * 2", [](auto& c) { c.older.size *= 2; }},
    {"newer size * 2", [](auto& c) { c.newer.size *= 2; }},
    {"newer size / 2", [](auto& c) { c.newer.size /= 2; }},
    {"older size 0", [](auto& c) { c.older.size = 0; }},
    {"older size 0, empty path",
     [](auto& c) {
         c.older = {0, empty_root()};
         c.path.clear();
     }},
    {"wrong older root", [](auto& c) { c.older.root[31] ^= 1U; }},
    {"wrong newer root", [](auto& c) { c.newer.root[31] ^= 1U; }},
    {"roots swapped", [](auto& c) { std::swap(c.older.root, c.newer.root); }},
    {"heads swapped", [](auto& c) { std::swap(c.older, c.newer); }},
    {"empty path", [](auto& c) { c.path.clear(); }},
    {"trailing empty-root hash", [](auto& c) { c.path.push_back(empty_root()); }},
    {"trailing newer root", [](auto& c) { c.path.push_back(c.newer.root); }},
    {"preceding older root", [](auto& c) { c.path.insert(c.path.begin(), c.older.root); }},
    {"preceding newer root", [](auto& c) { c.path.insert(c.path.begin(), c.newer.root); }},
    {"last hash dropped", [](auto& c) { c.path.pop_back(); }},
    {"first hash dropped", [](auto& c) { c.path.erase(c.path.begin()); }},
};

TEST_CASE("a changed inclusion proof is rejected, whatever was changed") {
    const std::pair<std::size_t, std::size_t> cases[] = {{0, 8}, {5, 8}, {3, 7}, {4, 7}, {9, 21}};
    for (const auto& [index, size] : cases) {
        for (const auto& m : inclusion_mutations) {
            CAPTURE(index, size, m.name);
            inclusion_case c = inclusion_of(index, size);
            REQUIRE(c.good());
            REQUIRE(c.path.size() >= 2);
            m.apply(c);
            CHECK_FALSE(c.good());
        }
        for (std::size_t i = 0; i < inclusion_of(index, size).path.size(); ++i) {
            inclusion_case c = inclusion_of(index, size);
            c.path[i][7] ^= 0x10U;
            CHECK_FALSE(c.good());
        }
    }
}

TEST_CASE("a changed consistency proof is rejected, whatever was changed") {
    const std::pair<std::size_t, std::size_t> cases[] = {{1, 8}, {6, 8}, {2, 5}, {6, 13}, {4, 7}};
    for (const auto& [older, newer] : cases) {
        for (const auto& m : consistency_mutations) {
            CAPTURE(older, newer, m.name);
            consistency_case c = consistency_of(older, newer);
            REQUIRE(c.good());
            m.apply(c);
            CHECK_FALSE(c.good());
        }
        for (std::size_t i = 0; i < consistency_of(older, newer).path.size(); ++i) {
            consistency_case c = consistency_of(older, newer);
            c.path[i][7] ^= 0x10U;
            CHECK_FALSE(c.good());
        }
    }
}

TEST_CASE("an older size of zero proves nothing and is rejected in all its forms") {
    const digest some = leaf_hash("x");
    CHECK_FALSE(verify_consistency({0, empty_root()}, {1, some}, {}));
    CHECK_FALSE(verify_consistency({0, empty_root()}, {1, some}, std::vector{some}));
    CHECK_FALSE(verify_consistency({0, empty_root()}, {0, empty_root()}, {}));
    const auto failed = verify_consistency({0, some}, {0, some}, {});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == errc::proof_invalid);
}

TEST_CASE("one leaf needs no path and takes none") {
    const digest leaf = leaf_hash("only");
    CHECK(verify_inclusion(leaf, 0, 1, {}, leaf));
    CHECK_FALSE(verify_inclusion(leaf, 0, 1, std::vector{leaf}, leaf));
    CHECK_FALSE(verify_inclusion(leaf, 0, 1, {}, empty_root()));
    CHECK_FALSE(verify_inclusion(empty_root(), 0, 0, {}, empty_root()));
}

TEST_CASE("the same size is consistent with itself only under one root and without a path") {
    const digest a = leaf_hash("a");
    const digest b = leaf_hash("b");
    CHECK(verify_consistency({5, a}, {5, a}, {}));
    CHECK_FALSE(verify_consistency({5, a}, {5, b}, {}));
    CHECK_FALSE(verify_consistency({5, a}, {5, a}, std::vector{a}));
    CHECK_FALSE(verify_consistency({6, a}, {5, a}, {}));
}

TEST_CASE("a hash in text must be exactly 32 bytes of strict base64") {
    const digest d = leaf_hash("x");
    CHECK(hash_from_base64(to_base64(view(d))).value() == d);
    CHECK_FALSE(hash_from_base64(""));
    CHECK_FALSE(hash_from_base64(to_base64(view(d).substr(0, 31))));
    CHECK_FALSE(hash_from_base64(to_base64(bytes(view(d)) + "x")));
    std::string loose = to_base64(view(d));
    loose[loose.size() - 2] = static_cast<char>(loose[loose.size() - 2] + 1);
    CHECK_FALSE(hash_from_base64(loose));
    CHECK(hash_from_base64("").error().code == errc::note_malformed);
}

TEST_CASE("proofs for leaves and sizes that cannot be are refused") {
    reference::stored_rows tree;
    tree.append(leaf_hash("a"));
    CHECK(inclusion_proof(tree, 1, 1).error().code == errc::bad_value);
    CHECK(inclusion_proof(tree, 0, 0).error().code == errc::bad_value);
    CHECK(inclusion_proof(tree, 0, tree_size_max).error().code == errc::bad_value);
    CHECK(consistency_proof(tree, 2, 1).error().code == errc::bad_value);
    CHECK(consistency_proof(tree, 0, 1).value().empty());
    // The store does not have that many: its own failure comes through.
    CHECK(inclusion_proof(tree, 0, 2).error().code == errc::log_damaged);
    CHECK(consistency_proof(tree, 1, 4).error().code == errc::log_damaged);
}

TEST_CASE("proofs from stored rows agree with the definition at random sizes") {
    const std::uint64_t seed = reference::test_seed();
    INFO("CAIRN_SEED=" << seed);
    std::mt19937_64 random(seed);
    reference::stored_rows tree;
    std::vector<digest> leaves;
    for (int i = 0; i < 700; ++i) {
        leaves.push_back(reference::random_digest(random));
        tree.append(leaves.back());
    }
    for (int round = 0; round < 300; ++round) {
        const std::size_t size = 1 + random() % leaves.size();
        const std::size_t m = 1 + random() % size;
        CAPTURE(size, m);
        const digest root = reference::root(leaves, size);
        const auto path = inclusion_proof(tree, m - 1, size);
        REQUIRE(path.value() == reference::path(leaves, m - 1, size));
        REQUIRE(verify_inclusion(leaves[m - 1], m - 1, size, *path, root));
        const auto proof = consistency_proof(tree, m, size);
        REQUIRE(proof.value() == reference::consistency(leaves, m, size));
        REQUIRE(verify_consistency({m, reference::root(leaves, m)}, {size, root}, *proof));
    }
}

} // namespace
} // namespace cairn::merkle
