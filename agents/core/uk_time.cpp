#include "agents/core/uk_time.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

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

wall_time uk_local(wall_time t) {
    return is_summer_time(t) ? t + ch::hours(1) : t;
}

std::string weekday_and_date(ch::sys_days d) {
    const ch::year_month_day day(d);
    return fmt::format(
        "{} {} {} {}",
        weekdays.at(ch::weekday(d).c_encoding()),
        static_cast<unsigned>(day.day()),
        months.at(static_cast<unsigned>(day.month()) - 1),
        static_cast<int>(day.year())
    );
}

// The leading `count` digits of `text`, which must be as many; they and what follows are taken.
std::optional<int> take_digits(std::string_view& text, std::size_t count, std::string_view after) {
    if (text.size() < count) return std::nullopt;
    int out = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        out = out * 10 + (c - '0');
    }
    text.remove_prefix(count);
    if (!after.empty()) {
        if (text.empty() || after.find(text.front()) == std::string_view::npos) return std::nullopt;
        text.remove_prefix(1);
    }
    return out;
}

// "15:10:00.5Z", "15:10:00+01:00": the time since midnight, UTC. RFC 3339 section 5.6.
std::optional<ch::microseconds> time_of_day(std::string_view text) {
    const auto hours = take_digits(text, 2, ":");
    const auto minutes = take_digits(text, 2, ":");
    const auto seconds = take_digits(text, 2, "");
    if (!hours || !minutes || !seconds) return std::nullopt;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    }
    const auto local = ch::hours(*hours) + ch::minutes(*minutes) + ch::seconds(*seconds);
    if (text == "Z" || text == "z") return local;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '+' ? -1 : 1;
    text.remove_prefix(1);
    const auto off_hours = take_digits(text, 2, ":");
    const auto off_minutes = take_digits(text, 2, "");
    if (!off_hours || !off_minutes || !text.empty()) return std::nullopt;
    return local + sign * (ch::hours(*off_hours) + ch::minutes(*off_minutes));
}

std::string year_and_month(int year, int month) {
    return fmt::format("{} {}", months.at(static_cast<std::size_t>(month) - 1), year);
}

} // namespace

std::string uk_time(wall_time t) {
    const auto local = uk_local(t);
    const auto midnight = ch::floor<ch::days>(local);
    const ch::hh_mm_ss clock_time(local - midnight);
    return fmt::format(
        "{}, {:02}:{:02} (UK time)",
        weekday_and_date(midnight),
        clock_time.hours().count(),
        clock_time.minutes().count()
    );
}

std::string uk_deadline(wall_time t) {
    const auto local = uk_local(t);
    const auto midnight = ch::floor<ch::days>(local);
    if (local - midnight >= ch::minutes(1)) return uk_time(t);
    return "the end of " + weekday_and_date(midnight - ch::days(1)) + " (midnight, UK time)";
}

std::string written_time(std::string_view text) {
    std::string as_it_is(text);
    const auto year = take_digits(text, 4, text.size() > 4 ? "-" : "");
    if (!year) return as_it_is;
    if (text.empty()) return as_it_is;
    const auto month = take_digits(text, 2, text.size() > 2 ? "-" : "");
    if (!month || *month < 1 || *month > 12) return as_it_is;
    if (text.empty()) return as_it_is.size() == 7 ? year_and_month(*year, *month) : as_it_is;
    const auto day = take_digits(text, 2, text.size() > 2 ? "Tt " : "");
    if (!day) return as_it_is;
    const auto date = ch::year(*year) / *month / *day;
    if (!date.ok()) return as_it_is;
    if (text.empty())
        return as_it_is.size() == 10 ? weekday_and_date(ch::sys_days(date)) : as_it_is;
    const auto time = time_of_day(text);
    return time ? uk_time(ch::sys_days(date) + *time) : as_it_is;
}

std::string age_on(const ::cairn::v1::PartialDate& born, wall_time t) {
    const ch::year_month_day today(ch::floor<ch::days>(uk_local(t)));
    const auto year = static_cast<unsigned>(static_cast<int>(today.year()));
    if (born.year() == 0 || born.year() > year) return {};
    const auto age = year - born.year();
    const auto month = static_cast<unsigned>(today.month());
    const auto day = static_cast<unsigned>(today.day());
    const bool this_month = month == born.month();
    const bool not_yet = born.month() > month || (this_month && born.day() > day);
    const bool either = born.month() == 0 || (this_month && born.day() == 0);
    if (either && age > 0) return std::to_string(age - 1) + " or " + std::to_string(age);
    return std::to_string(not_yet && age > 0 ? age - 1 : age);
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
