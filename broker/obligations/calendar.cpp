#include "obligations/calendar.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cairn::obligations {
namespace {

// A warning earlier would be ignored, a later one leaves no time to ship a table.
constexpr std::chrono::days ends_soon{90};

std::optional<unsigned> number(std::string_view text) {
    unsigned out = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto y = number(text.substr(0, 4));
    const auto m = number(text.substr(5, 2));
    const auto d = number(text.substr(8, 2));
    if (!y || !m || !d) return std::nullopt;
    const std::chrono::year_month_day day{
        std::chrono::year{static_cast<int>(*y)}, std::chrono::month{*m}, std::chrono::day{*d}};
    if (!day.ok()) return std::nullopt;
    return std::chrono::sys_days{day};
}

std::chrono::sys_days end_of_year(std::chrono::sys_days day) {
    const auto year = std::chrono::year_month_day{day}.year();
    return std::chrono::sys_days{year / std::chrono::December / 31};
}

} // namespace

result<calendar> calendar::parse(std::string_view csv) {
    calendar out;
    for (int line = 1; !csv.empty(); ++line) {
        const auto end = std::min(csv.find('\n'), csv.size());
        std::string_view one = csv.substr(0, end);
        csv.remove_prefix(std::min(end + 1, csv.size()));
        if (one.ends_with('\r')) one.remove_suffix(1);
        if (one.empty() || one.starts_with('#')) continue;
        const auto day = parse_day(one.substr(0, one.find(',')));
        if (!day) return fail(errc::format_malformed, "line " + std::to_string(line));
        out.holidays_.push_back(*day);
    }
    std::sort(out.holidays_.begin(), out.holidays_.end());
    return out;
}

bool calendar::is_working(std::chrono::sys_days day) const {
    const std::chrono::weekday w{day};
    if (w == std::chrono::Saturday || w == std::chrono::Sunday) return false;
    return !std::binary_search(holidays_.begin(), holidays_.end(), day);
}

bool calendar::covers(std::chrono::sys_days day) const {
    return !holidays_.empty() && day <= end_of_year(holidays_.back());
}

std::vector<std::string> calendar::warnings(std::chrono::sys_days today) const {
    if (holidays_.empty()) {
        return {"no bank holidays are known: deadlines count them as working days"};
    }
    if (!covers(today)) {
        return {"the table of bank holidays has ended: deadlines count them as working days"};
    }
    if (!covers(today + ends_soon)) return {"the table of bank holidays ends within 90 days"};
    return {};
}

std::chrono::sys_days working_day_after(std::chrono::sys_days day, int n, const calendar& days) {
    while (n > 0) {
        day += std::chrono::days{1};
        if (days.is_working(day)) --n;
    }
    return day;
}

} // namespace cairn::obligations
