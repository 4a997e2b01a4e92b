// The policy text read, with the place of each of its rows.
#pragma once

#include "core/result.hpp"

#include "cairn/v1/policy.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::policy {

namespace v1 = ::cairn::v1;

struct parsed {
    v1::Policy policy;
    // "line 12, column 1", by index of the row.
    std::vector<std::string> rule_places;
    std::vector<std::string> routing_places;
    std::vector<std::string> invariant_places;
    std::vector<std::string> question_places;
};

// errc::policy_missing where there is nothing but white space and comments, policy_invalid with the
// first place that cannot be read: an unknown field, an unknown value, a text that ends too early.
result<parsed> parse(std::string_view text);

} // namespace cairn::policy
