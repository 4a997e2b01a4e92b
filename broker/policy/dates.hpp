// ISO days, as the policy text writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace cairn::policy {

// "2026-11-22"; nullopt for any other form and for a day that does not exist.
std::optional<std::chrono::sys_days> parse_day(std::string_view iso);

} // namespace cairn::policy
