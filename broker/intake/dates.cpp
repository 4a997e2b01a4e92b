#include "intake/dates.hpp"

#include <array>
#include <chrono>

namespace cairn::intake {
namespace {

constexpr unsigned first_year = 1850;
constexpr unsigned last_year = 2200;

// The number at `at`, or -1 where one of the `n` characters is no digit.
int digits(std::string_view text, std::size_t at, std::size_t n) {
    if (at + n > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + n; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool in(int value, int low, int high) {
    return value >= low && value <= high;
}

// Z, or a numeric offset.
bool is_offset(std::string_view text) {
    if (text == "Z" || text == "z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
           in(digits(text, 1, 2), 0, 23) && in(digits(text, 4, 2), 0, 59);
}

std::chrono::sys_days to_days(unsigned year, unsigned month, unsigned day) {
    return std::chrono::sys_days{
        std::chrono::year{static_cast<int>(year)} / std::chrono::month{month} /
        std::chrono::day{day}};
}

std::chrono::sys_days to_days(std::string_view iso) {
    const auto part = [&](std::size_t at, std::size_t n) {
        return static_cast<unsigned>(digits(iso, at, n));
    };
    return to_days(part(0, 4), part(5, 2), part(8, 2));
}

std::string to_iso(std::chrono::sys_days day) {
    const std::chrono::year_month_day d{day};
    std::string out = std::to_string(static_cast<int>(d.year()));
    const auto two = [&out](unsigned v) {
        out += '-';
        out += static_cast<char>('0' + v / 10);
        out += static_cast<char>('0' + v % 10);
    };
    two(static_cast<unsigned>(d.month()));
    two(static_cast<unsigned>(d.day()));
    return out;
}

std::chrono::sys_days first_day(const v1::PartialDate& d) {
    return to_days(d.year(), d.month() == 0 ? 1 : d.month(), d.day() == 0 ? 1 : d.day());
}

std::chrono::sys_days last_day(const v1::PartialDate& d) {
    const unsigned month = d.month() == 0 ? 12 : d.month();
    return to_days(d.year(), month, d.day() == 0 ? days_in(d.year(), month) : d.day());
}

} // namespace

unsigned days_in(unsigned year, unsigned month) {
    constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool can_be(const v1::PartialDate& d) {
    if (d.year() == 0) return d.month() == 0 && d.day() == 0;
    if (d.year() < first_year || d.year() > last_year || d.month() > 12) return false;
    if (d.month() == 0) return d.day() == 0;
    return d.day() <= days_in(d.year(), d.month());
}

bool is_iso_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    if (year < 0 || month < 0) return false;
    const unsigned days = days_in(static_cast<unsigned>(year), static_cast<unsigned>(month));
    return in(digits(text, 8, 2), 1, static_cast<int>(days));
}

bool is_rfc3339(std::string_view text) {
    if (text.size() < 20 || !is_iso_date(text.substr(0, 10))) return false;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return false;
    if (text[13] != ':' || text[16] != ':') return false;
    if (!in(digits(text, 11, 2), 0, 23) || !in(digits(text, 14, 2), 0, 59) ||
        !in(digits(text, 17, 2), 0, 60)) {
        return false;
    }
    std::size_t at = 19;
    if (text[at] == '.') {
        const std::size_t from = ++at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        if (at == from) return false;
    }
    return is_offset(text.substr(at));
}

bool is_after(const v1::PartialDate& d, std::string_view today_iso) {
    if (d.year() == 0 || !can_be(d) || !is_iso_date(today_iso)) return false;
    return first_day(d) > to_days(today_iso);
}

bool is_before(const v1::PartialDate& d, std::string_view day_iso) {
    if (d.year() == 0 || !can_be(d) || !is_iso_date(day_iso)) return false;
    return last_day(d) < to_days(day_iso);
}

bool reaches_past(const v1::PartialDate& d, std::string_view day_iso) {
    if (d.year() == 0 || !can_be(d) || !is_iso_date(day_iso)) return false;
    return last_day(d) > to_days(day_iso);
}

review_days plain_review_days(std::string_view today_iso) {
    review_days out{std::string(today_iso), {}, {}};
    if (!is_iso_date(today_iso)) return out;
    std::chrono::sys_days day = to_days(today_iso);
    for (int working = 0; working < 5;) {
        day += std::chrono::days{1};
        const std::chrono::weekday w{day};
        if (w == std::chrono::Saturday || w == std::chrono::Sunday) continue;
        if (++working == 1) out.in_one = to_iso(day);
    }
    out.in_five = to_iso(day);
    return out;
}

} // namespace cairn::intake
