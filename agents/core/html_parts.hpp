// The parts of a notice's page, each appended to `out`. Only html.cpp calls these.
#pragma once

#include "agents/core/html.hpp"
#include "agents/core/outline.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents {

// "Concern about Asha Example, aged 9", as text.
std::string headline(const ::cairn::v1::Notice& n);
// Eight digits in two groups: what is said on the telephone.
std::string spoken_reference(std::string_view concern_id);

// Who sent it and when, the reference to quote, whether it belongs to an earlier matter.
void add_lede(std::string& out, const ::cairn::v1::Notice& n, const delivery_info& d);
// Urgency, deadline, what is asked.
void add_what_to_do(
    std::string& out,
    const ::cairn::v1::Notice& n,
    const delivery_info& d,
    const std::vector<outline_line>& lines
);
// What goes wrong when nobody says it: a protected address, a family that was not told, somebody
// who may not collect the child. Nothing where there is nothing of that.
void add_warnings(std::string& out, const ::cairn::v1::Notice& n);
// The children, the incident, the risk, what was known before: the first minute of a call.
void add_what_happened(std::string& out, const ::cairn::v1::Notice& n);
// Each hidden cell with its reason, grouped by whom it is about, and how to challenge.
void add_hidden(std::string& out, const ::cairn::v1::Notice& n);

// One of the lines that "What to do" shows, or "What happened": the details leave those out.
bool is_requested(const outline_line& line);
bool is_in_short(const outline_line& line);

} // namespace cairn::agents
