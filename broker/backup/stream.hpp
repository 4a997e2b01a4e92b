// Bytes on their way, without the whole of them in memory.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <functional>

namespace cairn::backup {

// Takes all of it or fails.
using sink = std::function<status(bytes_view)>;
// Fills `out` from its start; fewer bytes than asked for mean the end.
using source = std::function<result<std::size_t>(char* out, std::size_t most)>;

} // namespace cairn::backup
