// How far a step of the sandbox goes.
#include "apps/sandbox/shifted_clock.hpp"
#include "core/system.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::sandbox;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

wall_time at(int y, unsigned m, unsigned d, hours h = 10h) {
    return sys_days{year{y} / month{m} / day{d}} + h;
}

} // namespace

TEST_CASE("a working day ends on the same time of the next day people work") {
    const auto days = obligations::calendar::parse("2026-12-25,Christmas Day\n").value();
    const auto step = [&](wall_time t, const char* s) { return after_step(t, s, days).value(); };
    // A Wednesday, a Friday, the day before Christmas (a Thursday).
    CHECK(step(at(2026, 11, 18), "1wd") == at(2026, 11, 19));
    CHECK(step(at(2026, 11, 20), "1wd") == at(2026, 11, 23));
    CHECK(step(at(2026, 11, 22), "1wd") == at(2026, 11, 23));
    CHECK(step(at(2026, 12, 24), "1wd") == at(2026, 12, 28));
    CHECK(step(at(2026, 11, 20), "3wd") == at(2026, 11, 25));
    CHECK(step(at(2026, 11, 20), "90m") == at(2026, 11, 20) + 90min);
    CHECK(step(at(2026, 11, 20), "4h") == at(2026, 11, 20, 14h));
    CHECK(step(at(2026, 11, 20), "2d") == at(2026, 11, 22));
}

TEST_CASE("what is no step, goes back or goes on for more than a year is refused") {
    for (const char* bad :
         {"", "1", "d", "0d", "-1d", "1y", "1 d", "367d", "99999999999999999999d"}) {
        INFO(bad);
        const auto to = after_step(at(2026, 11, 20), bad, {});
        REQUIRE_FALSE(to);
        CHECK(to.error().code == errc::usage);
    }
}

TEST_CASE("the shift moves the world's time and no timeout") {
    shifted_clock c(cairn::system_clock());
    const auto wall = c.wall_now();
    const auto mono = c.mono_now();
    c.set_shift(duration_cast<microseconds>(days(3)).count());
    CHECK(c.wall_now() - wall >= days(3));
    CHECK(c.mono_now() - mono < 1h);
}
