// The policy's words for people: every reason, category, person, role and purpose has one, so that
// no notice ever shows a name of our code.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/policy.pb.h"

namespace cairn::policy {

namespace v1 = ::cairn::v1;

// errc::policy_invalid naming what is missing. A text cut short is found here where it still
// parses.
status check_texts(const v1::Policy& policy);

} // namespace cairn::policy
