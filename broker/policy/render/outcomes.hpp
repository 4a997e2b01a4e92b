// What a policy decides of each cell, whatever risk and flags may be: for pages and records that
// speak of all of them. Read from the lists that the proof walks, so that page and proof cannot say
// two things.
#pragma once

#include "policy/table.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace cairn::policy {

// Cells that the same rules speak of share one.
struct outcome {
    // At the usual point: see usual_risk and usual_flags.
    decision usual;
    // Another form at another risk or under other flags, a declared detriment apart: that one
    // changes nearly every cell.
    bool varies = false;
    // Everything it can be, in the order in which rules decide; a rule once. Conflict and statutory
    // bars, which lie over every cell, are left out.
    std::vector<decision> possible;
};

// A cell is shown on a page as it stands at significant harm when nothing is said: then a
// conviction matters and a referrer stays unnamed.
inline constexpr v1::RiskLevel usual_risk = v1::RISK_LEVEL_SIGNIFICANT_HARM;
inline constexpr std::uint32_t usual_flags =
    bit(v1::FLAG_RELEVANT_CONVICTION) | bit(v1::FLAG_ANONYMOUS_REFERRER);
inline constexpr std::uint32_t overlying_flags =
    bit(v1::FLAG_CONFLICT) | bit(v1::FLAG_STATUTORY_BAR);

// Flags that some rule of the text mentions: no other can change anything.
std::uint32_t mentioned_flags(const v1::Policy& policy);

// Immutable. Value 0 of a dimension has no cells.
class outcomes {
public:
    // Rules not in force on `today` are left out: the day for which `policy` was compiled.
    outcomes(const table& policy, std::chrono::sys_days today);

    // Which of all() a cell has.
    [[nodiscard]] std::size_t
    number(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p) const;
    [[nodiscard]] const outcome&
    of(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p) const {
        return all_[number(c, s, r, p)];
    }
    [[nodiscard]] const std::vector<outcome>& all() const { return all_; }

private:
    std::vector<outcome> all_;
    std::vector<std::uint16_t> number_of_;
};

} // namespace cairn::policy
