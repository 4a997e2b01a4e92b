// What the program says of values that a policy text need not have words for.
#pragma once

#include "policy/decision.hpp"

#include "cairn/v1/roles.pb.h"

#include <string_view>

namespace cairn::policy {

// What a flag says, to stand behind "where" or "unless".
std::string_view flag_words(v1::Flag f);
// Why something is shown or hidden, to stand behind "because".
std::string_view reason_words(v1::ReasonCode r);
// "UK GDPR Art 6(1)(e), public task".
std::string_view basis_words(v1::LawfulBasis b);
// "must", and what that means beside the other tiers.
std::string_view tier_word(v1::Tier t);
std::string_view tier_meaning(v1::Tier t);

} // namespace cairn::policy
