#include "agents/formats/text_encoding.hpp"

#include <array>
#include <cstdint>

namespace cairn::agents::formats {
namespace {

std::uint8_t at(bytes_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

// Bytes of the character that begins at `i`; 0: none does.
std::size_t sequence(bytes_view text, std::size_t i) {
    const auto first = at(text, i);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
    if (size == 0 || i + size > text.size()) return 0;
    for (std::size_t k = 1; k < size; ++k)
        if ((at(text, i + k) & 0xC0U) != 0x80U) return 0;
    const auto second = at(text, i + 1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : size;
}

// 0x80 to 0x9F; zero: no letter there.
constexpr std::array<std::uint16_t, 32> upper_controls{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void append(std::string& out, std::uint16_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
    } else {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    }
    out += static_cast<char>(0x80U | (code & 0x3FU));
}

} // namespace

bool is_utf8(bytes_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto size = sequence(text, i);
        if (size == 0) return false;
        i += size;
    }
    return true;
}

std::optional<std::string> from_windows_1252(bytes_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = at(text, i);
        const auto code =
            byte >= 0x80 && byte <= 0x9F ? upper_controls[byte - 0x80U] : std::uint16_t{byte};
        if (code == 0 && byte != 0) return {};
        append(out, code);
    }
    return out;
}

} // namespace cairn::agents::formats
