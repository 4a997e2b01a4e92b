// The semantics of a policy text said a second time, as plainly as can be: look at every rule, keep
// the best. Slow, and the judge of the fast table.
#pragma once

#include "policy/decision.hpp"

#include <algorithm>

namespace cairn::policy::testing {

template <class Values>
bool speaks(const Values& values, int v) {
    return values.empty() || std::find(values.begin(), values.end(), v) != values.end();
}

inline bool applies(const v1::Rule& r, const point& p, const std::string& today) {
    if (r.in_force() > today) return false;
    if (!speaks(r.categories(), p.category) || !speaks(r.subjects(), p.subject)) return false;
    if (!speaks(r.roles(), p.role) || !speaks(r.purposes(), p.purpose)) return false;
    if (p.risk < r.min_risk()) return false;
    for (const int f : r.when()) {
        if (!(p.flags >> f & 1)) return false;
    }
    for (const int f : r.unless()) {
        if (p.flags >> f & 1) return false;
    }
    return true;
}

inline bool beats(const v1::Rule& a, const v1::Rule& b) {
    if (a.tier() != b.tier()) return a.tier() < b.tier();
    if (a.form() != b.form()) {
        const bool hides = a.tier() == v1::TIER_BAR || a.tier() == v1::TIER_DENY;
        return hides ? a.form() > b.form() : a.form() < b.form();
    }
    return a.number() < b.number();
}

inline decision judge(const v1::Policy& policy, const point& p, const std::string& today) {
    if (p.category == v1::CATEGORY_SEALED) return {};
    if (p.category == v1::CATEGORY_PROTECTED_ADDRESS && p.role != v1::ROLE_PPU &&
        p.role != v1::ROLE_ALLOCATED && p.role != v1::ROLE_HV && p.role != v1::ROLE_MIDWIFE) {
        return {v1::FORM_MASKED, v1::TIER_BAR, 1, v1::REASON_ADDRESS_CAN_HARM};
    }
    const v1::Rule* best = nullptr;
    for (const auto& r : policy.rules()) {
        if (applies(r, p, today) && (!best || beats(r, *best))) best = &r;
    }
    if (!best) return {};
    return {best->form(), best->tier(), best->number(), best->reason()};
}

} // namespace cairn::policy::testing
