#include "ledger/keys.hpp"
#include "support/fault_vfs.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/fixture.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

const ledger_id id{1, 2, 3};
const sql::file file{"/mem/keys.db", "cairn-keys"};

struct keys {
    cairn::test::memory_disk disk{"cairn-keys", 3};
    seeded_random random{4};
    key256 partnership{};
    std::unique_ptr<key_store> store;

    keys() {
        auto made = key_store::create(file, partnership, id, random);
        REQUIRE(made);
        store = std::move(*made);
        REQUIRE(store->start(0, 16));
    }
    void again(std::uint64_t used) {
        store.reset();
        auto opened = key_store::open(file, partnership, id, random);
        REQUIRE(opened);
        store = std::move(*opened);
        REQUIRE(store->start(used, 16));
    }
};

} // namespace

TEST_CASE("a key that was handed out opens what it sealed, now and after a start") {
    keys k;
    const auto a = *k.store->take();
    const auto b = *k.store->take();
    CHECK(a.slot == 1);
    CHECK(b.slot == 2);
    CHECK(a.key != b.key);
    CHECK(k.store->key_of(1)->key == a.key);
    k.again(2);
    CHECK(k.store->key_of(1)->key == a.key);
    CHECK(k.store->key_of(2)->key == b.key);
    CHECK(k.store->take()->slot == 3);
}

TEST_CASE("slots above the last one used are other keys after every start") {
    keys k;
    const auto used = *k.store->take();
    const auto lost = *k.store->take();
    k.again(used.slot);
    const auto next = *k.store->take();
    CHECK(next.slot == lost.slot);
    CHECK(next.key != lost.key);
    CHECK(k.store->key_of(used.slot)->key == used.key);
}

TEST_CASE("no key and no wrapped key repeats, and no key lies open in the file") {
    keys k;
    std::vector<key256> seen;
    for (int start = 0; start < 3; ++start) {
        while (auto one = k.store->take()) {
            CHECK(std::find(seen.begin(), seen.end(), one->key) == seen.end());
            CHECK_FALSE(k.disk.holds({reinterpret_cast<const char*>(one->key.data()), 32}));
            seen.push_back(one->key);
        }
        k.again(0);
    }
    CHECK(seen.size() == 48);
}

TEST_CASE("a destroyed slot answers erased for good, and its wrapped key is gone from the file") {
    keys k;
    const auto a = *k.store->take();
    const std::string before = k.disk.read("/mem/keys.db");
    REQUIRE(k.store->destroy(a.slot));
    CHECK(k.store->key_of(a.slot).error().code == errc::erased);
    k.again(a.slot);
    CHECK(k.store->key_of(a.slot).error().code == errc::erased);
    CHECK(k.store->key_of(999).error().code == errc::keys_missing);
    // 48 bytes of it were overwritten with zeros.
    CHECK(before.find(std::string(48, '\0')) != std::string::npos);
    CHECK(k.disk.read("/mem/keys.db") != before);
}

TEST_CASE("an exchanged or changed slot does not open") {
    keys k;
    (void) k.store->take();
    k.store.reset();
    auto db = sql::database::open(file, sql::access::read_write);
    REQUIRE((*db)->exec(
        "UPDATE slot SET wrapped = (SELECT wrapped FROM slot WHERE no = 2) WHERE no = 1"
    ));
    db->reset();
    auto opened = key_store::open(file, k.partnership, id, k.random);
    REQUIRE(opened);
    CHECK((*opened)->key_of(1).error().code == errc::sealed_data_damaged);
    CHECK((*opened)->key_of(2));
}

TEST_CASE("a part opens only under its own slot and number") {
    const data_key a{7, {}};
    const data_key other_slot{8, {}};
    const bytes sealed = seal_part(a, 1, "plain");
    CHECK(*open_part(a, 1, sealed) == "plain");
    CHECK_FALSE(open_part(a, 2, sealed));
    CHECK_FALSE(open_part(other_slot, 1, sealed));
}
