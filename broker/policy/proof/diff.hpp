// What changes for whom where one text takes the place of another.
#pragma once

#include "policy/proof/space.hpp"

#include <map>
#include <string>
#include <tuple>

namespace cairn::policy {

// In the order in which a change is read: what is lost first.
enum class direction {
    hidden,   // was shown in some form, is not any more
    narrowed, // less is shown or said than before
    opened,   // was not shown, is now
    widened,  // more is shown or said than before
    restated, // the same form, for another reason or by another tier
};
const char* to_string(direction d);

struct change {
    std::uint64_t points = 0;
    // The first in the space's order, of those whose flags can hold together before the others.
    point first;
    decision before;
    decision after;
};

struct difference {
    std::uint64_t points = 0;
    std::uint64_t changed = 0;
    // By direction, category and role.
    std::map<std::tuple<direction, v1::Category, v1::Role>, change> changes;
};

// Both have passed check(); rules not in force on `today` are left out.
difference compare(const v1::Policy& before, const v1::Policy& after, std::chrono::sys_days today);

// `GP, for ..., would not see physical health of the child, by rule 9 "...". So far: in full, by
// rule 8 "...".`
std::string say_change(const v1::Policy& before, const v1::Policy& after, const change& c);

} // namespace cairn::policy
