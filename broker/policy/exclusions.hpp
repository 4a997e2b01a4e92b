// Flags that no concern has together: what is printed for people speaks of points that can be. A
// decision is made, and proved, at every point, for the broker that computes the flags may be
// wrong.
#pragma once

#include "policy/decision.hpp"

#include <array>

namespace cairn::policy {

// Each set: at most one of it holds. docs/formats/decision-inputs.md says who sets them.
inline constexpr std::array<std::uint32_t, 1> exclusive_flags = {
    // Set by one computation, as the one or the other.
    bit(v1::FLAG_ANONYMOUS_REFERRER) | bit(v1::FLAG_PROFESSIONAL_REFERRER),
};

constexpr bool can_hold_together(std::uint32_t flags) {
    for (const auto set : exclusive_flags) {
        const auto held = flags & set;
        if ((held & (held - 1)) != 0) return false;
    }
    return true;
}

} // namespace cairn::policy
