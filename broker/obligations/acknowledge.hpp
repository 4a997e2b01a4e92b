// How long a desk has until a named person must have read a notice.
#pragma once

#include "obligations/calendar.hpp"

#include <cstdint>

namespace cairn::obligations {

enum class urgency : std::uint8_t { routine = 1, same_day = 2, immediate = 3 };

// Microseconds from `recorded_at_us` (1970, UTC). Immediate: one hour; same day: four hours, both
// on any day. Routine: one working day, in hours of working days: recorded on Friday at ten it ends
// on Monday at ten, recorded on a Saturday at the end of Monday. Days are counted in UTC.
std::int64_t
acknowledge_within(urgency u, std::int64_t recorded_at_us, const calendar& days = calendar{});

} // namespace cairn::obligations
