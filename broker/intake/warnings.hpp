// What is accepted but worth a look.
#pragma once

#include "cairn/v1/exchange.pb.h"

#include <string_view>
#include <vector>

namespace cairn::intake {

// Of a concern that passed every check. Names places, never values.
std::vector<::cairn::v1::Warning>
warnings_of(const ::cairn::v1::Concern& c, std::string_view today_iso);

// W3C Trace Context, section 3.2.2: "00-<32 hex>-<16 hex>-<2 hex>", neither id all zeros.
bool is_traceparent(std::string_view text);

} // namespace cairn::intake
