// One concern beside what each desk got of it: for the sender's own eyes and for demonstrations.
#pragma once

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/notice.pb.h"

#include <string>
#include <vector>

namespace cairn::agents {

enum class cell_kind : std::uint8_t {
    shown,   // the very value
    coarser, // generalised or a pseudonym
    hidden,  // masked; `why` says so in the notice's own sentence
    silent,  // not there and not spoken of
};

struct comparison_cell {
    cell_kind kind = cell_kind::silent;
    std::string value;
    std::string why;
};

struct comparison_row {
    // Title of the person, or "The concern".
    std::string group;
    std::string label;
    std::string value;
    std::vector<comparison_cell> cells; // one per notice
};

// Every field of the sender's concern but those kept for the log. Fields are matched by person and
// place; where a notice dropped an element before, by value.
std::vector<comparison_row>
compare(const ::cairn::v1::Concern& sent, const std::vector<::cairn::v1::Notice>& notices);

// Pure; escaped as every page. A hidden cell says its reason under the pointer, and links to it
// where it stands below the table, for who has no pointer.
std::string render_comparison_html(
    const ::cairn::v1::Concern& sent, const std::vector<::cairn::v1::Notice>& notices
);

} // namespace cairn::agents
