// Bytes of a text file as UTF-8, or what they would be in the encoding spreadsheets still write.
#pragma once

#include "core/bytes.hpp"

#include <optional>
#include <string>

namespace cairn::agents::formats {

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(bytes_view text);

// Windows-1252, which holds all letters of Latin-1. Nullopt where a byte has no letter there.
std::optional<std::string> from_windows_1252(bytes_view text);

} // namespace cairn::agents::formats
