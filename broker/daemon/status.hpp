// Health of the service, for admins, probes and metrics. Counts and names of desks, never content.
#pragma once

#include "daemon/services.hpp"

#include "cairn/v1/admin.pb.h"

namespace cairn::daemon {

inline constexpr std::string_view version_text = "0.1.0";

// Reads the ledger: query pool.
result<v1::StatusResponse> status_now(services& s);

// Names of failing checks, each with its cause; empty: ready.
std::vector<std::pair<std::string, std::string>> failing(services& s);

// Prometheus text.
std::string metrics_text(services& s);

} // namespace cairn::daemon
