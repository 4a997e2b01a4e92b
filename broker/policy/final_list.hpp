// What stands above every text: nothing sealed is shown, and an address whose disclosure can harm
// only to a list that no text may change.
#pragma once

#include "policy/decision.hpp"

#include <optional>

namespace cairn::policy {

// Number of the built-in bar; the policy text states it under the same number, for people.
inline constexpr std::uint32_t protected_address_rule = 1;

// Public protection, the allocated social worker, a visiting health professional: nobody else, at
// imminent danger and under any rule. ARCHITECTURE section 5 invariant 5.
constexpr bool may_see_protected_address(v1::Role role) {
    return role == v1::ROLE_PPU || role == v1::ROLE_ALLOCATED || role == v1::ROLE_HV ||
           role == v1::ROLE_MIDWIFE;
}

// nullopt: the text decides.
constexpr std::optional<decision> built_in(const point& p) {
    if (p.category == v1::CATEGORY_SEALED) return decision{};
    if (p.category != v1::CATEGORY_PROTECTED_ADDRESS || may_see_protected_address(p.role))
        return std::nullopt;
    return decision{
        v1::FORM_MASKED, v1::TIER_BAR, protected_address_rule, v1::REASON_ADDRESS_CAN_HARM};
}

} // namespace cairn::policy
