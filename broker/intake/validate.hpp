// Is this concern fit to be accepted? Refuses what cannot be, warns of what is only unusual: dirty
// input is normal, and a wrong check digit must never stop a concern.
#pragma once

#include "core/result.hpp"
#include "intake/dates.hpp"

#include "cairn/v1/exchange.pb.h"

#include <string_view>
#include <vector>

namespace cairn::intake {

namespace v1 = ::cairn::v1;

struct accepted {
    std::vector<v1::Warning> warnings;
};

// Required fields, limits, refs that resolve, dates that can be, texts in UTF-8, by kind; what was
// declared and when it is looked at again. `days` begins with the decided-at day. Failures:
// errc::required, bad_value, too_many, too_large, invalid_text, with the field path in `where`.
result<accepted> validate(const v1::SubmitRequest& request, const review_days& days);

// As it is for a preview, without key.
result<accepted> validate(const v1::Concern& concern, const review_days& days);

} // namespace cairn::intake
