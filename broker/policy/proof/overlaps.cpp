#include "policy/proof/overlaps.hpp"

#include "policy/check.hpp"
#include "policy/order.hpp"
#include "policy/proof/space.hpp"

#include <algorithm>
#include <iterator>

namespace cairn::policy {

namespace {

struct row {
    const v1::Rule* rule;
    std::uint32_t when;
    std::uint32_t unless;

    [[nodiscard]] bool applies(std::uint32_t flags) const {
        return (flags & when) == when && !(flags & unless);
    }
};

// Rules that speak of one cell, by their place among all.
using speaking = std::vector<std::uint16_t>;

bool other_outcome(const v1::Rule& a, const v1::Rule& b) {
    return a.form() != b.form() || a.reason() != b.reason();
}

void note_pair(overlaps& out, const v1::Rule& first, const v1::Rule& other) {
    if (first.tier() == other.tier()) {
        if (other_outcome(first, other)) out.of_one_tier.emplace(first.number(), other.number());
        return;
    }
    const bool floor = first.tier() == v1::TIER_MUST && other.tier() == v1::TIER_DENY;
    const bool bar = first.tier() == v1::TIER_BAR && other.tier() == v1::TIER_MUST;
    if (floor || bar) out.over.emplace(first.number(), other.number());
}

void look_at(overlaps& out, const std::vector<row>& all, const speaking& here) {
    std::uint32_t named = 0;
    for (const auto n : here) named |= all[n].when | all[n].unless;
    std::uint32_t set = 0;
    do {
        const row* decides = nullptr;
        for (const auto n : here) {
            if (!all[n].applies(set)) continue;
            if (decides) {
                note_pair(out, *decides->rule, *all[n].rule);
            } else {
                decides = &all[n];
            }
        }
        set = next_set(set, named);
    } while (set != 0);
}

// The rules that speak of each value, in the order of the values.
template <class Enum, class Speaks>
std::vector<speaking>
by_value(const std::vector<Enum>& values, const std::vector<row>& all, Speaks&& speaks) {
    std::vector<speaking> out;
    for (const auto v : values) {
        auto& of_value = out.emplace_back();
        for (std::size_t n = 0; n < all.size(); ++n) {
            if (speaks(*all[n].rule, v)) of_value.push_back(static_cast<std::uint16_t>(n));
        }
    }
    return out;
}

speaking both(const speaking& a, const speaking& b) {
    speaking out;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
}

} // namespace

overlaps find_overlaps(const v1::Policy& policy, std::chrono::sys_days today) {
    std::vector<row> all;
    for (const auto* r : in_order(policy, today)) {
        all.push_back({r, mask_of(r->when()), mask_of(r->unless())});
    }
    const auto& s = whole_space();
    const auto categories =
        by_value(s.categories, all, [](const auto& r, int v) { return covers(r.categories(), v); });
    const auto subjects =
        by_value(s.subjects, all, [](const auto& r, int v) { return covers(r.subjects(), v); });
    const auto roles =
        by_value(s.roles, all, [](const auto& r, int v) { return covers(r.roles(), v); });
    const auto purposes =
        by_value(s.purposes, all, [](const auto& r, int v) { return covers(r.purposes(), v); });
    const auto risks =
        by_value(s.risks, all, [](const auto& r, int v) { return v >= r.min_risk(); });
    std::set<speaking> seen;
    overlaps out;
    for (const auto& of_category : categories) {
        for (const auto& of_subject : subjects) {
            const auto cell = both(of_category, of_subject);
            for (const auto& of_role : roles) {
                const auto desk = both(cell, of_role);
                for (const auto& of_purpose : purposes) {
                    const auto task = both(desk, of_purpose);
                    for (const auto& of_risk : risks) {
                        const auto [here, fresh] = seen.insert(both(task, of_risk));
                        if (fresh) look_at(out, all, *here);
                    }
                }
            }
        }
    }
    return out;
}

} // namespace cairn::policy
