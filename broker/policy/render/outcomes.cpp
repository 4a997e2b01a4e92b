#include "policy/render/outcomes.hpp"

#include "core/assert.hpp"
#include "policy/order.hpp"
#include "policy/proof/space.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace cairn::policy {

namespace {

constexpr std::size_t subjects = v1::SUBJECT_CONCERN + 1;
constexpr std::size_t roles = v1::Role_MAX + 1;
constexpr std::size_t purposes = v1::Purpose_MAX + 1;

std::size_t slot(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p) {
    return ((static_cast<std::size_t>(c) * subjects + static_cast<std::size_t>(s)) * roles +
            static_cast<std::size_t>(r)) *
               purposes +
           static_cast<std::size_t>(p);
}

// Every risk, every set of the flags that the cell's rules mention.
outcome tried(const space& decided, point p) {
    outcome out;
    p.risk = usual_risk;
    p.flags = usual_flags;
    out.usual = decided.at(p);
    for (const auto k : whole_space().risks) {
        p.risk = k;
        const auto list = decided.list_of(p);
        const auto free = decided.flags_of(list) & ~overlying_flags;
        std::uint32_t set = 0;
        do {
            const auto& d = decided.at(list, set);
            if (std::find(out.possible.begin(), out.possible.end(), d) == out.possible.end()) {
                out.possible.push_back(d);
            }
            const bool detriment = (set & bit(v1::FLAG_DETRIMENT)) != 0;
            out.varies = out.varies || (!detriment && d.form != out.usual.form);
            set = next_set(set, free);
        } while (set != 0);
    }
    std::sort(out.possible.begin(), out.possible.end(), decides_before);
    return out;
}

} // namespace

std::uint32_t mentioned_flags(const v1::Policy& policy) {
    std::uint32_t out = 0;
    for (const auto& rule : policy.rules()) out |= flags_of(rule);
    return out;
}

outcomes::outcomes(const table& policy, std::chrono::sys_days today)
    : number_of_((v1::Category_MAX + 1) * subjects * roles * purposes) {
    const space decided(policy.source(), today);
    // At the highest risk every rule speaks that speaks of the cell at all: cells that share a list
    // there share one at each risk.
    std::map<std::uint32_t, std::uint16_t> known;
    each_cell([&](const point& p) {
        if (p.risk != v1::RiskLevel_MAX) return;
        const auto [at, fresh] = known.emplace(decided.list_of(p), std::uint16_t(0));
        if (fresh) {
            const auto next = all_.size();
            CAIRN_ASSERT(next < std::numeric_limits<std::uint16_t>::max(), "too many outcomes");
            all_.push_back(tried(decided, p));
            at->second = static_cast<std::uint16_t>(next);
        }
        number_of_[slot(p.category, p.subject, p.role, p.purpose)] = at->second;
    });
}

std::size_t outcomes::number(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p) const {
    CAIRN_ASSERT(c > 0 && s > 0 && r > 0 && p > 0, "no cell has an unsaid dimension");
    return number_of_.at(slot(c, s, r, p));
}

} // namespace cairn::policy
