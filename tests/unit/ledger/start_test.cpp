#include "support/result_text.hpp"
#include "unit/ledger/fixture.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sqlite3.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

struct closed {
    temporary_folder folder;
    bench_ledger l{options_for(folder.path())};
    closed() {
        REQUIRE(l.create());
        REQUIRE(l.send({}));
        l.close();
    }
    failure refused() {
        const auto r = l.open();
        REQUIRE_FALSE(r);
        return r.error();
    }
};

void sql_on(const std::string& path, const char* text) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
}

bool failing(bench_ledger& l, const std::string& name) {
    const auto checks = l->failing_checks();
    return std::any_of(checks.begin(), checks.end(), [&](const auto& c) {
        return c.first == name;
    });
}

} // namespace

TEST_CASE("a folder has one ledger: a second process is refused, a second ledger is not made") {
    closed c;
    REQUIRE(c.l.open());
    bench_ledger second(options_for(c.folder.path()));
    CHECK(second.open().error().code == errc::storage_in_use);
    CHECK(second.create().error().code == errc::storage_in_use);
    c.l.close();
    CHECK(second.create().error().code == errc::storage_foreign);
    CHECK(second.open());
}

TEST_CASE("a folder without a ledger, or none at all, is refused") {
    temporary_folder folder;
    bench_ledger l(options_for(folder.path()));
    CHECK(l.open().error().code == errc::storage_foreign);
    bench_ledger nowhere(options_for(folder.path() + "/not/there"));
    CHECK(nowhere.open().error().code == errc::storage_foreign);
}

TEST_CASE("deleted keys are named at the start") {
    closed c;
    std::filesystem::remove(c.folder.file("keys.db"));
    CHECK(c.refused().code == errc::keys_missing);
    CHECK(c.refused().where == "keys.db");
    // And not made anew behind anybody's back.
    CHECK_FALSE(std::filesystem::exists(c.folder.file("keys.db")));
}

TEST_CASE("keys of another ledger, an older copy of them, another partnership key: each is refused"
) {
    closed c;
    SECTION("another ledger's") {
        temporary_folder folder;
        bench_ledger other(options_for(folder.path()));
        other.random = seeded_random{99};
        REQUIRE(other.create());
        other.close();
        std::filesystem::copy_file(
            folder.file("keys.db"),
            c.folder.file("keys.db"),
            std::filesystem::copy_options::overwrite_existing
        );
        CHECK(c.refused().code == errc::keys_missing);
        CHECK(c.refused().detail == "of another ledger");
    }
    SECTION("older than the ledger") {
        std::filesystem::copy_file(c.folder.file("keys.db"), c.folder.file("copy"));
        REQUIRE(c.l.open());
        for (int i = 0; i < 100; ++i) REQUIRE(c.l.send({}));
        c.l.close();
        std::filesystem::copy_file(
            c.folder.file("copy"),
            c.folder.file("keys.db"),
            std::filesystem::copy_options::overwrite_existing
        );
        CHECK(c.refused().code == errc::keys_missing);
    }
    SECTION("another partnership key") {
        auto o = options_for(c.folder.path());
        o.partnership_key.fill(8);
        bench_ledger l(o);
        CHECK(l.open().error().code == errc::keys_missing);
    }
    SECTION("another log key") {
        auto o = options_for(c.folder.path());
        o.log_key.seed.fill(8);
        bench_ledger l(o);
        CHECK(l.open().error().code == errc::keys_missing);
        CHECK(l.open().error().where == "log key");
    }
    SECTION("another partnership") {
        auto o = options_for(c.folder.path());
        o.partnership = "southshire.example";
        bench_ledger l(o);
        CHECK(l.open().error().code == errc::storage_foreign);
    }
}

