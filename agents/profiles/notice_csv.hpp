// A notice, an outcome or a request as a table for spreadsheets and imports: one row a value, one a
// hidden value. RFC 4180 with every cell quoted, CRLF, in UTF-8 with its mark, since spreadsheets
// take it for Windows-1252 otherwise.
//
// A cell that a spreadsheet would take for a formula is text: it begins with an apostrophe.
#pragma once

#include "agents/core/html.hpp"

#include "cairn/v1/notice.pb.h"

#include <string>
#include <string_view>

namespace cairn::agents::profiles {

// Columns: concern, thread, desk, sender, kind, decided, acknowledge_by, about, field, what, value,
// hidden_because, ask, challenge. The same notice gives the same bytes.
std::string notice_as_csv(const ::cairn::v1::Notice& n, const delivery_info& d);

// One cell, quoted and harmless.
std::string csv_cell(std::string_view text);

} // namespace cairn::agents::profiles
