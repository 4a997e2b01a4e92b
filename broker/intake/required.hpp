// What a concern of each kind must say, and how many of everything it may have.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

#include <string_view>

namespace cairn::intake {

// errc::required, bad_value, too_many or too_large.
status check_limits(const ::cairn::v1::Concern& c);
status check_required(const ::cairn::v1::Concern& c, std::string_view today_iso);

// 32 lower-case hex digits: concern and thread ids.
bool is_concern_id(std::string_view text);

} // namespace cairn::intake
