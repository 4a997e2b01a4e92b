// Times as files and logs of the agent show them.
#pragma once

#include "core/clock.hpp"

#include <string>

namespace cairn::agents::apps {

// RFC 3339 in UTC, to the second.
std::string iso_time(wall_time t);
// "3 days", "2 hours", "5 minutes", "less than a minute".
std::string span_words(duration d);

} // namespace cairn::agents::apps
