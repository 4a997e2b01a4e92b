// An XML file as its leaves, read as it comes.
//
// What comes in is not trusted: no document type, no entities but XML's own five, nothing fetched,
// and every size bounded.
#pragma once

#include "agents/formats/leaf.hpp"

namespace cairn::agents::formats {

struct xml_limits {
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    std::size_t depth = 32;
    std::size_t leaves = 20'000'000;
    std::size_t value_bytes = std::size_t{256} * 1024;
    // The only namespace of elements; empty: any.
    std::string_view name_space{};
    // One more that is allowed, its names written behind a prefix: "xhtml:div".
    std::string_view beside{};
    std::string_view beside_prefix{};
};

// Leaves in document order. errc::format_malformed with "line N, column M: what" in `where`,
// errc::too_large with the limit, neither with a value of the file; what `file` or `to` answer
// otherwise. Leaves that came before a failure were handed over: whoever keeps them drops them.
status read_xml(const next_piece& file, const leaf_sink& to, const xml_limits& limits = {});

} // namespace cairn::agents::formats
