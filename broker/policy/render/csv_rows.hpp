// A table of comma-separated values (RFC 4180), whole and in memory.
#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::policy {

struct csv_row {
    // As a spreadsheet counts, from 1.
    std::size_t number = 0;
    std::vector<std::string> cells;
};

// Rows without a letter are left out, though counted. Line ends of any kind; a byte order mark of
// UTF-8 is skipped. errc::format_malformed with row and cell.
result<std::vector<csv_row>> read_csv_rows(std::string_view text);

// "C5": column from 0, row from 1.
std::string cell_address(std::size_t column, std::size_t row);

} // namespace cairn::policy
