#include "merkle/tiles.hpp"

#include "merkle/hashing.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/exported_log.hpp"
#include "unit/merkle/tessera_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace cairn::merkle {
namespace {

const std::string origin(tessera::origin);
const std::vector<verifier_key> with = {parse_vkey(tessera::vkey).value()};

std::vector<bytes> some_entries(std::size_t n) {
    std::vector<bytes> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back("entry " + std::to_string(i));
    return out;
}

std::string place_of(const file_map& files) {
    const auto r = verify_tiles(reader_of(files), with);
    if (r) return "good";
    CHECK(r.error().code == errc::log_damaged);
    return r.error().where;
}

TEST_CASE("tile paths are those of the specification") {
    CHECK(tile_path({0, 1234067, 256}) == "tile/0/x001/x234/067");
    CHECK(tile_path({0, 0, 256}) == "tile/0/000");
    CHECK(tile_path({3, 999, 256}) == "tile/3/999");
    CHECK(tile_path({0, 1000, 256}) == "tile/0/x001/000");
    CHECK(tile_path({0, 273, 112}) == "tile/0/273.p/112");
    CHECK(entries_path(0, 15) == "tile/entries/000.p/15");
    CHECK(entries_path(1234067, 256) == "tile/entries/x001/x234/067");
}

TEST_CASE("a log of 70000 has the tiles the specification's example has") {
    const auto tiles = tiles_of(70000);
    REQUIRE(tiles.size() == 274 + 2 + 1);
    CHECK(tiles[0] == tile{0, 0, 256});
    CHECK(tiles[273] == tile{0, 273, 112});
    CHECK(tiles[274] == tile{1, 0, 256});
    CHECK(tiles[275] == tile{1, 1, 17});
    CHECK(tiles[276] == tile{2, 0, 1});
    CHECK(tiles_of(0).empty());
    CHECK(tiles_of(256) == std::vector<tile>{{0, 0, 256}, {1, 0, 1}});
}

TEST_CASE("entries are split as they were joined, and a cut one is noticed") {
    bytes bundle;
    const std::vector<bytes> entries = {"one", "", bytes(65535, 'x')};
    for (const bytes& e : entries) REQUIRE(append_entry(bundle, e));
    const auto parts = split_bundle(bundle).value();
    CHECK(std::equal(parts.begin(), parts.end(), entries.begin(), entries.end()));
    CHECK(split_bundle("").value().empty());
    CHECK_FALSE(split_bundle(bytes_view(bundle).substr(0, bundle.size() - 1)));
    CHECK_FALSE(split_bundle(bytes_view(bundle).substr(0, 1)));
    CHECK(append_entry(bundle, bytes(65536, 'x')).error().code == errc::too_large);
}

TEST_CASE("the public test log's export verifies") {
    std::vector<bytes> entries(tessera::leaves.begin(), tessera::leaves.end());
    const file_map files = export_log(tessera::signer(), origin, entries);
    CHECK(files.at("checkpoint") == tessera::checkpoint_15());
    CHECK(files.count("tile/0/000.p/15") == 1);
    CHECK(files.count("tile/entries/000.p/15") == 1);
    std::vector<bytes> seen;
    const auto r = verify_tiles(reader_of(files), with, [&](std::uint64_t i, bytes_view e) {
        CHECK(i == seen.size());
        seen.emplace_back(e);
    });
    REQUIRE(r);
    CHECK(r->head.size == 15);
    CHECK(seen == entries);
}

TEST_CASE("exports of every shape verify") {
    for (const unsigned n : {0U, 1U, 255U, 256U, 257U, 511U, 512U, 700U}) {
        CAPTURE(n);
        CHECK(place_of(export_log(tessera::signer(), origin, some_entries(n))) == "good");
    }
}

TEST_CASE("an export with three levels verifies and a bad record late in it is placed") {
    file_map files = export_log(tessera::signer(), origin, std::vector<bytes>(65537, "same"));
    CHECK(files.count("tile/2/000.p/1") == 1);
    CHECK(place_of(files) == "good");
    files.at("tile/entries/255")[5] = 'S';
    CHECK(place_of(files) == "record 65280");
}

TEST_CASE("every flipped bit of an exported record is found and its record named") {
    const auto entries = some_entries(20);
    const file_map good = export_log(tessera::signer(), origin, entries);
    const std::string name = "tile/entries/000.p/20";
    std::size_t at = 0;
    for (std::size_t record = 0; record < entries.size(); ++record) {
        for (std::size_t bit = 0; bit < 8 * (2 + entries[record].size()); ++bit) {
            file_map files = good;
            char& c = files.at(name)[at + bit / 8];
            c = static_cast<char>(static_cast<unsigned char>(c) ^ (1U << (bit % 8)));
            CAPTURE(record, bit);
            REQUIRE(place_of(files) == "record " + std::to_string(record));
        }
        at += 2 + entries[record].size();
    }
}

TEST_CASE("damage in full bundles and upper tiles is placed") {
    const file_map good = export_log(tessera::signer(), origin, some_entries(700));
    const auto after = [&](auto change) {
        file_map files = good;
        change(files);
        return place_of(files);
    };
    CHECK(after([](auto& f) { f.at("tile/entries/001")[2] ^= 1; }) == "record 256");
    CHECK(after([](auto& f) { f.at("tile/0/001")[32 * 7 + 3] ^= 1; }) == "record 263");
    CHECK(after([](auto& f) { f.at("tile/1/000.p/2")[32] ^= 1; }) == "record 256");
    CHECK(after([](auto& f) { f.at("tile/0/002.p/188").resize(32 * 9 + 4); }) == "record 521");
    CHECK(after([](auto& f) { f.at("tile/0/002.p/188") += "x"; }) == "record 699");
    CHECK(after([](auto& f) { f.at("tile/entries/002.p/188") += bytes(3, '\0'); }) == "record 699");
    CHECK(after([](auto& f) { f.at("tile/entries/001").resize(100); }) == "record 265");
    CHECK(after([](auto& f) { f.erase("tile/entries/001"); }) == "record 256");
    CHECK(after([](auto& f) { f.erase("tile/0/001"); }) == "record 256");
    CHECK(after([](auto& f) { f.erase("tile/1/000.p/2"); }) == "record 0");
    // The first of two.
    CHECK(after([](auto& f) {
              f.at("tile/entries/002.p/188")[2] ^= 1;
              f.at("tile/entries/001")[2] ^= 1;
          }) == "record 256");
}

TEST_CASE("dropped, swapped and repeated records are placed") {
    const auto entries = some_entries(20);
    const auto bundle_of = [&](const std::vector<std::size_t>& order) {
        file_map files = export_log(tessera::signer(), origin, entries);
        bytes bundle;
        for (const std::size_t i : order) REQUIRE(append_entry(bundle, entries[i]));
        files.at("tile/entries/000.p/20") = bundle;
        return place_of(files);
    };
    std::vector<std::size_t> order(20);
    for (std::size_t i = 0; i < 20; ++i) order[i] = i;
    CHECK(bundle_of(order) == "good");
    std::vector<std::size_t> changed = order;
    changed.erase(changed.begin() + 4);
    CHECK(bundle_of(changed) == "record 4");
    changed = order;
    std::swap(changed[3], changed[17]);
    CHECK(bundle_of(changed) == "record 3");
    changed = order;
    changed.insert(changed.begin() + 6, 5);
    CHECK(bundle_of(changed) == "record 6");
    changed = order;
    changed.pop_back();
    CHECK(bundle_of(changed) == "record 19");
}

TEST_CASE("a log rewritten throughout does not fit the signed root") {
    const file_map good = export_log(tessera::signer(), origin, some_entries(20));
    auto entries = some_entries(20);
    entries[7] = "another";
    file_map files = export_log(tessera::signer(), origin, entries);
    files.at("checkpoint") = good.at("checkpoint");
    CHECK(place_of(files) == "root");
}

TEST_CASE("an export under another key or without a checkpoint is not looked into") {
    ed25519_private other;
    other.seed.fill(5);
    const note_signer impostor(origin, other, key_type::ed25519);
    file_map files = export_log(impostor, origin, some_entries(3));
    CHECK(verify_tiles(reader_of(files), with).error().code == errc::signature_invalid);
    files.erase("checkpoint");
    CHECK(verify_tiles(reader_of(files), with).error().code == errc::file_unreadable);
}

} // namespace
} // namespace cairn::merkle
