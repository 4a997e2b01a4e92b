// Everything a policy text must satisfy before it is used, row by row and as a whole.
#pragma once

#include "policy/parse.hpp"

namespace cairn::policy {

// errc::policy_invalid or policy_contradiction; `where` names line, column, row, what is wrong and
// how it is mended.
status check(const parsed& text);

// Does the row speak of this value? An empty list speaks of every one.
template <class Values>
bool covers(const Values& values, int value) {
    if (values.empty()) return true;
    for (const int v : values) {
        if (v == value) return true;
    }
    return false;
}

bool is_open(v1::Form form);

} // namespace cairn::policy