TEST_CASE("a foreign or newer database is refused and not touched") {
    closed c;
    const std::string path = c.folder.file("ledger.db");
    SECTION("newer") {
        sql_on(path, "PRAGMA user_version = 2");
        CHECK(c.refused().code == errc::storage_foreign);
        CHECK(c.refused().detail.find("newer") == 0);
    }
    SECTION("foreign") {
        std::filesystem::remove(path);
        sql_on(path, "CREATE TABLE mine(x)");
        CHECK(c.refused().code == errc::storage_foreign);
        CHECK(c.refused().detail.find("foreign") == 0);
    }
    SECTION("no database at all") {
        std::ofstream(path, std::ios::trunc) << std::string(8192, 'x');
        CHECK(c.refused().code == errc::storage_foreign);
    }
    SECTION("empty") {
        std::filesystem::resize_file(path, 0);
        CHECK(c.refused().code == errc::storage_foreign);
    }
    SECTION("foreign keys") {
        sql_on(c.folder.file("keys.db"), "PRAGMA application_id = 1");
        CHECK(c.refused().code == errc::storage_foreign);
        CHECK(c.refused().where == "keys.db");
    }
}

TEST_CASE("a folder that cannot be written is refused with that reason") {
    if (::geteuid() == 0) {
        WARN("skipped: root writes everywhere");
        return;
    }
    closed c;
    std::filesystem::permissions(
        c.folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec
    );
    CHECK(c.refused().code == errc::storage_read_only);
    std::filesystem::permissions(c.folder.path(), std::filesystem::perms::owner_all);
}

TEST_CASE("a file deleted under a running ledger fails its check by name") {
    closed c;
    REQUIRE(c.l.open());
    CHECK_FALSE(failing(c.l, "keys.db"));
    std::filesystem::remove(c.folder.file("keys.db"));
    CHECK(failing(c.l, "keys.db"));
    std::ofstream(c.folder.file("keys.db")) << "another";
    CHECK(failing(c.l, "keys.db"));
    std::filesystem::remove(c.folder.file("ledger.db"));
    CHECK(failing(c.l, "ledger.db"));
    std::filesystem::remove_all(c.folder.path());
    CHECK(failing(c.l, "folder"));
}

TEST_CASE("a clock set back fails its check, and record time never goes back") {
    closed c;
    REQUIRE(c.l.open());
    const auto first = c.l.send({});
    c.l.time.us -= 3'600'000'000;
    CHECK(failing(c.l, "clock"));
    const auto second = c.l.send({});
    CHECK(second->recorded_at_us == first->recorded_at_us);
    REQUIRE(c.l.open());
    CHECK(c.l.send({})->recorded_at_us == first->recorded_at_us);
    c.l.time.us += 7'200'000'000;
    CHECK_FALSE(failing(c.l, "clock"));
    CHECK(c.l.send({})->recorded_at_us > first->recorded_at_us);
    CHECK(c.l->read().verify_all());
}

TEST_CASE("append-only tables refuse to be changed by whoever has the file open") {
    closed c;
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(c.folder.file("ledger.db").c_str(), &db) == SQLITE_OK);
    for (const char* text :
         {"DELETE FROM leaf",
          "UPDATE leaf SET leaf = x'00'",
          "DELETE FROM checkpoint",
          "UPDATE checkpoint SET note = ''"}) {
        CHECK(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT);
    }
    sqlite3_close(db);
}

TEST_CASE("a ledger restored from an older copy meets no key that was used") {
    closed c;
    std::filesystem::copy_file(c.folder.file("ledger.db"), c.folder.file("copy"));
    REQUIRE(c.l.open());
    const auto lost = c.l->take_key();
    REQUIRE(lost);
    REQUIRE(c.l.send({}));
    c.l.close();
    std::filesystem::copy_file(
        c.folder.file("copy"),
        c.folder.file("ledger.db"),
        std::filesystem::copy_options::overwrite_existing
    );
    REQUIRE(c.l.open());
    const auto again = c.l->take_key();
    REQUIRE(again);
    CHECK(again->slot == lost->slot);
    CHECK(again->key != lost->key);
    CHECK(c.l->read().verify_all());
}
