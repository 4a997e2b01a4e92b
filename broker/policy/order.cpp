#include "policy/order.hpp"

#include "policy/dates.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

// Smaller decides first inside a tier: the strictest form of bar and deny, the most open of must
// and allow.
int form_order(v1::Tier tier, v1::Form form) {
    const bool strict = tier == v1::TIER_BAR || tier == v1::TIER_DENY;
    return strict ? -static_cast<int>(form) : static_cast<int>(form);
}

} // namespace

bool decides_before(const v1::Rule& a, const v1::Rule& b) {
    if (a.tier() != b.tier()) return a.tier() < b.tier();
    const int fa = form_order(a.tier(), a.form());
    const int fb = form_order(b.tier(), b.form());
    if (fa != fb) return fa < fb;
    return a.number() < b.number();
}

std::vector<const v1::Rule*> in_order(const v1::Policy& policy, std::chrono::sys_days today) {
    std::vector<const v1::Rule*> out;
    for (const auto& r : policy.rules()) {
        const auto from = parse_day(r.in_force());
        if (from && *from <= today) out.push_back(&r);
    }
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
        return decides_before(*a, *b);
    });
    return out;
}

} // namespace cairn::policy
