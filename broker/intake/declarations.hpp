// Floors and ceilings. Below what policy must show only by a declared detriment, above it only by
// breaking glass: each with a reason, a person who decided and a day to look at it again.
#pragma once

#include "core/result.hpp"
#include "intake/dates.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <vector>

namespace cairn::intake {

// errc::required where a field or the acting person is missing, bad_value for a category nobody
// knows and for a day of review that is past or, of broken glass, later than one working day; the
// limit is said. DPA 2018 and Children Act 2004 s.16LA(3) ask for a person, not for a system: a
// status report that declares needs one as well.
status check_declarations(const v1::Concern& c, const review_days& days);

// Of declarations that passed: a review later than five working days, and what breaking glass does
// not do.
std::vector<v1::Warning> declaration_warnings(const v1::Concern& c, const review_days& days);

} // namespace cairn::intake
