// The rules turned into one list for each point, most decisive first: deciding is walking it to the
// first entry whose flags fit.
#pragma once

#include "core/result.hpp"
#include "policy/decision.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace cairn::policy {

class index {
public:
    // `policy` has passed check(). Rules not yet in force on `today` are left out.
    index(const v1::Policy& policy, std::chrono::sys_days today);

    [[nodiscard]] decision decide(const point& p) const;

    // errc::policy_contradiction where a must rule would open what the law bars: no bar stands over
    // it at a point it speaks of.
    [[nodiscard]] status check_statutory_bars() const;

private:
    struct entry {
        std::uint32_t when = 0;
        std::uint32_t unless = 0;
        decision then;
    };
    // A stretch of entries_; many points share one.
    struct list {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };

    [[nodiscard]] decision walk(list l, std::uint32_t flags) const;

    std::vector<entry> entries_;
    std::vector<list> lists_;
    // By point, row-major: category, subject, role, purpose, risk.
    std::vector<std::uint16_t> list_of_;
};

} // namespace cairn::policy
