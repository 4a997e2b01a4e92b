// The list that no text may change: who may be shown an address whose disclosure can harm.
#pragma once

#include "policy/decision.hpp"

namespace cairn::policy {

// Number of the built-in bar; the policy text states it under the same number, for people.
inline constexpr std::uint32_t protected_address_rule = 1;

// Public protection, the allocated social worker, a visiting health professional: nobody else, at
// imminent danger and under any rule. ARCHITECTURE section 5 invariant 5.
constexpr bool may_see_protected_address(v1::Role role) {
    return role == v1::ROLE_PPU || role == v1::ROLE_ALLOCATED || role == v1::ROLE_HV ||
           role == v1::ROLE_MIDWIFE;
}

} // namespace cairn::policy
