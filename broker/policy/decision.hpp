// One question and one answer of policy. The unit of decision is a cell: one category of data about
// one person (or about the concern), for one desk.
#pragma once

#include "cairn/v1/notice.pb.h"
#include "cairn/v1/policy.pb.h"

#include <cstdint>

namespace cairn::policy {

namespace v1 = ::cairn::v1;

// Bit of a flag in a set of flags.
constexpr std::uint32_t bit(v1::Flag f) {
    return 1U << static_cast<unsigned>(f);
}

struct point {
    v1::Category category = v1::CATEGORY_UNSPECIFIED;
    v1::Subject subject = v1::SUBJECT_UNSPECIFIED;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
    std::uint32_t flags = 0;
};

// Always names a rule: number 0 is the built-in default, masked with REASON_NO_RULE.
struct decision {
    v1::Form form = v1::FORM_MASKED;
    v1::Tier tier = v1::TIER_DEFAULT;
    std::uint32_t rule = 0;
    v1::ReasonCode reason = v1::REASON_NO_RULE;
    bool operator==(const decision&) const = default;
};

} // namespace cairn::policy
