#include "agents/core/uk_time.hpp"

#include <fmt/format.h>

#include <array>

namespace cairn::agents {
namespace {

namespace ch = std::chrono;

constexpr std::array<const char*, 12> months = {
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December"};
constexpr std::array<const char*, 7> weekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

bool is_summer_time(wall_time t) {
    const ch::year_month_day day(ch::floor<ch::days>(t));
    const auto change = [&](ch::month m) {
        return ch::sys_days(day.year() / m / ch::Sunday[ch::last]) + ch::hours(1);
    };
    return t >= change(ch::March) && t < change(ch::October);
}

} // namespace

std::string uk_time(wall_time t) {
    const auto local = is_summer_time(t) ? t + ch::hours(1) : t;
    const auto midnight = ch::floor<ch::days>(local);
    const ch::year_month_day day(midnight);
    const ch::hh_mm_ss clock_time(local - midnight);
    return fmt::format(
        "{} {} {} {}, {:02}:{:02} (UK time)",
        weekdays.at(ch::weekday(midnight).c_encoding()),
        static_cast<unsigned>(day.day()),
        months.at(static_cast<unsigned>(day.month()) - 1),
        static_cast<int>(day.year()),
        clock_time.hours().count(),
        clock_time.minutes().count()
    );
}

std::string partial_date(const ::cairn::v1::PartialDate& d) {
    if (d.year() == 0) return "not known";
    const bool has_month = d.month() >= 1 && d.month() <= 12;
    if (!has_month) return std::to_string(d.year());
    const auto* month = months.at(d.month() - 1);
    if (d.day() == 0) return fmt::format("{} {}", month, d.year());
    return fmt::format("{} {} {}", d.day(), month, d.year());
}

} // namespace cairn::agents
