#include "policy/proof/deciders.hpp"

#include "policy/order.hpp"

namespace cairn::policy {

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
