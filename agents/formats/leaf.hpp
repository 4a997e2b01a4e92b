// A file of any format as its leaves: what holds a value, and where it stands.
// Formats are mapped from leaves, never from a tree, so a file need not be in memory whole.
#pragma once

#include "agents/formats/place.hpp"
#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::agents::formats {

// One step of a path: an element, a member or a column, and how many siblings of that name came
// before. The items of a JSON array are siblings of their member's name.
struct step {
    std::string name;
    std::uint32_t nth = 0;
    bool operator==(const step&) const = default;
};

struct leaf {
    // From the root. What is no element of its own ends in "text()" (text beside elements) or in
    // "@name" (an attribute).
    std::vector<step> path;
    // UTF-8, without white space at its ends. Empty: there, and without content.
    std::string value;
    // Where the value begins; of an attribute and of what is empty: where its element begins, in
    // JSON where it ends.
    place at{};
    // What the reader had to do to the value, for the report; mostly nothing. Of static lifetime.
    std::string_view remark{};
};

// "Message/Children/Child[2]/UPN": counted from 1; the first of a name carries no number.
std::string path_text(const leaf& l);
// Without numbers and without the first `from` steps: "CINdetails/Assessments/AssessmentFactors".
std::string plain_path(const leaf& l, std::size_t from);

// The value that stands beside a leaf, in the same element, under that name; empty: none does.
std::string_view beside(const std::vector<leaf>& all, const leaf& l, std::string_view name);

// Without white space at its ends.
std::string_view trimmed(std::string_view text);

// Takes leaves in document order. A failure ends the reading with that failure.
using leaf_sink = std::function<status(leaf&& l)>;

// A file piece by piece: the next bytes, valid until the next call; empty at its end.
using next_piece = std::function<result<bytes_view>()>;
// Opens a file from its beginning, as often as it is asked.
using file_source = std::function<result<next_piece>()>;
// A file that is in memory. `whole` outlives what is returned.
next_piece pieces_of(bytes_view whole);

} // namespace cairn::agents::formats
