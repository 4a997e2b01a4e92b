// What waits for people: enrolments and renewals.
#pragma once

#include "registry/snapshot.hpp"

#include <string>

namespace cairn::daemon {

// Prometheus text, appended to `out`; names nobody.
void enrolment_metrics(std::string& out, const registry::snapshot& registry, std::int64_t now_us);

} // namespace cairn::daemon
