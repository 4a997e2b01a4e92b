// An XML file as its leaves: what holds a value, where it stands and in which line. Formats are
// mapped from this, never from a tree.
//
// What comes in is not trusted: no document type, no entities but XML's own five, nothing fetched,
// and every size bounded.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::agents::formats {

// One step of a path: local name without namespace, and how many siblings of that name came before.
struct xml_step {
    std::string name;
    std::uint32_t nth = 0;
    bool operator==(const xml_step&) const = default;
};

struct xml_leaf {
    // From the root. Text beside child elements ends in "text()", an attribute in "@name".
    std::vector<xml_step> path;
    // Without white space at its ends. Empty: an element without content.
    std::string value;
    std::uint32_t line = 0;
};

// "Message/Children/Child[2]/UPN": counted from 1; the first of a name carries no number.
std::string path_text(const xml_leaf& leaf);

struct xml_limits {
    std::size_t bytes = std::size_t{16} * 1024 * 1024;
    std::size_t depth = 32;
    std::size_t leaves = 2'000'000;
    std::size_t value_bytes = std::size_t{256} * 1024;
};

// In document order. errc::format_malformed with "line N: what" in `where`, errc::too_large with
// the limit. Neither holds a value of the file.
result<std::vector<xml_leaf>> parse_xml(bytes_view file, const xml_limits& limits = {});

} // namespace cairn::agents::formats
