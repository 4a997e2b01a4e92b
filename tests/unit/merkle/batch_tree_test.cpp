#include "merkle/batch_tree.hpp"

#include "merkle/hashing.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"

#include <catch2/catch.hpp>

#include <bit>

namespace cairn::merkle {
namespace {

struct grown {
    reference::stored_rows rows;
    std::vector<digest> leaves;
};

void grow(grown& g, std::size_t n, std::mt19937_64& random) {
    for (std::size_t i = 0; i < n; ++i) {
        g.leaves.push_back(reference::random_digest(random));
        g.rows.append(g.leaves.back());
    }
}

void check_batch(std::size_t before, std::size_t batch, std::mt19937_64& random) {
    CAPTURE(before, batch);
    grown g;
    grow(g, before, random);
    const frontier old = g.rows.border();
    grow(g, batch, random);
    const std::span<const digest> added = std::span(g.leaves).subspan(before);
    const batch_tree tree(old, added);
    REQUIRE(tree.size() == batch);
    REQUIRE(tree.root() == reference::root(g.leaves, before + batch));
    REQUIRE(tree.after() == g.rows.border());
    for (std::size_t i = 0; i < batch; ++i) {
        REQUIRE(tree.index(i) == before + i);
        REQUIRE(tree.path(i) == reference::path(g.leaves, before + i, before + batch));
        REQUIRE(tree.stored_nodes(i) == g.rows.row(before + i));
    }
}

TEST_CASE("a batch gives root, border, stored rows and paths of the definition at small sizes") {
    std::mt19937_64 random(1);
    for (std::size_t before = 0; before <= 18; ++before) {
        for (std::size_t batch = 0; batch <= 18; ++batch) check_batch(before, batch, random);
    }
}

TEST_CASE("a batch gives root, border, stored rows and paths of the definition at random sizes") {
    const std::uint64_t seed = reference::test_seed();
    INFO("CAIRN_SEED=" << seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 25; ++round) {
        check_batch(random() % 600, 1 + random() % 100, random);
    }
    check_batch(255, 256, random);
    check_batch(256, 256, random);
}

TEST_CASE("batches one after another end where single appends do") {
    std::mt19937_64 random(7);
    frontier by_batch;
    frontier by_leaf;
    for (int round = 0; round < 40; ++round) {
        std::vector<digest> leaves(random() % 50);
        for (digest& d : leaves) {
            d = reference::random_digest(random);
            by_leaf.append(d);
        }
        const batch_tree tree(by_batch, leaves);
        by_batch = tree.after();
        REQUIRE(by_batch == by_leaf);
        REQUIRE(tree.root() == by_leaf.root());
    }
}

TEST_CASE("a batch on top of a very large tree needs the border only") {
    // 2^40 + 5 leaves, of which only the border is known.
    const std::uint64_t size = (std::uint64_t{1} << 40U) + 5;
    std::mt19937_64 random(3);
    std::vector<digest> hashes;
    for (int i = 0; i < std::popcount(size); ++i)
        hashes.push_back(reference::random_digest(random));
    const frontier before = frontier::restore(size, hashes).value();
    std::vector<digest> leaves;
    for (int i = 0; i < 10; ++i) leaves.push_back(reference::random_digest(random));
    const batch_tree tree(before, leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        CHECK(verify_inclusion(leaves[i], size + i, size + 10, tree.path(i), tree.root()));
    }
}

TEST_CASE("a border is restored from its hashes and from nothing else") {
    frontier f;
    for (int i = 0; i < 11; ++i) f.append(leaf_hash(std::to_string(i)));
    CHECK(frontier::restore(11, f.hashes()).value() == f);
    CHECK(frontier::restore(11, f.serialise()).value() == f);
    CHECK(frontier::restore(0, bytes_view{}).value().root() == empty_root());
    CHECK(frontier::restore(12, f.serialise()).error().code == errc::log_damaged);
    CHECK_FALSE(frontier::restore(11, f.serialise().substr(1)));
    CHECK_FALSE(frontier::restore(11, f.serialise().substr(32)));
    CHECK_FALSE(frontier::restore(~std::uint64_t{0}, f.serialise()));
}

TEST_CASE("what is stored with a record is 32 bytes and 32 more for every tree it ends") {
    frontier f;
    for (std::uint64_t n = 0; n < 70; ++n) {
        const bytes blob = f.append(leaf_hash(std::to_string(n)));
        CHECK(blob.size() == 32 * (1 + static_cast<std::size_t>(std::countr_zero(n + 1))));
    }
}

} // namespace
} // namespace cairn::merkle
