// Lines of an outline as a person writes them down: "NHS number: 999 …", not "Identifier 1: Kind".
#pragma once

#include "agents/core/outline.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents {

// One term with what is said of it. Everything is text, nothing is escaped yet.
struct page_row {
    std::string term;
    // Each a line; the first may stand without a name of its own.
    std::vector<std::string> lines;
};

// Lines of one element together, in their order. No value of `lines` is lost: it is in a term or in
// a line, or, for the empty value, nowhere.
std::vector<page_row> page_rows(const std::vector<outline_line>& lines);

// The rows as <dl>, escaped; nothing for none.
void add_rows(std::string& out, const std::vector<page_row>& rows);

// First letter upper.
std::string capital(std::string text);

} // namespace cairn::agents
