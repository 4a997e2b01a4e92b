// The rules as sets of bits in the order they decide in: what a change of one rule does is asked of
// the few points the rule speaks of, without compiling the whole text anew.
#pragma once

#include "policy/decision.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace cairn::policy {

// One rule. A bit for each value of a dimension that it speaks of.
struct row {
    std::uint32_t categories = 0;
    std::uint32_t subjects = 0;
    std::uint32_t roles = 0;
    std::uint32_t purposes = 0;
    std::uint32_t risks = 0;
    std::uint32_t when = 0;
    std::uint32_t unless = 0;
    decision then;

    // Whatever the flags.
    [[nodiscard]] bool speaks_of(const point& p) const;
    [[nodiscard]] bool flags_fit(std::uint32_t flags) const {
        return (flags & when) == when && (flags & unless) == 0;
    }
};

// Nothing where the rule is not in force on `today`.
std::optional<row> row_of(const v1::Rule& r, std::chrono::sys_days today);

class rows {
public:
    // `policy` has passed check().
    rows(const v1::Policy& policy, std::chrono::sys_days today);

    // Decides as the compiled table does at every point of the closed sets.
    [[nodiscard]] decision decide(const point& p) const;
    // With `instead` in place of rule `number`, or without that rule where there is nothing
    // instead.
    [[nodiscard]] rows with(std::uint32_t number, const std::optional<row>& instead) const;
    // Those that speak of the point, whatever its flags.
    [[nodiscard]] rows speaking_of(const point& p) const;
    // All flags they name.
    [[nodiscard]] std::uint32_t flags() const;

private:
    rows() = default;
    std::vector<row> rows_;
};

} // namespace cairn::policy
