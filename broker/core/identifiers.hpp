// Check digits of the identifiers agencies use. Pure; failure is a warning to the sender, never a
// refusal.
#pragma once

#include <string_view>

namespace cairn {

// Ten digits, spaces and hyphens allowed; mod 11.
bool nhs_number_ok(std::string_view text);
// Thirteen characters, check letter by mod 23 over A-Z without I, O, S.
bool upn_ok(std::string_view text);
// "1979/0163001B", "81/34U"; two-digit years above `year_now % 100` are of the last century.
bool pnc_ok(std::string_view text, int year_now);
// "065656/91H", "SF05/482703J"
bool cro_ok(std::string_view text);

} // namespace cairn
