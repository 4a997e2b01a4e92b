// The broker's health listener, read as any monitor reads it: HTTP on loopback, no certificate.
#pragma once

#include "core/result.hpp"

#include <string>
#include <vector>

namespace cairn::cli {

// What /readyz at HOST:PORT says fails; empty: nothing. errc::connect_failed, errc::malformed.
result<std::vector<std::string>> failing_by_page(const std::string& address);

} // namespace cairn::cli
