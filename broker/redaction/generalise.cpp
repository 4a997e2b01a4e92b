#include "redaction/generalise.hpp"

#include <algorithm>
#include <cstddef>

namespace cairn::redaction {
namespace {

bool letter(char c) {
    return c >= 'A' && c <= 'Z';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}

// A9, A99, A9A, AA9, AA99 or AA9A.
bool looks_outward(std::string_view s) {
    std::size_t i = 0;
    while (i < s.size() && letter(s[i])) ++i;
    if (i < 1 || i > 2 || i == s.size() || !digit(s[i])) return false;
    const std::string_view tail = s.substr(i + 1);
    return tail.empty() || (tail.size() == 1 && (letter(tail[0]) || digit(tail[0])));
}

} // namespace

std::optional<std::string> outward_half(std::string_view postcode) {
    std::string all;
    std::size_t outward = 0;
    for (const char c : postcode) {
        if (c == ' ') {
            if (outward == 0) outward = all.size();
            continue;
        }
        all += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    // Without a space the inward half is the last three.
    if (outward == 0 || outward == all.size())
        outward = all.size() > 4 ? all.size() - 3 : all.size();
    all.resize(outward);
    if (!looks_outward(all)) return std::nullopt;
    return all;
}

std::optional<std::string> initial(std::string_view name) {
    if (name.empty()) return std::nullopt;
    const auto lead = static_cast<unsigned char>(name[0]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead == ' ' || (lead >= 0x80 && lead < 0xc2) || size > name.size()) return std::nullopt;
    return std::string{name.substr(0, size)} + ".";
}

std::optional<std::string> year_of(std::string_view date) {
    const bool year = date.size() >= 4 && std::all_of(date.begin(), date.begin() + 4, digit);
    if (!year || (date.size() > 4 && date[4] != '-')) return std::nullopt;
    return std::string{date.substr(0, 4)};
}

} // namespace cairn::redaction
