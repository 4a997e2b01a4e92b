// Where in a file something stands, as errors and reports say it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::agents::formats {

// Counted from 1. The column counts characters of UTF-8; in a table it counts cells.
struct place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    bool operator==(const place&) const = default;
};

// "line 3, column 14"
std::string place_text(const place& at);

// How many columns a text of one line takes.
std::uint32_t columns_of(std::string_view text);
// Where one is behind a text that begins at `from`.
place behind(place from, std::string_view text);

} // namespace cairn::agents::formats
