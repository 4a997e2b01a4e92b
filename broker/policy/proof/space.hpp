// The decision space, and what a policy decides in all of it.
#pragma once

#include "core/bytes.hpp"
#include "policy/check.hpp"
#include "policy/index.hpp"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace cairn::policy {

// The values of each dimension, ascending, read from the descriptors.
struct dimensions {
    std::vector<v1::Category> categories;
    std::vector<v1::Subject> subjects;
    std::vector<v1::Role> roles;
    std::vector<v1::Purpose> purposes;
    std::vector<v1::RiskLevel> risks;
    // One bit for each flag.
    std::uint32_t flags = 0;
    // Values of the sender's lawful basis, which no rule can name: counted, never multiplied.
    std::size_t bases = 0;

    [[nodiscard]] std::uint64_t cells() const;
    [[nodiscard]] std::uint64_t points() const;
};
const dimensions& whole_space();

// The sets of flags inside `mask` in ascending order; back at 0 after the last.
constexpr std::uint32_t next_set(std::uint32_t set, std::uint32_t mask) {
    return ((set | ~mask) + 1) & mask;
}

// What a policy decides at every point, by lists of rows that points share.
class space {
public:
    space(const v1::Policy& policy, std::chrono::sys_days today);

    [[nodiscard]] std::size_t lists() const { return tables_.size(); }
    // `p` is a point of the space.
    [[nodiscard]] std::uint32_t list_of(const point& p) const { return cells_[cell_of(p)]; }
    [[nodiscard]] std::uint32_t flags_of(std::uint32_t list) const { return tables_[list].flags; }
    [[nodiscard]] const decision& at(std::uint32_t list, std::uint32_t flags) const;
    [[nodiscard]] const decision& at(const point& p) const { return at(list_of(p), p.flags); }
    // Lists walked to know all this.
    [[nodiscard]] std::uint64_t walks() const { return decided_.size(); }
    [[nodiscard]] digest semantic() const;
    // Is there a point at which setting it changes form, tier or reason?
    [[nodiscard]] bool matters(v1::Flag flag) const;

    // For a text that differs from this one in few cells: a list of its own, with what is decided
    // for each set of `flags` in the order of next_set(), and the cells that have it. What is asked
    // of the whole space (semantic, and the promises) then speaks of the other text; matters() does
    // not, for a list that no cell has any more stays.
    std::uint32_t add_list(std::uint32_t flags, const std::vector<decision>& each);
    void give(const point& cell, std::uint32_t list) { cells_[cell_of(cell)] = list; }

private:
    // Decisions of one list, one for each set of the flags that its rows name.
    struct outcomes {
        std::uint32_t flags = 0;
        std::uint32_t begin = 0;
        bool used = false;
    };
    static std::size_t cell_of(const point& p);
    void walk_all(outcomes& t, point first);
    [[nodiscard]] bool matters(std::uint32_t list, std::uint32_t flag) const;
    [[nodiscard]] bytes canonical(std::uint32_t list) const;

    index index_;
    // The list of each cell, in the space's order.
    std::vector<std::uint32_t> cells_;
    std::vector<outcomes> tables_;
    std::vector<decision> decided_;
};

// The values of every dimension but risk start at 1 and leave none out.
inline std::size_t space::cell_of(const point& p) {
    const auto place = [](int value) { return static_cast<std::size_t>(value - 1); };
    const auto& all = whole_space();
    auto at = place(p.category);
    at = at * all.subjects.size() + place(p.subject);
    at = at * all.roles.size() + place(p.role);
    at = at * all.purposes.size() + place(p.purpose);
    return at * all.risks.size() + static_cast<std::size_t>(p.risk);
}

// Every cell that a rule speaks of, in the order of the space, as a point without flags.
template <class See>
void each_cell_of(const v1::Rule& r, See&& see) {
    const auto& all = whole_space();
    for (const auto c : all.categories) {
        if (!covers(r.categories(), c)) continue;
        for (const auto s : all.subjects) {
            if (!covers(r.subjects(), s)) continue;
            for (const auto role : all.roles) {
                if (!covers(r.roles(), role)) continue;
                for (const auto u : all.purposes) {
                    if (!covers(r.purposes(), u)) continue;
                    for (const auto k : all.risks) {
                        if (k >= r.min_risk()) see(point{c, s, role, u, k, 0});
                    }
                }
            }
        }
    }
}

// Every cell: a rule that names nothing speaks of all.
template <class See>
void each_cell(See&& see) {
    each_cell_of(v1::Rule(), std::forward<See>(see));
}

} // namespace cairn::policy
