// The policy's words for people: every reason, category, person, role and purpose has one, so that
// no notice ever shows a name of our code.
#pragma once

#include "policy/parse.hpp"

namespace cairn::policy {

// errc::policy_invalid naming the place and what is missing. A text cut short is found here where
// it still parses.
status check_texts(const parsed& text);

} // namespace cairn::policy
