#include "core/limits.hpp"
#include "support/result_text.hpp"
#include "support/skip.hpp"
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

void copy_over(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
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
    SECTION("older, and the ledger went less far than slots are made ahead") {
        auto o = options_for(c.folder.path());
        o.slots_ahead = 0;
        bench_ledger l(o);
        REQUIRE(l.open());
        l.close();
        copy_over(c.folder.file("keys.db"), c.folder.file("copy"));
        // Its unused slots are made anew here.
        REQUIRE(l.open());
        concern_spec more;
        more.key = "after the copy";
        more.id = "after-the-copy";
        REQUIRE(l.send(more));
        l.close();
        copy_over(c.folder.file("copy"), c.folder.file("keys.db"));
        const auto refused = l.open();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::keys_missing);
        CHECK(refused.error().where == "record 2026/1");
        // Refused before a slot was destroyed: the right copy would still do.
        CHECK(content_of(c.folder.file("copy")) == content_of(c.folder.file("keys.db")));
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
    SECTION("newer keys") {
        const std::string keys = c.folder.file("keys.db");
        sql_on(keys, "PRAGMA user_version = 2");
        const std::string newer = content_of(keys);
        CHECK(c.refused().code == errc::storage_foreign);
        CHECK(c.refused().where == "keys.db");
        CHECK(c.refused().detail.find("newer: schema 2") == 0);
        CHECK(content_of(keys) == newer);
    }
    SECTION("foreign keys") {
        sql_on(c.folder.file("keys.db"), "PRAGMA application_id = 1");
        CHECK(c.refused().code == errc::storage_foreign);
        CHECK(c.refused().where == "keys.db");
    }
}

TEST_CASE("a folder that cannot be written is refused with that reason") {
    if (::geteuid() == 0) CAIRN_SKIP("root writes everywhere");
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

TEST_CASE("a ledger whose file was deleted or replaced acknowledges nothing more") {
    for (const char* name : {"keys.db", "ledger.db"}) {
        for (const bool replaced : {false, true}) {
            INFO(name << (replaced ? " replaced" : " deleted"));
            closed c;
            REQUIRE(c.l.open());
            REQUIRE(c.l.send({}));
            std::filesystem::remove(c.folder.file(name));
            if (replaced) std::ofstream(c.folder.file(name)) << "another";
            const auto refused = c.l.send({});
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == errc::storage_failed);
            CHECK(c.l->poisoned());
            CHECK(c.l->current_head().size == 2);
            CHECK_FALSE(c.l.send({}));
        }
    }
}

TEST_CASE("no slots are made in a file that was deleted") {
    closed c;
    REQUIRE(c.l.open());
    std::filesystem::remove(c.folder.file("keys.db"));
    c.l.run();
    CHECK(c.l->poisoned());
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

TEST_CASE("a ledger restored from an older copy is refused: it would sign over what it released") {
    closed c;
    copy_over(c.folder.file("ledger.db"), c.folder.file("copy"));
    REQUIRE(c.l.open());
    REQUIRE(c.l.send({}));
    SECTION("after a clean stop, however little was added") {
        c.l.close();
    }
    SECTION("after a stop without warning, once the head was written") {
        for (std::size_t i = 0; i < limits::released_head_commits; ++i) REQUIRE(c.l.send({}));
        copy_over(c.folder.file("keys.db"), c.folder.file("keys"));
        c.l.close();
        copy_over(c.folder.file("keys"), c.folder.file("keys.db"));
    }
    copy_over(c.folder.file("copy"), c.folder.file("ledger.db"));
    const auto refused = c.refused();
    CHECK(refused.code == errc::log_damaged);
    CHECK(refused.where == "ledger.db");
    CHECK(refused.detail.find("an older copy: it ends at record 2026/0, but record 2026/") == 0);
}

TEST_CASE("a ledger that went another way than the heads it released is refused") {
    closed c;
    copy_over(c.folder.file("ledger.db"), c.folder.file("copy"));
    copy_over(c.folder.file("keys.db"), c.folder.file("keys"));
    REQUIRE(c.l.open());
    REQUIRE(c.l.send({}));
    c.l.close();
    copy_over(c.folder.file("keys.db"), c.folder.file("keys-then"));
    // The same size again, by another record: both files older, then the newer keys.
    copy_over(c.folder.file("copy"), c.folder.file("ledger.db"));
    copy_over(c.folder.file("keys"), c.folder.file("keys.db"));
    REQUIRE(c.l.open());
    concern_spec other;
    other.text = "another";
    REQUIRE(c.l.send(other));
    REQUIRE(c.l.send(other));
    c.l.close();
    copy_over(c.folder.file("keys-then"), c.folder.file("keys.db"));
    const auto refused = c.refused();
    CHECK(refused.code == errc::log_damaged);
    CHECK(refused.detail == "another log was released up to record 2026/1");
}

TEST_CASE("an older ledger within the window that no head covers meets no key that was used") {
    closed c;
    REQUIRE(c.l.open());
    copy_over(c.folder.file("ledger.db"), c.folder.file("copy"));
    const auto lost = c.l->take_key();
    REQUIRE(lost);
    REQUIRE(c.l.send({}));
    // As a stop without warning leaves it.
    copy_over(c.folder.file("keys.db"), c.folder.file("keys"));
    c.l.close();
    copy_over(c.folder.file("copy"), c.folder.file("ledger.db"));
    copy_over(c.folder.file("keys"), c.folder.file("keys.db"));
    REQUIRE(c.l.open());
    const auto again = c.l->take_key();
    REQUIRE(again);
    CHECK(again->slot == lost->slot);
    CHECK(again->key != lost->key);
    CHECK(c.l->read().verify_all());
}
