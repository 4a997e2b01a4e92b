// Originator control: intelligence is released by its originator, and by nobody who passes it on.
#pragma once

#include "registry/snapshot.hpp"

#include "cairn/v1/exchange.pb.h"

#include <string_view>
#include <vector>

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// `sender` is the agency a concern is submitted as: who holds a mandate of the police speaks for
// them, and a police officer who sends for a school does not.
bool speaks_for_originator(const registry::snapshot& registry, std::string_view sender);

// To a sender that does not: each piece of intelligence it says is released.
std::vector<v1::Warning> ignored_releases(const v1::Concern& c);

} // namespace cairn::daemon
