// The policy text read, with the place of each of its rows.
#pragma once

#include "core/result.hpp"
#include "policy/text_format.hpp"

#include "cairn/v1/policy.pb.h"

#include <functional>
#include <string>
#include <string_view>

namespace cairn::policy {

namespace v1 = ::cairn::v1;

struct parsed {
    v1::Policy policy;
    // As the reader knows places: "line 12, column 1" of a text, "row 3, column tier (C3)" of a
    // table; without a row the beginning. Nothing: the text was not read but made.
    std::function<std::string(const text_spot&)> place;

    [[nodiscard]] std::string place_of(const text_spot& spot) const {
        return place ? place(spot) : std::string("the text");
    }
};

// errc::policy_missing where there is nothing but white space and comments, policy_invalid with the
// first place that cannot be read: an unknown field, an unknown value, a text that ends too early.
result<parsed> parse(std::string_view text);

} // namespace cairn::policy
