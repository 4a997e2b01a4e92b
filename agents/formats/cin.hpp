// The Children in Need census return: one record a child.
#pragma once

#include "agents/formats/records.hpp"
#include "agents/formats/xml.hpp"

namespace cairn::agents::formats {

inline constexpr std::size_t cin_children = 200'000;
inline constexpr std::string_view cin_record = "Message/Children/Child";
inline constexpr std::size_t cin_depth = 3;

// errc::format_malformed where it is no census return, known before the first child is handed
// over; errc::too_many above cin_children.
status read_cin(const next_piece& file, const record_handlers& to);

} // namespace cairn::agents::formats
