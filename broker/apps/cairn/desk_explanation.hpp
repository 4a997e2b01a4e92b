// What a desk is shown of a concern and why, as `preview` and `explain` print it.
#pragma once

#include "cairn/v1/exchange.pb.h"

#include <string>

namespace cairn::cli {

// The desk and why it is told, then its cells by how much it sees of them, most first, each with
// its sentence. Of a desk without cells its name alone.
std::string explanation_text(const ::cairn::v1::DeskExplanation& desk);

} // namespace cairn::cli
