// A JSON file as its leaves, read as it comes.
//
// What comes in is not trusted: depth, size and count are bounded, and a member given twice is
// refused (RFC 8259 section 4 leaves open which one counts, and two readers would differ).
#pragma once

#include "agents/formats/leaf.hpp"

namespace cairn::agents::formats {

struct json_limits {
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    std::size_t depth = 64;
    std::size_t leaves = 20'000'000;
    // Of one object: its names are kept while it is open.
    std::size_t members = 10'000;
    // A text, and what may stand between two values.
    std::size_t value_bytes = std::size_t{256} * 1024;
};

// Leaves in document order: texts without their quotes, numbers as written, true and false. Null,
// an empty object and an empty array are leaves without content. The items of an array are steps of
// their member's name; of an array in an array, or at the root, steps named "item".
//
// errc::format_malformed with "line N, column M: what", errc::too_large with the limit, neither
// with a value of the file; what `file` or `to` answer otherwise. Leaves that came before a failure
// were handed over: whoever keeps them drops them.
status read_json(const next_piece& file, const leaf_sink& to, const json_limits& limits = {});

} // namespace cairn::agents::formats
