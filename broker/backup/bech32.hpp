// Bech32 (BIP 173) as age uses it: no limit of length, lower case in, lower case out.
#pragma once

#include "core/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::backup {

std::string print_bech32(std::string_view prefix, bytes_view raw);
// Nullopt unless prefix, alphabet, checksum and padding are right.
std::optional<bytes> parse_bech32(std::string_view prefix, std::string_view text);

} // namespace cairn::backup
