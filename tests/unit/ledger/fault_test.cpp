// Every call to the disk fails once, and the power goes at every call. The unit run takes every
// eighth of them; with CAIRN_FULL set all are taken (label "slow").
#include "support/result_text.hpp"
#include "unit/ledger/script.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;
using cairn::test::disk_call;
using cairn::test::disk_fault;
using cairn::test::memory_disk;

namespace {

constexpr std::uint64_t seed = 20261122;

std::uint64_t step() {
    return std::getenv("CAIRN_FULL") != nullptr ? 1 : 8;
}

// A ledger that was made before the disk went bad.
const std::map<std::string, std::string>& fresh_image() {
    static const auto image = [] {
        memory_disk disk("cairn-image", seed);
        bench_ledger l(options_on(disk));
        CHECK(l.create());
        l.close();
        return disk.image();
    }();
    return image;
}

void finish(memory_disk& disk, bench_ledger& l, journal& j) {
    disk.disarm();
    l.close();
    disk.restart();
    REQUIRE(l.open());
    check_survival(l, disk, j);
    // The clients ask again with the same keys, and everything is done once.
    REQUIRE(l.open());
    REQUIRE(run_script(l, j));
    check_survival(l, disk, j);
}

// Runs the script with the n-th call of a kind failing, for every n there is.
std::uint64_t each_failure(disk_fault f) {
    for (;; f.nth += step()) {
        INFO(
            "call " << static_cast<int>(f.call) << " number " << f.nth << (f.full ? " full" : "")
                    << (f.sticky ? " from then on" : "")
        );
        memory_disk disk("cairn-fault", seed + f.nth);
        disk.load(fresh_image());
        bench_ledger l(options_on(disk));
        REQUIRE(l.open());
        journal j;
        disk.arm(f);
        const bool whole = run_script(l, j);
        const bool fired = disk.fired();
        if (!fired) {
            REQUIRE(whole);
            return f.nth;
        }
        if (!f.full && l->poisoned()) {
            // What failed once may not be asked again in this process.
            disk.disarm();
            CHECK_FALSE(l.note("after"));
            CHECK_FALSE(l->failing_checks().empty());
        }
        finish(disk, l, j);
    }
}

} // namespace

TEST_CASE(
    "whatever write fails, what was answered stays and the rest can be asked again", "[faults]"
) {
    CHECK(each_failure({disk_call::write, 1, false, false, {}}) > 100);
    CHECK(each_failure({disk_call::write, 1, false, true, {}}) > 100);
}

TEST_CASE("whatever sync fails, nothing unsynced was answered", "[faults]") {
    CHECK(each_failure({disk_call::sync, 1, false, false, {}}) > 20);
    CHECK(each_failure({disk_call::sync, 1, false, true, {}}) > 20);
}

TEST_CASE("whatever truncation fails, the ledger comes back whole", "[faults]") {
    each_failure({disk_call::truncate, 1, false, false, {}});
    each_failure({disk_call::truncate, 1, false, true, {}});
}

TEST_CASE("a disk that fills up at any write refuses and goes on when there is room", "[faults]") {
    std::uint64_t refused = 0;
    disk_fault f{disk_call::write, 1, true, true, "ledger.db-wal"};
    for (;; f.nth += step()) {
        INFO("write number " << f.nth);
        memory_disk disk("cairn-full", seed + f.nth);
        disk.load(fresh_image());
        bench_ledger l(options_on(disk));
        REQUIRE(l.open());
        journal j;
        disk.arm(f);
        if (run_script(l, j)) break;
        ++refused;
        REQUIRE(l.last().error().code == errc::storage_full);
        CHECK_FALSE(l->poisoned());
        REQUIRE(l->failing_checks().size() == 1);
        CHECK(l->failing_checks()[0].first == "disk");
        disk.disarm();
        // Same process, room again.
        REQUIRE(run_script(l, j));
        CHECK(l->failing_checks().empty());
        check_survival(l, disk, j);
    }
    CHECK(refused * step() > 100);
}

TEST_CASE("power may go at any call: the ledger comes back, and clients lose nothing", "[faults]") {
    for (std::uint64_t n = 1;; n += step()) {
        INFO("seed " << seed + n << ", power gone at call " << n);
        memory_disk disk("cairn-crash", seed + n);
        disk.load(fresh_image());
        bench_ledger l(options_on(disk));
        REQUIRE(l.open());
        journal j;
        disk.crash_at(n);
        run_script(l, j);
        if (!disk.crashed()) {
            CHECK(n > 200);
            break;
        }
        finish(disk, l, j);
    }
}

TEST_CASE("power may go while a ledger starts, again and again", "[faults]") {
    memory_disk disk("cairn-start", seed);
    disk.load(fresh_image());
    bench_ledger l(options_on(disk));
    REQUIRE(l.open());
    journal j;
    disk.crash_at(120);
    run_script(l, j);
    REQUIRE(disk.crashed());
    l.close();
    std::uint64_t n = 1;
    for (bool up = false; !up; ++n) {
        disk.restart();
        disk.crash_at(n);
        up = static_cast<bool>(l.open());
        if (disk.crashed()) {
            l.close();
            up = false;
        }
    }
    CHECK(n > 5);
    disk.stay_up();
    check_survival(l, disk, j);
}

TEST_CASE(
    "a commit whose sync failed is never answered, and is there or not after the next start",
    "[faults]"
) {
    // In both orders: the transaction can reappear although this process saw it fail.
    for (const bool power : {false, true}) {
        memory_disk disk("cairn-sync", seed);
        disk.load(fresh_image());
        bench_ledger l(options_on(disk));
        REQUIRE(l.open());
        REQUIRE(l.send({}));
        disk.arm({disk_call::sync, 1, false, false, "-wal"});
        concern_spec c;
        c.key = "asked-twice";
        const auto r = l.send(c);
        REQUIRE(disk.fired());
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::storage_failed);
        CHECK(l->poisoned());
        CHECK_FALSE(l.send({}));
        CHECK(l->current_head().size == 1);
        disk.disarm();
        if (power) disk.crash_now();
        l.close();
        disk.restart();
        REQUIRE(l.open());
        const auto size = l->current_head().size;
        CHECK((size == 1 || size == 2));
        const auto again = l.send(c);
        REQUIRE(again);
        CHECK(again->repeated == (size == 2));
        CHECK(l->read().verify_all());
    }
}
