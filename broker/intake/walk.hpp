// What must hold of every field wherever it stands: text that is text and not too long, dates that
// can be.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::intake {

// errc::invalid_text, too_large or bad_value with the path of the first field found wanting.
status check_fields(const ::cairn::v1::Concern& c);

} // namespace cairn::intake
