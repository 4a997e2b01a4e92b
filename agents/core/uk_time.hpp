// Dates and times as people in England read them.
#pragma once

#include "cairn/v1/person.pb.h"
#include "core/clock.hpp"

#include <string>
#include <string_view>

namespace cairn::agents {

// "Monday 23 November 2026, 09:00 (UK time)"; summer time by the rule in force since 1996: last
// Sundays of March and October, 01:00 UTC.
std::string uk_time(wall_time t);

// The end of a span, said so that nobody takes the wrong day: what ends at 00:00 on Tuesday is "the
// end of Monday 23 November 2026 (midnight)"; else as uk_time().
std::string uk_deadline(wall_time t);

// What a sender wrote as RFC 3339, a date or the beginning of one, as uk_time() and partial_date()
// say it, a whole date with its weekday. Any other text as it is.
std::string written_time(std::string_view text);

// Whole years from a birth to a day: "9"; "9 or 10" where the birth is not known well enough; empty
// where its year is not known or lies ahead.
std::string age_on(const ::cairn::v1::PartialDate& born, wall_time t);

// "27 March 2015", "March 2015", "2015", "not known".
std::string partial_date(const ::cairn::v1::PartialDate& d);

} // namespace cairn::agents
