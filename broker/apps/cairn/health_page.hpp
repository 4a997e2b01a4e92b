// What the health listener says to whoever is on the broker's machine.
#pragma once

#include "core/result.hpp"

#include <map>
#include <string>
#include <vector>

namespace cairn::cli {

// /readyz at HOST:PORT in plain HTTP: each line of what fails; empty when ready. errc::usage,
// connect_failed, malformed where no broker answers.
result<std::vector<std::string>> failing_by_page(const std::string& address);

// Every sample of a Prometheus text under its name with its labels as they stand,
// "cairn_desk_pending{desk=…}".
std::map<std::string, double> samples_of(const std::vector<std::string>& lines);

// /metrics. errc as above.
result<std::map<std::string, double>> metrics_by_page(const std::string& address);

} // namespace cairn::cli
