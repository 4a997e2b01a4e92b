#include "policy/dates.hpp"

namespace cairn::policy {

namespace {

std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

} // namespace

std::optional<std::chrono::sys_days> parse_day(std::string_view iso) {
    if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') return std::nullopt;
    const auto year = digits(iso.substr(0, 4));
    const auto month = digits(iso.substr(5, 2));
    const auto day = digits(iso.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(*month),
        std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    std::string out = "0000-00-00";
    const auto put = [&out](std::size_t end, unsigned value) {
        for (; value != 0; value /= 10) out[--end] = static_cast<char>('0' + value % 10);
    };
    put(4, static_cast<unsigned>(int(date.year())));
    put(7, unsigned(date.month()));
    put(10, unsigned(date.day()));
    return out;
}

} // namespace cairn::policy
