#include "policy/proof/deciders.hpp"

#include "policy/check.hpp"
#include "policy/order.hpp"

namespace cairn::policy {

namespace {

bool speaks_of(const v1::Rule& r, const point& cell) {
    return cell.risk >= r.min_risk() && covers(r.categories(), cell.category) &&
           covers(r.subjects(), cell.subject) && covers(r.roles(), cell.role) &&
           covers(r.purposes(), cell.purpose);
}

} // namespace

std::map<std::uint32_t, decision> deciders(const v1::Rule& rule, const space& decided) {
    const auto when = mask_of(rule.when());
    const auto unless = mask_of(rule.unless());
    std::vector<bool> seen(decided.lists());
    std::map<std::uint32_t, decision> out;
    each_cell([&](const point& cell) {
        const auto list = decided.list_of(cell);
        if (seen[list] || !speaks_of(rule, cell)) return;
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
