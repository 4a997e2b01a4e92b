// UUID version 7, RFC 9562 section 5.7: idempotency keys that sort by when they were made.
#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::agents {

// 36 characters, lower case, as in RFC 9562 section 4.
std::string make_uuid7(wall_time now, random_source& random);
// When one was made; nullopt for any other text.
std::optional<wall_time> uuid7_time(std::string_view text);

} // namespace cairn::agents
