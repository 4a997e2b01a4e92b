// Of every program: --version, the log's lines, metrics.
#pragma once

#include <string_view>

namespace cairn {

inline constexpr std::string_view version_text = "0.1.0";

} // namespace cairn
