#include "policy/order.hpp"

#include "policy/dates.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

// Smaller decides first inside a tier.
int form_order(const decision& d) {
    const bool strict = d.tier == v1::TIER_BAR || d.tier == v1::TIER_DENY;
    return strict ? -static_cast<int>(d.form) : static_cast<int>(d.form);
}

} // namespace

bool decides_before(const decision& a, const decision& b) {
    if (a.tier != b.tier) return a.tier < b.tier;
    const int fa = form_order(a);
    const int fb = form_order(b);
    if (fa != fb) return fa < fb;
    return a.rule < b.rule;
}

std::vector<const v1::Rule*> in_order(const v1::Policy& policy, std::chrono::sys_days today) {
    std::vector<const v1::Rule*> out;
    for (const auto& r : policy.rules()) {
        const auto from = parse_day(r.in_force());
        if (from && *from <= today) out.push_back(&r);
    }
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
        return decides_before(decision_of(*a), decision_of(*b));
    });
    return out;
}

} // namespace cairn::policy
