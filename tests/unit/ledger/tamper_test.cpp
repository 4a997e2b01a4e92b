// What is changed in the files behind the ledger's back is found, and what can be made again is.
#include "ledger/verify.hpp"
#include "merkle/leaf.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/script.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

// Flips the lowest bit of one byte; false where the column is shorter.
bool flip(
    const std::string& vfs, const char* table, const char* column, std::uint64_t index, int at
) {
    sqlite3* db = nullptr;
    REQUIRE(
        sqlite3_open_v2("/mem/ledger.db", &db, SQLITE_OPEN_READWRITE, vfs.c_str()) == SQLITE_OK
    );
    constexpr const char* unguard = "DROP TRIGGER leaf_fixed; DROP TRIGGER checkpoint_fixed";
    CHECK(sqlite3_exec(db, unguard, nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto row = static_cast<sqlite3_int64>(position::at(2026, index).value);
    sqlite3_blob* blob = nullptr;
    REQUIRE(sqlite3_blob_open(db, "main", table, column, row, 1, &blob) == SQLITE_OK);
    const bool inside = at < sqlite3_blob_bytes(blob);
    if (inside) {
        char b = 0;
        CHECK(sqlite3_blob_read(blob, &b, 1, at) == SQLITE_OK);
        b = static_cast<char>(b ^ 1);
        CHECK(sqlite3_blob_write(blob, &b, 1, at) == SQLITE_OK);
    }
    sqlite3_blob_close(blob);
    sqlite3_close(db);
    return inside;
}

// A ledger with the script's records, closed, on a disk that can be put back as it was.
struct stopped {
    explicit stopped(const std::string& vfs) : disk(vfs, 5) {
        REQUIRE(l.create());
        REQUIRE(run_script(l, j));
        stop();
    }
    void stop() {
        l.close();
        whole = disk.image();
    }
    // Of whoever has the files.
    std::unique_ptr<sql::database> foreign() {
        auto db = sql::database::open({"/mem/ledger.db", disk.name()}, sql::access::read_write);
        REQUIRE(db);
        return std::move(*db);
    }

    cairn::test::memory_disk disk;
    bench_ledger l{options_on(disk)};
    journal j;
    std::map<std::string, std::string> whole;
};

} // namespace

TEST_CASE("any byte changed in leaf, nodes, head, entries or payload is found and placed") {
    stopped w("cairn-tamper");
    auto& [disk, l, j, whole] = w;
    struct column {
        const char* table;
        const char* name;
        int step;
    };
    // Every so many bytes of every record, each record from another one on.
    const column columns[] = {
        {"leaf", "leaf", 11},
        {"leaf", "nodes", 11},
        {"checkpoint", "root", 11},
        {"checkpoint", "note", 37},
        {"payload", "entries", 41},
        {"payload", "parts", 41},
    };
    int flips = 0;
    for (const auto& c : columns) {
        for (std::uint64_t index = 0; index < script_events; ++index) {
            for (int at = static_cast<int>(index) % c.step;; at += c.step) {
                disk.load(whole);
                if (!flip(disk.name(), c.table, c.name, index, at)) break;
                ++flips;
                INFO(c.table << "." << c.name << " record " << index << " byte " << at);
                // The last commit is looked at by the start itself.
                auto opened = l.open();
                const status found = opened ? l->read().verify_all() : opened;
                l.close();
                REQUIRE_FALSE(found);
                // The newest content tells at the start whether keys.db fits: which of the two is
                // wrong nobody can say.
                const bool newest = index + 1 == script_events && c.name == std::string("parts");
                const bool keys = newest && found.error().code == errc::keys_missing;
                CHECK((keys || found.error().code == errc::log_damaged));
                CHECK(found.error().where == "record 2026/" + std::to_string(index));
            }
        }
    }
    CHECK(flips > 400);
}

TEST_CASE("any column of record, delivery and policy that was changed is found") {
    stopped w("cairn-columns");
    auto& [disk, l, j, whole] = w;
    REQUIRE(l.open());
    v1::RecordBody body;
    body.mutable_policy()->set_text("a policy");
    auto d = l.draft_of(record_kind::policy, body, "northshire");
    d.changes = policy_effect{sha256("a policy"), "a policy"};
    REQUIRE(l.put(std::move(d)));
    l.run();
    REQUIRE(l.last());
    w.stop();
    seeded_random random{3};
    REQUIRE(verify_folder(options_on(disk), random));
    struct row {
        std::string table;
        std::string where;
        bool state;
    };
    const auto p = [](std::uint64_t i) { return std::to_string(position::at(2026, i).value); };
    const row rows[] = {
        // A concern, an acknowledgement, a recall, a confirm.
        {"record", "pos = " + p(2), false},
        {"record", "pos = " + p(11), false},
        {"record", "pos = " + p(13), false},
        {"record", "pos = " + p(15), false},
        {"checkpoint", "pos = " + p(2), false},
        {"delivery", "pos = " + p(2), true},
        {"desk", "no = (SELECT min(no) FROM desk)", true},
        {"agency", "no = (SELECT min(no) FROM agency)", true},
        {"policy", "pos > 0", true},
        {"party", "no = 2", false},
    };
    for (const row& r : rows) {
        std::vector<std::string> columns;
        {
            const auto db = w.foreign();
            const std::string text = "SELECT name FROM pragma_table_info('" + r.table + "')";
            sql::query q(*db, text.c_str());
            while (q.row()) columns.emplace_back(q.blob(0));
        }
        for (const auto& column : columns) {
            if (column == "pos" && r.table != "delivery") continue;
            INFO(r.table << "." << column << " where " << r.where);
            disk.load(whole);
            {
                const auto db = w.foreign();
                REQUIRE(db->exec("DROP TRIGGER checkpoint_fixed"));
                // Of a number many more, of bytes another last one, of nothing something.
                const std::string value =
                    "CASE typeof(" + column + ") WHEN 'integer' THEN " + column +
                    " + 1000000 WHEN 'blob' THEN CAST(substr(" + column + ", 1, length(" + column +
                    ") - 1) || CASE substr(" + column +
                    ", -1) WHEN x'01' THEN x'00' ELSE x'01' END AS BLOB) WHEN 'text' THEN " +
                    column + " || 'x' ELSE x'01020304050607080910111213141516' END";
                REQUIRE(db->exec(("UPDATE " + r.table + " SET " + column + " = " + value +
                                  " WHERE " + r.where)
                                     .c_str()));
            }
            const auto changed = disk.image();
            const auto found = verify_folder(options_on(disk), random);
            REQUIRE_FALSE(found);
            CHECK(found.error().code == errc::log_damaged);
            // What can be computed is computed anew; what cannot is not covered up.
            disk.load(changed);
            const auto rebuilt = rebuild_state(options_on(disk), random);
            CHECK(rebuilt.has_value() == r.state);
            if (r.state) CHECK(verify_folder(options_on(disk), random));
        }
    }
}

TEST_CASE("state tables that were emptied are written anew, and the ledger goes on") {
    stopped w("cairn-rebuild");
    auto& [disk, l, j, whole] = w;
    {
        const auto db = w.foreign();
        for (const char* text :
             {"DELETE FROM delivery",
              "DELETE FROM desk",
              "DELETE FROM concern",
              "DELETE FROM submission",
              "DELETE FROM lag",
              "DELETE FROM reply",
              "DELETE FROM agency",
              "DELETE FROM policy"}) {
            REQUIRE(db->exec(text));
        }
    }
    seeded_random random{3};
    CHECK_FALSE(verify_folder(options_on(disk), random));
    const auto counts = rebuild_state(options_on(disk), random);
    REQUIRE(counts);
    CHECK(counts->records == script_events);
    CHECK(verify_folder(options_on(disk), random));
    // Every repeat finds its first answer, and chains go on.
    REQUIRE(l.open());
    REQUIRE(run_script(l, j));
    REQUIRE(l.send({}));
    CHECK(l->read().verify_all());
}

TEST_CASE("a record dropped, added at the end or cut off is found") {
    stopped w("cairn-drop");
    auto& [disk, l, j, whole] = w;
    const auto p = [](std::uint64_t i) { return std::to_string(position::at(2026, i).value); };
    struct cut {
        std::string text;
        std::string where;
    };
    const cut cuts[] = {
        {"DELETE FROM leaf WHERE pos = " + p(4), "record 2026/4"},
        {"DELETE FROM record WHERE pos = " + p(4), "record 2026/4"},
        {"DELETE FROM payload WHERE pos = " + p(4), "record 2026/4"},
        {"DELETE FROM checkpoint WHERE pos = " + p(19), "record 2026/19"},
        {"DELETE FROM leaf WHERE pos = " + p(19), "record 2026/18"},
        {"DELETE FROM leaf WHERE pos = " + p(19) + "; DELETE FROM record WHERE pos = " + p(19) +
             "; DELETE FROM payload WHERE pos = " + p(19),
         "record 2026/18"},
        {"UPDATE leaf SET pos = pos + 1 WHERE pos = " + p(19), "record 2026/19"},
        {"UPDATE record SET recorded_us = recorded_us + 1 WHERE pos = " + p(6), "record 2026/6"},
        {"UPDATE agency SET seq = seq + 1", "agency"},
    };
    for (const auto& c : cuts) {
        INFO(c.text);
        disk.load(whole);
        sqlite3* db = nullptr;
        REQUIRE(
            sqlite3_open_v2("/mem/ledger.db", &db, SQLITE_OPEN_READWRITE, disk.name().c_str()) ==
            SQLITE_OK
        );
        for (const char* t : {"leaf_stays", "leaf_fixed", "checkpoint_stays"}) {
            sqlite3_exec(db, ("DROP TRIGGER " + std::string(t)).c_str(), nullptr, nullptr, nullptr);
        }
        CHECK(sqlite3_exec(db, c.text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(db);
        auto opened = l.open();
        const status found = opened ? l->read().verify_all() : opened;
        l.close();
        REQUIRE_FALSE(found);
        CHECK(found.error().code == errc::log_damaged);
        CHECK(found.error().where == c.where);
    }
}
