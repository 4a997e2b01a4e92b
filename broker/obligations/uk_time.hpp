// The day it is in the United Kingdom, where dates in policies and calendars are meant.
#pragma once

#include <chrono>
#include <cstdint>

namespace cairn::obligations {

// Of a moment in microseconds since 1970, UTC. Summer time is one hour ahead, from the last Sunday
// of March to the last of October, both at 01:00 UTC.
std::chrono::sys_days uk_day(std::int64_t us);

} // namespace cairn::obligations
