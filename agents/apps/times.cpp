#include "agents/apps/times.hpp"

#include <fmt/format.h>

namespace cairn::agents::apps {
namespace {

std::string number_of(std::int64_t n, std::string_view unit) {
    return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
}

} // namespace

std::string iso_time(wall_time t) {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss at(std::chrono::floor<std::chrono::seconds>(t - day));
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        at.hours().count(),
        at.minutes().count(),
        at.seconds().count()
    );
}

std::string span_words(duration d) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(d).count();
    if (minutes >= 2 * 24 * 60) return number_of(minutes / (24 * 60), "day");
    if (minutes >= 120) return number_of(minutes / 60, "hour");
    if (minutes >= 1) return number_of(minutes, "minute");
    return "less than a minute";
}

} // namespace cairn::agents::apps
