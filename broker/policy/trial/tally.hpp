// Flips counted by what they have in common, in the order in which they are read: what is owed and
// would be withheld, what else would be hidden, what would be shown.
#pragma once

#include "policy/trial/replay.hpp"

#include "cairn/v1/policy_versions.pb.h"

#include <compare>
#include <map>
#include <string>
#include <vector>

namespace cairn::policy {

enum class flip_kind : std::uint8_t { owed, closes, opens };

struct flip_key {
    flip_kind kind = flip_kind::owed;
    v1::Category category = v1::CATEGORY_UNSPECIFIED;
    std::string desk;
    v1::Subject subject = v1::SUBJECT_UNSPECIFIED;
    v1::Form before = v1::FORM_UNSPECIFIED;
    v1::Form after = v1::FORM_UNSPECIFIED;
    std::uint32_t rule_before = 0;
    std::uint32_t rule_after = 0;
    auto operator<=>(const flip_key&) const = default;
};

struct flip_count {
    std::uint64_t decisions = 0;
    // The first of them.
    std::vector<std::string> concern_ids;
};
inline constexpr std::size_t flip_concerns = 3;

struct tally {
    std::uint64_t concerns = 0;
    std::uint64_t decisions = 0;
    std::uint64_t left_out = 0;
    std::map<flip_key, flip_count> flips;

    void count(const flip& f);
    // A part of an answer; parts in the order of the log.
    void add(const v1::SimulatePolicyResponse& part);
};

// At least one message, each with at most `rows` flips: the numbers in the first.
std::vector<v1::SimulatePolicyResponse> parts_of(const tally& t, std::size_t rows);

} // namespace cairn::policy
