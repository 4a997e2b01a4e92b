// Agencies that are testing: what they send reaches desks of their own and no others.
#pragma once

#include "core/result.hpp"
#include "registry/snapshot.hpp"
#include "routing/route.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::routing {

// True where the agency is testing: its concerns reach desks of its own which they name, or of the
// thread, and no rule of policy adds any.
bool is_test(const registry::snapshot& registry, std::string_view agency);

// The way of a concern from such an agency: errc::test_only, unknown_desk.
result<route> test_route(
    const v1::Concern& c,
    const origin& from,
    const registry::snapshot& registry,
    const thread_parties& thread
);

} // namespace cairn::routing
