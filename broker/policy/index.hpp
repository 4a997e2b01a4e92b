// The rules turned into one list for each point, most decisive first: deciding is walking it to the
// first entry whose flags fit.
#pragma once

#include "core/result.hpp"
#include "policy/decision.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace cairn::policy {

class index {
public:
    // `policy` has passed check(). Rules not yet in force on `today` are left out.
    index(const v1::Policy& policy, std::chrono::sys_days today);

    // errc::policy_invalid where it does not fit into limits::policy_entries: then it decides
    // nothing and must not be used.
    [[nodiscard]] status check_size() const;
    [[nodiscard]] decision decide(const point& p) const;

    // For the proof. Points of which the same rows speak share a list; whatever its flags, a point
    // of one list is decided as every other of it.
    [[nodiscard]] std::size_t lists() const { return lists_.size() + 1; }
    // Below lists(). The flags of the point are not read.
    [[nodiscard]] std::size_t list_of(const point& p) const;
    // The flags that the rows of a list name: no other can change what it decides.
    [[nodiscard]] std::uint32_t flags_of(std::size_t number) const;

    // Number of a rule that would open what the law bars: no bar stands over it at a point it
    // speaks of.
    [[nodiscard]] std::optional<std::uint32_t> opens_what_is_barred() const;

private:
    class maker;
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

    bool too_large_ = false;
    std::vector<entry> entries_;
    std::vector<list> lists_;
    // By point, row-major: category, subject, role, purpose, risk.
    std::vector<std::uint16_t> list_of_;
};

} // namespace cairn::policy
