// The policy that is shipped, and desks that it decides for.
#pragma once

#include "policy/check.hpp"
#include "redaction/notice.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace cairn::test {

inline const policy::table& shipped_rules() {
    static const auto table = policy::table::compile(policy::template_policy(), "2026-11-22");
    REQUIRE(table.has_value());
    return **table;
}

inline redaction::desk_context desk_of(v1::Role role, std::string name) {
    redaction::desk_context d;
    d.desk = std::move(name);
    d.role = role;
    return d;
}

} // namespace cairn::test
