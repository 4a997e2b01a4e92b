#include "agents/profiles/cin_values.hpp"

#include <charconv>
#include <chrono>

namespace cairn::agents::profiles {
namespace {

template <class Number>
bool read(std::string_view text, Number& out) {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    return ec == std::errc{} && end == text.data() + text.size();
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

std::optional<::cairn::v1::PartialDate> census_date(std::string_view text) {
    if (text.size() > 10 && text[10] == 'T') text = text.substr(0, 10);
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    if (!read(text.substr(0, 4), year) || !read(text.substr(5, 2), month) ||
        !read(text.substr(8, 2), day))
        return {};
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(year)),
        std::chrono::month(month),
        std::chrono::day(day)};
    if (year == 0 || !date.ok()) return {};
    ::cairn::v1::PartialDate out;
    out.set_year(year);
    out.set_month(month);
    out.set_day(day);
    return out;
}

std::optional<bool> census_bool(std::string_view text) {
    std::string word;
    for (const char c : text) word += upper(c);
    if (word == "1" || word == "TRUE") return true;
    if (word == "0" || word == "FALSE") return false;
    return {};
}

std::optional<std::uint32_t> census_count(std::string_view text) {
    std::uint32_t out = 0;
    constexpr std::uint32_t most = 1000;
    if (!read(text, out) || out > most) return {};
    return out;
}

std::optional<int> census_code(const google::protobuf::EnumDescriptor& set, std::string_view code) {
    constexpr std::string_view unspecified = "UNSPECIFIED";
    std::string name = set.value(0)->name();
    name.resize(name.size() - unspecified.size());
    for (const char c : code) name += upper(c);
    const auto* value = set.FindValueByName(name);
    if (value == nullptr || value->number() == 0) return {};
    return value->number();
}

} // namespace cairn::agents::profiles
