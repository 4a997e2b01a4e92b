// A disk that fails beside the commits: under keys.db, while the write-ahead log is copied, and
// while things are read. What the ledger does with it, and that it goes on when it may.
#include "core/limits.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/script.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;
using cairn::test::disk_call;
using cairn::test::disk_fault;
using cairn::test::memory_disk;

namespace {

constexpr std::uint64_t seed = 20261123;

struct on_disk {
    memory_disk disk;
    bench_ledger l;
    explicit on_disk(const char* name, options o = {}) : disk(name, seed), l(with(disk, o)) {
        REQUIRE(l.create());
    }
    static options with(const memory_disk& disk, const options& o) {
        options out = options_on(disk);
        out.wal_pages = o.wal_pages;
        if (o.slots_ahead != 0) out.slots_ahead = o.slots_ahead;
        return out;
    }
    // Until the armed fault was met.
    void send_until_met() {
        for (int i = 0; i < 200 && !disk.fired(); ++i) (void) l.send({});
        REQUIRE(disk.fired());
    }
};

std::string check_of(bench_ledger& l) {
    const auto failing = l->failing_checks();
    return failing.empty() ? "" : failing.front().first;
}

// Another connection that began to read and does not end.
class steady_reader {
public:
    explicit steady_reader(const memory_disk& disk) {
        REQUIRE(
            sqlite3_open_v2("/mem/ledger.db", &db_, SQLITE_OPEN_READONLY, disk.name().c_str()) ==
            SQLITE_OK
        );
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        REQUIRE(
            sqlite3_exec(db_, "BEGIN; SELECT count(*) FROM leaf", nullptr, nullptr, nullptr) ==
            SQLITE_OK
        );
    }
    ~steady_reader() { sqlite3_close(db_); }
    steady_reader(const steady_reader&) = delete;
    steady_reader& operator=(const steady_reader&) = delete;

private:
    sqlite3* db_ = nullptr;
};

} // namespace

TEST_CASE("a key file that cannot be written or synced ends the process's acknowledgements") {
    for (const char* file : {"keys.db", "keys.db-journal"}) {
        for (const auto call : {disk_call::write, disk_call::sync, disk_call::truncate}) {
            if (call == disk_call::truncate && std::string_view(file) == "keys.db") continue;
            INFO(file << " call " << static_cast<int>(call));
            on_disk d("cairn-keys-fault");
            REQUIRE(d.l.send({}));
            d.disk.arm({call, 1, false, false, file});
            d.send_until_met();
            // Once is enough: a sync that failed may answer well the next time and still have lost.
            CHECK(d.l->poisoned());
            CHECK(check_of(d.l) == "ledger");
            CHECK_FALSE(d.l.send({}));
            d.disk.disarm();
            REQUIRE(d.l.open());
            CHECK(d.l.send({}));
            CHECK(d.l->read().verify_all());
        }
    }
}

TEST_CASE("a disk full under keys.db refuses, and goes on by itself when there is room") {
    for (const char* file : {"keys.db", "keys.db-journal"}) {
        INFO(file);
        on_disk d("cairn-keys-full");
        REQUIRE(d.l.send({}));
        d.disk.arm({disk_call::write, 1, true, true, file});
        d.send_until_met();
        CHECK_FALSE(d.l->poisoned());
        CHECK(check_of(d.l) == "disk");
        // To the last slot.
        while (d.l->take_key()) {
        }
        CHECK(d.l->take_key().error().code == errc::overloaded);
        CHECK_FALSE(d.l->run_once());
        CHECK(check_of(d.l) == "disk");
        d.disk.disarm();
        // Nobody sends to a broker that is not ready: what asks for readiness makes it try.
        CHECK(check_of(d.l) == "disk");
        CHECK(d.l->wait());
        CHECK_FALSE(d.l->run_once());
        CHECK(check_of(d.l).empty());
        CHECK(d.l.send({}));
        CHECK(d.l->read().verify_all());
    }
}

TEST_CASE("a disk full while the log is copied refuses nothing that was written, and goes on") {
    options o;
    o.wal_pages = 64;
    on_disk d("cairn-copy-full", o);
    d.disk.arm({disk_call::write, 1, true, true, "ledger.db"});
    d.send_until_met();
    CHECK_FALSE(d.l->poisoned());
    CHECK(check_of(d.l) == "disk");
    CHECK(d.l.send({}));
    d.disk.disarm();
    CHECK(d.l.send({}));
    CHECK(d.l->read().verify_all());
    CHECK(check_of(d.l).empty());
    d.l.close();
    CHECK(integrity(d.disk.name(), "/mem/ledger.db") == "ok");
}

TEST_CASE("a disk that fails while the log is copied ends the process's acknowledgements") {
    for (const auto call : {disk_call::write, disk_call::sync}) {
        options o;
        o.wal_pages = 64;
        on_disk d("cairn-copy-fault", o);
        d.disk.arm({call, 1, false, false, "ledger.db"});
        d.send_until_met();
        CHECK(d.l->poisoned());
        d.disk.disarm();
        REQUIRE(d.l.open());
        CHECK(d.l.send({}));
        CHECK(d.l->read().verify_all());
    }
}

TEST_CASE("the write-ahead log is cut past its limit, as soon as no reader holds it") {
    options o;
    o.wal_pages = 128;
    on_disk d("cairn-wal", o);
    auto reader = std::make_unique<steady_reader>(d.disk);
    // Held: it grows, and commits go on.
    while (d.l->counters().wal_pages <= o.wal_pages) REQUIRE(d.l.send({}));
    for (int i = 0; i < 4; ++i) REQUIRE(d.l.send({}));
    CHECK(d.l->counters().wal_pages > o.wal_pages);
    const auto before = d.disk.read("/mem/ledger.db-wal").size();
    CHECK(before > 128 * 4096);
    // The reader ends while the writer waits for it, which it does again after a quarter of the
    // limit more.
    d.disk.on_sleep([&reader] { reader.reset(); });
    int sent = 0;
    for (; sent < 40 && d.l->counters().wal_pages != 0; ++sent) REQUIRE(d.l.send({}));
    CHECK(sent < 40);
    CHECK(d.disk.read("/mem/ledger.db-wal").empty());
    CHECK(d.l->read().verify_all());
}

TEST_CASE("a quiet ledger cuts its write-ahead log once a day") {
    on_disk d("cairn-daily");
    REQUIRE(d.l.send({}));
    CHECK_FALSE(d.disk.read("/mem/ledger.db-wal").empty());
    d.l.time.us += 24LL * 3600 * 1'000'000;
    REQUIRE(d.l.send({}));
    CHECK(d.disk.read("/mem/ledger.db-wal").empty());
    REQUIRE(d.l.send({}));
    CHECK_FALSE(d.disk.read("/mem/ledger.db-wal").empty());
}
