// UUID version 7, RFC 9562 section 5.7: idempotency keys that sort by when they were made.
#pragma once

#include "core/clock.hpp"

#include <string>

namespace cairn::agents {

// 36 characters, lower case, as in RFC 9562 section 4.
std::string make_uuid7(wall_time now, random_source& random);

} // namespace cairn::agents
