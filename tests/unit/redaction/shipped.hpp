// The policy that is shipped, and desks that it decides for.
#pragma once

#include "policy/check.hpp"
#include "redaction/notice.hpp"
#include "support/shipped_policy.hpp"

#include <string>

namespace cairn::test {

inline const policy::table& shipped_rules() {
    return *shipped_policy();
}

inline redaction::desk_context desk_of(v1::Role role, std::string name) {
    redaction::desk_context d;
    d.desk = std::move(name);
    d.role = role;
    return d;
}

} // namespace cairn::test
