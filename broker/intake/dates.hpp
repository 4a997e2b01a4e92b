// Dates as people and systems write them.
#pragma once

#include "cairn/v1/person.pb.h"

#include <string>
#include <string_view>

namespace cairn::intake {

namespace v1 = ::cairn::v1;

// 1 to 31; 0 for a month that is none.
unsigned days_in(unsigned year, unsigned month);

// Year 1850 to 2200, month only with a year, day only with a month; all zero: unknown, can be.
bool can_be(const v1::PartialDate& d);

// "2026-11-22", a day that exists.
bool is_iso_date(std::string_view text);
// RFC 3339 section 5.6, leap seconds included.
bool is_rfc3339(std::string_view text);

// Certainly later than the day `today_iso`: a date known to the month or year only is so where all
// of it is.
bool is_after(const v1::PartialDate& d, std::string_view today_iso);

// Certainly earlier than that day: where all of it is.
bool is_before(const v1::PartialDate& d, std::string_view day_iso);
// May be later than that day: where any of it is.
bool reaches_past(const v1::PartialDate& d, std::string_view day_iso);

// By when what was declared is looked at again, ISO days.
struct review_days {
    // The day of the decision: nothing is due before it.
    std::string today;
    // One working day on: what went above a ceiling.
    std::string in_one;
    // Five working days on: what went below a floor.
    std::string in_five;
};
// By weekends alone, for who has no calendar.
review_days plain_review_days(std::string_view today_iso);

} // namespace cairn::intake
