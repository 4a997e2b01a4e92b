// A table of comma-separated values (RFC 4180) as leaves, read as it comes: one leaf a cell, at
// "row[3]/DOB", named by the header.
//
// Taken as spreadsheets write them: a byte order mark, line ends of any kind and mixed, blank
// lines, Windows-1252 letters (with a remark). Refused, since guessing would put a value under the
// wrong name: a row of more or fewer cells than the header, a quote inside a cell that is not
// quoted.
#pragma once

#include "agents/formats/leaf.hpp"

namespace cairn::agents::formats {

struct csv_limits {
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    std::size_t rows = 1'000'000;
    std::size_t columns = 1000;
    std::size_t cell_bytes = std::size_t{64} * 1024;
};

// Told once, before any leaf: the names of the columns. A failure ends the reading.
using csv_header = std::function<status(const std::vector<std::string>& names)>;

// The element that is a record, and how many steps lead to it.
inline constexpr std::string_view csv_record = "row";
inline constexpr std::size_t csv_depth = 1;

// errc::format_malformed with "line N, column M: what" (line of the file, cell of the row, both
// from 1), errc::too_large and too_many with the limit, none with a value of the file; what `file`,
// `header` or `to` answer otherwise. Leaves that came before a failure were handed over.
status read_csv(
    const next_piece& file,
    const csv_header& header,
    const leaf_sink& to,
    const csv_limits& limits = {}
);

} // namespace cairn::agents::formats
