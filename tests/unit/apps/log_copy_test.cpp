// A log read page by page, with every way a broker may lie about it.
#include "apps/cairn/log_copy.hpp"

#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/exported_log.hpp"
#include "unit/merkle/worked_example.hpp"

#include <catch2/catch.hpp>

namespace cairn::cli {
namespace {

std::vector<bytes> some_leaves(std::size_t n) {
    std::vector<bytes> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back("leaf " + std::to_string(i));
    return out;
}

merkle::tree_head head_of(const std::vector<bytes>& leaves) {
    merkle::frontier tree;
    for (const bytes& leaf : leaves) tree.append(merkle::leaf_hash(leaf));
    return {tree.size(), tree.root()};
}

struct asked_pages {
    const std::vector<bytes>& leaves;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pages;

    page_source source() {
        return [this](std::uint64_t from, std::uint64_t until) -> result<std::vector<bytes>> {
            pages.emplace_back(from, until);
            const auto at = leaves.begin();
            return std::vector<bytes>(
                at + static_cast<std::ptrdiff_t>(from), at + static_cast<std::ptrdiff_t>(until)
            );
        };
    }
};

TEST_CASE("a log is asked for in pages of bounded size, and verifies") {
    const auto leaves = some_leaves(1001);
    asked_pages asked{leaves, {}};
    std::vector<bytes> seen;
    const status good = read_log(head_of(leaves), 250, asked.source(), [&](bytes_view leaf) {
        seen.emplace_back(leaf);
        return status{};
    });
    CHECK(good);
    CHECK(seen == leaves);
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> pages{
        {0, 250}, {250, 500}, {500, 750}, {750, 1000}, {1000, 1001}};
    CHECK(asked.pages == pages);
}

TEST_CASE("an empty log is asked for nothing") {
    const auto leaves = some_leaves(0);
    asked_pages asked{leaves, {}};
    CHECK(read_log({0, merkle::empty_root()}, 250, asked.source()));
    CHECK(asked.pages.empty());
    CHECK_FALSE(read_log({0, digest{}}, 250, asked.source()));
}

TEST_CASE("a changed, a missing and a surplus record are each found") {
    const auto leaves = some_leaves(600);
    const auto head = head_of(leaves);
    auto changed = leaves;
    changed[577][2] = '!';
    asked_pages lying{changed, {}};
    CHECK(read_log(head, 256, lying.source()).error().code == errc::log_damaged);

    const page_source cut = [&](std::uint64_t from, std::uint64_t) -> result<std::vector<bytes>> {
        return std::vector<bytes>(
            leaves.begin() + static_cast<std::ptrdiff_t>(from), leaves.begin() + 300
        );
    };
    const status less = read_log(head, 600, cut);
    REQUIRE_FALSE(less);
    CHECK(less.error().where.find("record 300") == 0);

    const page_source more = [&](std::uint64_t, std::uint64_t) -> result<std::vector<bytes>> {
        return std::vector<bytes>(700, "x");
    };
    CHECK(read_log(head, 600, more).error().code == errc::log_damaged);
    const page_source none = [](std::uint64_t, std::uint64_t) -> result<std::vector<bytes>> {
        return std::vector<bytes>();
    };
    CHECK(read_log(head, 600, none).error().code == errc::log_damaged);
    const page_source gone = [](std::uint64_t, std::uint64_t) -> result<std::vector<bytes>> {
        return fail(errc::connect_failed);
    };
    CHECK(read_log(head, 600, gone).error().code == errc::connect_failed);
}

TEST_CASE("tiles written on the way are those of the whole log at once") {
    for (const std::size_t n : {0U, 1U, 255U, 256U, 257U, 1000U, 65536U + 513U}) {
        const auto leaves = some_leaves(n);
        merkle::file_map expected =
            merkle::export_log(merkle::worked_signer(), "northshire/2026", leaves);
        merkle::file_map written;
        tile_writer tiles([&](const std::string& path, bytes_view content) {
            written[path] = bytes(content);
            return status{};
        });
        for (const bytes& leaf : leaves) REQUIRE(tiles.add(leaf));
        REQUIRE(tiles.finish(expected.at("checkpoint")));
        INFO(n << " leaves");
        CHECK((written == expected));
    }
}

TEST_CASE("a file that cannot be written stops the copy") {
    tile_writer tiles([](const std::string&, bytes_view) -> status {
        return fail(errc::file_unwritable);
    });
    for (int i = 0; i < 255; ++i) REQUIRE(tiles.add("leaf"));
    CHECK(tiles.add("leaf").error().code == errc::file_unwritable);
}

TEST_CASE("a head may only follow one that is not longer and is not another of its size") {
    const merkle::tree_head five = head_of(some_leaves(5));
    const merkle::tree_head nine = head_of(some_leaves(9));
    merkle::tree_head other = five;
    other.root[0] ^= 1;
    CHECK(may_follow(five, nine).value());
    CHECK_FALSE(may_follow(five, five).value());
    CHECK_FALSE(may_follow({0, merkle::empty_root()}, nine).value());
    const auto shrunk = may_follow(nine, five);
    REQUIRE_FALSE(shrunk);
    CHECK(shrunk.error().code == errc::log_damaged);
    CHECK(shrunk.error().where.find("SHRANK") != std::string::npos);
    const auto forked = may_follow(five, other);
    REQUIRE_FALSE(forked);
    CHECK(forked.error().where.find("FORKED") != std::string::npos);
}

} // namespace
} // namespace cairn::cli
