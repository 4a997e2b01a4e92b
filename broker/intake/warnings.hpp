// What is accepted but worth a look.
#pragma once

#include "cairn/v1/exchange.pb.h"

#include <string_view>
#include <vector>

namespace cairn::intake {

// Of a concern that passed every check. Names places, never values.
std::vector<::cairn::v1::Warning>
warnings_of(const ::cairn::v1::Concern& c, std::string_view today_iso);

} // namespace cairn::intake
