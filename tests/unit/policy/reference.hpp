// The second evaluator: what a policy text means, said once more and as plainly as can be, from the
// words at the head of deploy/policy/template.textproto, proto/cairn/v1/policy.proto and ADR 22.
// It looks at every rule and keeps the strongest. It shares the schema with the compiled table and
// nothing else: a header in common would let one mistake stand in both.
#pragma once

#include "cairn/v1/policy.pb.h"

#include <cstdint>
#include <string>
#include <vector>

namespace plain {

// One question, in numbers of the schema's enums; `flags` holds those that are set.
struct question {
    int category = 0;
    int subject = 0;
    int role = 0;
    int purpose = 0;
    int risk = 0;
    std::uint32_t flags = 0; // 1 << Flag
};

struct answer {
    int form = 0;
    int tier = 0;
    std::uint32_t rule = 0;
    int reason = 0;
};

// Mistakes that can be planted, to see that the comparison finds them.
enum class mistake {
    none,
    tie_to_highest_number,
    most_open_wins_in_hiding_tiers,
    strictest_wins_in_showing_tiers,
    deny_before_must,
    must_before_bar,
    allow_before_deny,
    risk_above_instead_of_at_least,
    risk_ignored,
    any_of_when_is_enough,
    when_ignored,
    unless_ignored,
    all_of_unless_needed,
    empty_list_fits_nothing,
    subjects_ignored,
    rule_applied_before_its_day,
    rule_not_applied_on_its_first_day,
    protected_address_left_to_rules,
    sealed_left_to_rules,
    statutory_bar_skipped,
    default_is_silent,
    unknown_values_decided,
    unsaid_values_decided,
    count, // of them, none included
};

// `today`: ISO day.
answer decide(
    const cairn::v1::Policy& policy,
    const question& q,
    const std::string& today,
    mistake planted = mistake::none
);

} // namespace plain
