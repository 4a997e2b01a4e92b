// The rules as a table for a spreadsheet, one row each, and back.
//
// A column is a field of Rule, by its name in the schema; a list is "a; b". Text that a spreadsheet
// would take for a formula is written behind an apostrophe and comes back without it.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/policy.pb.h"

#include <string>
#include <string_view>

namespace cairn::policy {

namespace v1 = ::cairn::v1;

// UTF-8, commas, CRLF, header first.
std::string rules_csv(const v1::Policy& policy);

// `base` with the table's rules in place of its own, checked as a text is. errc::format_malformed
// (or what check() answers) with the cell as a spreadsheet names it: "row 5, column tier (C5): …".
result<v1::Policy> import_rules(std::string_view csv, const v1::Policy& base);

// The one text of a policy: fields in the schema's order, no comments. parse() gives it back.
std::string canonical_text(const v1::Policy& policy);

} // namespace cairn::policy
