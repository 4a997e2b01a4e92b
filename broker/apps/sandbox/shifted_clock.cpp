#include "apps/sandbox/shifted_clock.hpp"

#include <charconv>

namespace cairn::sandbox {
namespace {

constexpr std::int64_t days_max = 366;

wall_time working_days_later(wall_time t, std::int64_t n, const obligations::calendar& days) {
    while (n > 0) {
        t += std::chrono::days(1);
        if (days.is_working(std::chrono::floor<std::chrono::days>(t))) --n;
    }
    return t;
}

} // namespace

result<wall_time>
after_step(wall_time now, std::string_view step, const obligations::calendar& days) {
    std::int64_t n = 0;
    const auto end = std::from_chars(step.data(), step.data() + step.size(), n);
    const std::string_view unit = step.substr(static_cast<std::size_t>(end.ptr - step.data()));
    const failure bad =
        fail(errc::usage, "a step is a number from 1 and m, h, d or wd: 90m, 4h, 2d, 1wd");
    if (end.ec != std::errc{} || n < 1) return bad;
    if (unit == "m" && n <= days_max * 24 * 60) return now + std::chrono::minutes(n);
    if (unit == "h" && n <= days_max * 24) return now + std::chrono::hours(n);
    if (unit == "d" && n <= days_max) return now + std::chrono::days(n);
    if (unit == "wd" && n <= days_max) return working_days_later(now, n, days);
    return bad;
}

} // namespace cairn::sandbox
