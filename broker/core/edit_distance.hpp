// How far two names are apart, to tell whoever mistyped one which they may have meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn {

// Letters to change, put in or leave out. Takes a.size() * b.size() steps: bound what comes from
// outside.
std::size_t edit_distance(std::string_view a, std::string_view b);

} // namespace cairn
