// Which rules decide where one rule speaks.
#pragma once

#include "policy/proof/space.hpp"

#include <map>

namespace cairn::policy {

// By number, 0 for the default, with a decision of each. The rule itself is among them where it
// decides anything; a rule not in force decides nothing.
std::map<std::uint32_t, decision> deciders(const v1::Rule& rule, const space& decided);

} // namespace cairn::policy
