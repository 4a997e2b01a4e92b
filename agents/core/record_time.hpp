// When the broker recorded what a receipt proves.
#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string_view>

namespace cairn::agents {

// From the leaf in the receipt's `extra` line, docs/formats/leaf.md. Nothing is verified: this
// compares clocks. Nullopt where the text is no receipt of version 1.
std::optional<wall_time> record_time(std::string_view receipt);

} // namespace cairn::agents
