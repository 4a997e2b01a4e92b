// ISO days, as the policy text writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::policy {

// "2026-11-22"; nullopt for any other form and for a day that does not exist.
std::optional<std::chrono::sys_days> parse_day(std::string_view iso);
// The other way, for a year of four digits.
std::string day_text(std::chrono::sys_days day);

} // namespace cairn::policy
