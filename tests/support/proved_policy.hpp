// Texts of policy that a broker under test decides by. Each is proved once a day in a program: the
// proof has tests of its own.
#pragma once

#include "daemon/policy_version.hpp"
#include "daemon/runtime.hpp"
#include "support/result_text.hpp"

#include <map>
#include <string>
#include <utility>

namespace cairn::test {

inline daemon::policy_version proved_policy(std::string_view text, std::int64_t now_us) {
    static std::map<std::pair<std::string, std::string>, daemon::policy_version> known;
    const auto key = std::pair(std::string(text), daemon::policy_day(now_us));
    if (const auto at = known.find(key); at != known.end()) return at->second;
    auto made = daemon::prove_policy(key.first, now_us);
    REQUIRE(made);
    return known.emplace(key, std::move(*made)).first->second;
}

} // namespace cairn::test
