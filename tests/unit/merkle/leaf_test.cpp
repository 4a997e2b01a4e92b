#include "merkle/leaf.hpp"

#include "merkle/entry.hpp"
#include "merkle/field_tree.hpp"
#include "merkle/hashing.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace cairn::merkle {
namespace {

record_seed seed_of(std::uint8_t fill) {
    record_seed out;
    out.fill(fill);
    return out;
}

leaf some_leaf() {
    leaf out;
    out.kind = record_kind::query;
    out.record_time_us = 0x0102030405060708;
    out.decided_at_us = 0x1112131415161718;
    out.policy_digest = leaf_hash("p");
    out.registry_epoch = 0x2122232425262728;
    out.entries_root = leaf_hash("e");
    out.body_root = leaf_hash("b");
    return out;
}

party_entry some_entry() {
    party_entry out;
    out.part = party_part::desk;
    out.salt = entry_salt(seed_of(1), 3);
    out.party = "northshire-police/mash";
    out.agency_seq = 9;
    out.previous = leaf_hash("before");
    out.commitment = leaf_hash("commitment");
    return out;
}

TEST_CASE("every record kind has a name of its own, and the name finds it") {
    std::set<std::string_view> names;
    for (std::uint8_t n = 1; n <= 11; ++n) {
        const auto kind = static_cast<record_kind>(n);
        const std::string_view name = name_of(kind);
        CHECK_FALSE(name.empty());
        CHECK(names.insert(name).second);
        CHECK(record_kind_of(name) == kind);
    }
    CHECK(name_of(record_kind::returned) == "return");
    CHECK(name_of(record_kind{0}).empty());
    CHECK(name_of(record_kind{12}).empty());
    CHECK_FALSE(record_kind_of(""));
    CHECK_FALSE(record_kind_of("returned"));
}

TEST_CASE("a leaf is 122 bytes and is read back") {
    const bytes encoded = encode(some_leaf());
    CHECK(encoded.size() == leaf_bytes);
    CHECK(decode_leaf(encoded).value() == some_leaf());
}

TEST_CASE("a leaf of another size, version or kind is refused") {
    const bytes good = encode(some_leaf());
    const auto refused = [](const bytes& in) {
        const auto r = decode_leaf(in);
        return !r && r.error().code == errc::log_damaged && r.error().where == "leaf";
    };
    CHECK(refused(""));
    CHECK(refused(good.substr(0, 121)));
    CHECK(refused(good + "x"));
    for (const char version : {'\0', '\2'}) CHECK(refused(version + good.substr(1)));
    for (const char kind : {'\0', '\x0c', '\xff'}) {
        CHECK(refused(good.substr(0, 1) + kind + good.substr(2)));
    }
}

TEST_CASE("an entry is read back, and its hash is the leaf hash of its bytes") {
    const bytes encoded = encode(some_entry());
    CHECK(encoded.size() == 91 + some_entry().party.size());
    CHECK(decode_entry(encoded).value() == some_entry());
    CHECK(entry_hash(encoded) == leaf_hash(encoded));
    party_entry longest = some_entry();
    longest.party.assign(255, 'x');
    CHECK(decode_entry(encode(longest)).value() == longest);
    party_entry first = some_entry();
    first.agency_seq = 1;
    first.previous = digest{};
    CHECK(decode_entry(encode(first)).value() == first);
}

TEST_CASE("an entry that breaks its rules is refused") {
    const bytes good = encode(some_entry());
    const auto refused = [](const bytes& in) {
        const auto r = decode_entry(in);
        return !r && r.error().code == errc::log_damaged && r.error().where == "entry";
    };
    CHECK_FALSE(refused(good));
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(refused(good.substr(0, n)));
    CHECK(refused(good + "x"));
    CHECK(refused('\2' + good.substr(1)));
    for (const char part : {'\0', '\4'}) CHECK(refused(good.substr(0, 1) + part + good.substr(2)));
    // No party.
    CHECK(refused(good.substr(0, 18) + '\0' + good.substr(19 + some_entry().party.size())));
    for (const char c : {'\n', '\x1b', '\xff'}) {
        bytes odd = good;
        odd[19] = c;
        CHECK(refused(odd));
    }
    const std::size_t seq = 19 + some_entry().party.size();
    const bytes before = good.substr(0, seq);
    const bytes after = good.substr(seq + 8);
    bytes number;
    put_u64(number, 0);
    CHECK(refused(before + number + after));
    number.clear();
    put_u64(number, 1);
    // First, yet with a previous one; later, yet without.
    CHECK(refused(before + number + after));
    CHECK(refused(good.substr(0, seq + 8) + bytes(32, '\0') + after.substr(32)));
}

TEST_CASE("the uses of a record's seed are apart from each other and between places") {
    const record_seed seed = seed_of(7);
    std::set<bytes> seen;
    for (std::uint32_t i = 0; i < 50; ++i) {
        CHECK(seen.insert(bytes(salt_view(entry_salt(seed, i)))).second);
        CHECK(seen.insert(bytes(salt_view(field_salt(seed, i)))).second);
        CHECK(seen.insert(bytes(view(padding_leaf(seed, i))).substr(0, 16)).second);
        CHECK(seen.insert(bytes(view(commitment_randomness(seed, i))).substr(0, 16)).second);
    }
    CHECK(entry_salt(seed, 0) != entry_salt(seed_of(8), 0));
}

TEST_CASE("a commitment depends on its randomness and on every byte") {
    const digest r = leaf_hash("r");
    CHECK(commit(r, "body") != commit(leaf_hash("s"), "body"));
    CHECK(commit(r, "body") != commit(r, "bodY"));
    CHECK(commit(r, "") != commit(r, bytes(1, '\0')));
}

TEST_CASE("the entry tree is padded to steps that hide how many were told") {
    CHECK(padded_count(0) == 8);
    CHECK(padded_count(8) == 8);
    CHECK(padded_count(9) == 16);
    CHECK(padded_count(64) == 64);
    CHECK(padded_count(65) == 128);
    CHECK(padded_count(128) == 128);
    CHECK(padded_count(129) == 0);
}

TEST_CASE("entry trees agree with the definition and give verifying paths") {
    std::mt19937_64 random(4);
    const record_seed seed = seed_of(3);
    for (const unsigned n : {0U, 1U, 3U, 8U, 9U, 40U, 128U}) {
        CAPTURE(n);
        std::vector<digest> leaves;
        for (unsigned i = 0; i < n; ++i) leaves.push_back(reference::random_digest(random));
        const entry_tree tree = entry_tree::make(seed, leaves).value();
        for (unsigned i = n; i < tree.count(); ++i) leaves.push_back(padding_leaf(seed, i));
        REQUIRE(leaves.size() == tree.count());
        CHECK(tree.root() == reference::root(leaves, leaves.size()));
        for (unsigned i = 0; i < tree.count(); ++i) {
            CHECK(tree.path(i) == reference::path(leaves, i, leaves.size()));
        }
    }
    const std::vector<digest> too_many(129);
    CHECK(entry_tree::make(seed, too_many).error().code == errc::too_many);
}

TEST_CASE("the field tree is the definition over salted fields in their order") {
    const record_seed seed = seed_of(5);
    CHECK(field_root(seed, {}) == empty_root());
    std::vector<field> fields;
    std::vector<digest> leaves;
    for (std::uint32_t i = 0; i < 11; ++i) {
        bytes path;
        append_step(path, 3, i);
        append_step(path, 2, not_repeated);
        CHECK(path.size() == 16);
        fields.push_back({path, "value " + std::to_string(i)});
        leaves.push_back(leaf_hash(encode_field(field_salt(seed, i), path, fields.back().value)));
    }
    CHECK(field_root(seed, fields) == reference::root(leaves, leaves.size()));
    std::swap(fields[0], fields[1]);
    CHECK(field_root(seed, fields) != reference::root(leaves, leaves.size()));
}

TEST_CASE("a field's path and value cannot be shifted into each other") {
    const salt128 salt = field_salt(seed_of(5), 0);
    CHECK(encode_field(salt, "ab", "c") != encode_field(salt, "a", "bc"));
    CHECK(encode_field(salt, "", "abc").size() == 19 + 3);
}

} // namespace
} // namespace cairn::merkle
