// The names things have inside one concern: refs that are unique and point somewhere.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/concern.pb.h"

namespace cairn::intake {

// errc::required, bad_value or too_many with the path of the first ref found wanting. Persons'
// roles are checked here too: a ref without a role is nobody.
status check_refs(const ::cairn::v1::Concern& c);

} // namespace cairn::intake
