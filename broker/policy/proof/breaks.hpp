// One invariant held against the whole space.
#pragma once

#include "policy/proof/space.hpp"

#include <map>
#include <optional>

namespace cairn::policy {

using rules_by_number = std::map<std::uint32_t, const v1::Rule*>;
rules_by_number by_number(const v1::Policy& policy);

// A point at which an invariant does not hold.
struct broken_at {
    point at;
    decision got;
    // What it was held against: the same at a lower risk, without a flag, the cell that ought to
    // accompany it; the point itself where the invariant speaks of one point alone.
    point beside;
    decision got_beside;
};

// Nullopt: holds everywhere. Otherwise the first point in the space's order whose flags can hold
// together (exclusions.hpp); where it breaks at no such point, the first of the others. Of its
// flags none could be left out.
std::optional<broken_at>
first_broken(const v1::Invariant& invariant, const space& decided, const rules_by_number& rules);

} // namespace cairn::policy
