#include "agents/formats/place.hpp"

#include <algorithm>

namespace cairn::agents::formats {

std::string place_text(const place& at) {
    return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

std::uint32_t columns_of(std::string_view text) {
    return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

place behind(place from, std::string_view text) {
    const auto last = text.rfind('\n');
    if (last == std::string_view::npos) return {from.line, from.column + columns_of(text)};
    from.line += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    return {from.line, 1 + columns_of(text.substr(last + 1))};
}

} // namespace cairn::agents::formats
