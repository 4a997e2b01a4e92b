#include "obligations/acknowledge.hpp"
#include "obligations/uk_time.hpp"
#include "support/paths.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace cairn;
using namespace cairn::obligations;
using namespace std::chrono_literals;

namespace {

std::int64_t at(int year, unsigned month, unsigned day, std::chrono::minutes into = 0min) {
    const std::chrono::sys_days d{
        std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
    return std::chrono::sys_time<std::chrono::microseconds>(d + into).time_since_epoch().count();
}

std::int64_t due(std::int64_t from, const calendar& days = {}) {
    return from + acknowledge_within(urgency::routine, from, days);
}

calendar england() {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/deploy/calendars/england.csv");
    std::stringstream text;
    text << in.rdbuf();
    auto c = calendar::parse(text.str());
    REQUIRE(c);
    return *c;
}

std::chrono::sys_days day(int year, unsigned month, unsigned d) {
    return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{d};
}

TEST_CASE("the day in the UK is an hour ahead of UTC in summer and the same in winter") {
    CHECK(uk_day(at(2026, 11, 22, 23h + 59min)) == day(2026, 11, 22));
    CHECK(uk_day(at(2026, 7, 1, 22h + 59min)) == day(2026, 7, 1));
    CHECK(uk_day(at(2026, 7, 1, 23h)) == day(2026, 7, 2));
    // Both nights of the change: 29 March and 25 October 2026.
    CHECK(uk_day(at(2026, 3, 28, 23h + 30min)) == day(2026, 3, 28));
    CHECK(uk_day(at(2026, 3, 29, 23h + 30min)) == day(2026, 3, 30));
    CHECK(uk_day(at(2026, 10, 24, 23h + 30min)) == day(2026, 10, 25));
    CHECK(uk_day(at(2026, 10, 25, 23h + 30min)) == day(2026, 10, 25));
}

TEST_CASE("the table the programs carry is the one that is deployed") {
    const auto shipped = calendar::parse(shipped_calendar());
    REQUIRE(shipped);
    CHECK_FALSE(shipped->is_working(day(2026, 12, 28)));
    CHECK_FALSE(england().is_working(day(2026, 12, 28)));
}

} // namespace

TEST_CASE("an immediate notice is to be read within the hour, a same-day one within four, any day"
) {
    const auto sunday_night = at(2026, 3, 1, 23h + 50min);
    const std::int64_t hour = 3'600'000'000;
    CHECK(acknowledge_within(urgency::immediate, sunday_night) == hour);
    CHECK(acknowledge_within(urgency::same_day, sunday_night) == 4 * hour);
}

TEST_CASE("a routine notice has one working day, and weekends do not count") {
    CHECK(due(at(2026, 3, 2, 10h)) == at(2026, 3, 3, 10h)); // Monday
    CHECK(due(at(2026, 3, 6, 10h)) == at(2026, 3, 9, 10h)); // Friday
    CHECK(due(at(2026, 3, 7, 10h)) == at(2026, 3, 10, 0h)); // Saturday: all of Monday
    CHECK(due(at(2026, 3, 8, 23h)) == at(2026, 3, 10, 0h)); // Sunday
    CHECK(due(at(2026, 3, 6)) == at(2026, 3, 7));           // Friday midnight: all of Friday
}

TEST_CASE("bank holidays do not count either, and without the table they do") {
    const auto days = england();
    // Good Friday and Easter Monday 2026 are 3 and 6 April.
    CHECK(due(at(2026, 4, 2, 15h), days) == at(2026, 4, 7, 15h));
    CHECK(due(at(2026, 4, 2, 15h)) == at(2026, 4, 3, 15h));
    CHECK(due(at(2026, 12, 24, 9h), days) == at(2026, 12, 29, 9h));
    CHECK(due(at(2026, 12, 26, 9h), days) == at(2026, 12, 30, 0h));
}

TEST_CASE("a day of review is so many working days on, bank holidays left out") {
    using namespace std::chrono;
    const auto day = [](unsigned m, unsigned d) {
        return sys_days{year{2026} / std::chrono::month{m} / std::chrono::day{d}};
    };
    const calendar days = england();
    // Friday 18 December 2026; the 25th and Monday 28th are bank holidays.
    CHECK(working_day_after(day(12, 18), 0, days) == day(12, 18));
    CHECK(working_day_after(day(12, 18), 1, days) == day(12, 21));
    CHECK(working_day_after(day(12, 19), 1, days) == day(12, 21));
    CHECK(working_day_after(day(12, 24), 1, days) == day(12, 29));
    CHECK(working_day_after(day(12, 18), 5, days) == day(12, 29));
    CHECK(working_day_after(day(12, 18), 5, {}) == day(12, 25));
}

TEST_CASE("the table that ships holds weekdays only, eight a year") {
    const auto days = england();
    const calendar none;
    for (int year = 2026; year <= 2028; ++year) {
        int holidays = 0;
        for (auto d = day(year, 1, 1); d <= day(year, 12, 31); d += std::chrono::days{1}) {
            if (none.is_working(d) && !days.is_working(d)) ++holidays;
        }
        CHECK(holidays == 8);
    }
}

TEST_CASE("a table warns before it ends, after it ended and when it is empty") {
    const auto days = england();
    CHECK(days.warnings(day(2027, 6, 1)).empty());
    CHECK(days.warnings(day(2028, 10, 2)).empty());
    REQUIRE(days.warnings(day(2028, 10, 3)).size() == 1);
    CHECK(days.warnings(day(2028, 10, 3))[0].find("90 days") != std::string::npos);
    CHECK(days.warnings(day(2029, 1, 1))[0].find("has ended") != std::string::npos);
    CHECK(calendar{}.warnings(day(2026, 1, 1)).size() == 1);
    CHECK_FALSE(calendar{}.covers(day(2026, 1, 1)));
}

TEST_CASE("a malformed table is refused with its line") {
    for (const char* bad :
         {"2026-13-01,x", "2026-02-30,x", "26-01-01,x", "2026/01/01,x", "x", "2026-1-1,x"}) {
        const auto r = calendar::parse("# ok\n2026-01-01,fine\n" + std::string(bad) + "\n");
        REQUIRE_FALSE(r);
        CHECK(r.error().where == "line 3");
        CHECK(r.error().code == errc::format_malformed);
    }
    CHECK(calendar::parse("\r\n# only remarks\r\n"));
    CHECK(calendar::parse(""));
}
