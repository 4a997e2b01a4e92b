#include "policy/proof/deciders.hpp"

#include "policy/check.hpp"
#include "policy/order.hpp"

namespace cairn::policy {

namespace {

// Every cell that a rule speaks of, in the order of the space.
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

} // namespace

std::map<std::uint32_t, decision> deciders(const v1::Rule& rule, const space& decided) {
    const auto when = mask_of(rule.when());
    const auto unless = mask_of(rule.unless());
    std::vector<bool> seen(decided.lists());
    std::map<std::uint32_t, decision> out;
    each_cell_of(rule, [&](const point& cell) {
        const auto list = decided.list_of(cell);
        if (seen[list]) return;
        seen[list] = true;
        const auto named = decided.flags_of(list) | when;
        std::uint32_t set = 0;
        do {
            if ((set & when) == when && !(set & unless)) {
                const auto& d = decided.at(list, set);
                out.emplace(d.rule, d);
            }
            set = next_set(set, named);
        } while (set != 0);
    });
    return out;
}

} // namespace cairn::policy
