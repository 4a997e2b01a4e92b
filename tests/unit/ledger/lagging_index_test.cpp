#include "ledger/lagging_index.hpp"
#include "support/fault_vfs.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace cairn;
using namespace cairn::ledger;

namespace {

constexpr lagging_index::texts texts{
    1,
    "SELECT pos FROM found WHERE k = ?",
    "INSERT INTO found(k, pos) VALUES (?, ?) ON CONFLICT (k) DO NOTHING",
    "SELECT k, pos FROM source WHERE pos >= ?",
};

struct tables {
    cairn::test::memory_disk disk{"cairn-index", 1};
    std::unique_ptr<sql::database> db;
    tables() {
        auto made = sql::database::open({"/mem/x.db", "cairn-index"}, sql::access::create);
        db = std::move(*made);
        REQUIRE(db->exec(
            "CREATE TABLE found(k BLOB PRIMARY KEY, pos INTEGER) WITHOUT ROWID;"
            "CREATE TABLE source(pos INTEGER PRIMARY KEY, k BLOB);"
            "CREATE TABLE lag(no INTEGER PRIMARY KEY, floor INTEGER, round INTEGER, next INTEGER)"
        ));
    }
    ~tables() { db.reset(); }
    void add_source(const lagging_index::key& k, std::uint64_t pos) {
        sql::query q(*db, "INSERT INTO source(k, pos) VALUES (?, ?)");
        REQUIRE(q.bind_blob({reinterpret_cast<const char*>(k.data()), k.size()}).bind(pos).run());
    }
    std::int64_t rows() { return *db->number("SELECT count(*) FROM found"); }
};

} // namespace

TEST_CASE("every key is found at every moment, through rounds, rollbacks and starts") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    INFO("seed " << seed);
    std::mt19937_64 r(seed);
    tables t;
    auto index = std::make_unique<lagging_index>(texts, 600);
    std::map<lagging_index::key, std::uint64_t> expected;
    std::uint64_t pos = 1;
    for (int commit = 0; commit < 300; ++commit) {
        const std::uint64_t begin = pos;
        const bool fails = r() % 10 == 0;
        REQUIRE(t.db->exec("BEGIN"));
        std::map<lagging_index::key, std::uint64_t> added;
        for (std::uint64_t n = r() % 40; n > 0; --n) {
            lagging_index::key k{};
            for (auto& b : k) b = static_cast<std::uint8_t>(r());
            CHECK(*index->find_staged(*t.db, k) == 0);
            index->stage(k, pos);
            CHECK(*index->find_staged(*t.db, k) == pos);
            CHECK(*index->find(*t.db, k) == 0);
            t.add_source(k, pos);
            added.emplace(k, pos++);
        }
        REQUIRE(index->flush(*t.db, begin));
        if (fails) {
            REQUIRE(t.db->exec("ROLLBACK"));
            index->rolled_back();
            for (const auto& [k, p] : added) CHECK(*index->find_staged(*t.db, k) == 0);
            pos = begin;
        } else {
            REQUIRE(t.db->exec("COMMIT"));
            index->committed();
            expected.merge(added);
        }
        if (r() % 20 == 0) {
            index = std::make_unique<lagging_index>(texts, 600);
            REQUIRE(index->load(*t.db));
        }
        if (commit % 10 != 0) continue;
        for (const auto& [k, p] : expected) CHECK(*index->find(*t.db, k) == p);
    }
    const auto floor = *t.db->number("SELECT coalesce(max(floor), 0) FROM lag");
    CHECK(floor > 100);
    // Memory is bounded: what is not in the table is what may stay.
    CHECK(static_cast<std::int64_t>(expected.size()) - t.rows() <= 600);
    const std::string missing = "SELECT count(*) FROM source s WHERE pos < " +
                                std::to_string(floor) +
                                " AND NOT EXISTS (SELECT 1 FROM found f WHERE f.k = s.k)";
    CHECK(*t.db->number(missing.c_str()) == 0);
}
