// What a text decides once one of its rules is another, made from what it decided before: only the
// lists of rows that the rule stood in, or comes into, are walked anew.
#pragma once

#include "policy/proof/space.hpp"
#include "policy/testing/rows.hpp"

#include <optional>

namespace cairn::policy {

struct changed_space {
    space decided;
    // The first point with another form, tier or reason, of those that can be before those that
    // cannot (exclusions.hpp); nothing: all points say the same.
    std::optional<point> first;
    // The values of each dimension at which something, be it the deciding rule, is another; its
    // flags are not used.
    row where;
};

// `was` is what `before` decides; `after` is `before` with the rows `gone` and `come` (either may
// be none) exchanged.
changed_space change_of(
    const space& was,
    const rows& after,
    const std::optional<row>& gone,
    const std::optional<row>& come
);

} // namespace cairn::policy
