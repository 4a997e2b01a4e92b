#include "obligations/acknowledge.hpp"

namespace cairn::obligations {
namespace {

using namespace std::chrono_literals;
using us = std::chrono::microseconds;

constexpr us immediate_time = 1h;
constexpr us same_day_time = 4h;

std::chrono::sys_days next_working(std::chrono::sys_days day, const calendar& days) {
    while (!days.is_working(day)) day += std::chrono::days{1};
    return day;
}

us one_working_day(us recorded, const calendar& days) {
    const std::chrono::sys_time<us> from{recorded};
    const auto day = std::chrono::floor<std::chrono::days>(from);
    const auto first = next_working(day, days);
    // Hours before the first working day begins do not count.
    const us into = first == day ? from - day : us{0};
    const auto second = next_working(first + std::chrono::days{1}, days);
    // A day ends where it ends, not where the next working one begins.
    const auto until = into == us{0} ? first + std::chrono::days{1} + us{0} : second + into;
    return until - from;
}

} // namespace

std::int64_t acknowledge_within(urgency u, std::int64_t recorded_at_us, const calendar& days) {
    switch (u) {
    case urgency::immediate:
        return immediate_time.count();
    case urgency::same_day:
        return same_day_time.count();
    case urgency::routine:
        break;
    }
    return one_working_day(us{recorded_at_us}, days).count();
}

} // namespace cairn::obligations
