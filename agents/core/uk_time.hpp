// Dates and times as people in England read them.
#pragma once

#include "cairn/v1/person.pb.h"
#include "core/clock.hpp"

#include <string>

namespace cairn::agents {

// "Monday 23 November 2026, 09:00 (UK time)"; summer time by the rule in force since 1996: last
// Sundays of March and October, 01:00 UTC.
std::string uk_time(wall_time t);

// "27 March 2015", "March 2015", "2015", "not known".
std::string partial_date(const ::cairn::v1::PartialDate& d);

} // namespace cairn::agents
