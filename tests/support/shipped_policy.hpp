// The template, compiled once for all tests of a program.
#pragma once

#include "policy/table.hpp"
#include "support/result_text.hpp"

#include <memory>
#include <string_view>

namespace cairn::test {

inline constexpr std::string_view today = "2026-11-22";

inline const std::shared_ptr<const policy::table>& shipped_policy() {
    static const auto compiled = policy::table::compile(policy::template_policy(), today);
    REQUIRE(compiled);
    return *compiled;
}

} // namespace cairn::test
