// Which days are working days: Monday to Friday less the bank holidays of a dated table. The table
// is data of the deployment (deploy/calendars/) and ends some day, which must be said in time.
#pragma once

#include "core/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::obligations {

// Immutable after parsing. An empty one knows weekends only.
class calendar {
public:
    calendar() = default;
    // One `YYYY-MM-DD,name` a line in any order; blank lines and lines beginning with '#' are
    // skipped. errc::format_malformed, where = "line N".
    static result<calendar> parse(std::string_view csv);

    [[nodiscard]] bool is_working(std::chrono::sys_days day) const;
    // The table reaches to the end of the year of its last holiday.
    [[nodiscard]] bool covers(std::chrono::sys_days day) const;
    // What the operator should be told today; empty when all is well.
    [[nodiscard]] std::vector<std::string> warnings(std::chrono::sys_days today) const;

private:
    // Sorted.
    std::vector<std::chrono::sys_days> holidays_;
};

// The `n`-th working day after `day`; what `day` itself is does not count.
std::chrono::sys_days working_day_after(std::chrono::sys_days day, int n, const calendar& days);

// The table Cairn ships for England and Wales: deploy/calendars/england.csv, compiled in.
std::string_view shipped_calendar();

} // namespace cairn::obligations
