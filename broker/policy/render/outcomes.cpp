#include "policy/render/outcomes.hpp"

#include "core/assert.hpp"
#include "policy/check.hpp"
#include "policy/final_list.hpp"
#include "policy/order.hpp"

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
outcome tried(const table& policy, point p, std::uint32_t mentioned) {
    outcome out;
    p.risk = usual_risk;
    p.flags = usual_flags;
    out.usual = policy.decide(p);
    const std::uint32_t free = mentioned & ~overlying_flags;
    for (int k = 0; k <= v1::RiskLevel_MAX; ++k) {
        p.risk = static_cast<v1::RiskLevel>(k);
        std::uint32_t set = free;
        for (;;) {
            p.flags = set;
            const auto d = policy.decide(p);
            if (std::find(out.possible.begin(), out.possible.end(), d) == out.possible.end()) {
                out.possible.push_back(d);
            }
            const bool detriment = (set & bit(v1::FLAG_DETRIMENT)) != 0;
            out.varies = out.varies || (!detriment && d.form != out.usual.form);
            if (set == 0) break;
            set = (set - 1) & free;
        }
    }
    std::sort(out.possible.begin(), out.possible.end(), decides_before);
    return out;
}

using speakers = std::vector<std::uint16_t>;

// Rules of `from` whose list covers the value.
template <class List>
speakers speaking(const v1::Policy& policy, const speakers& from, int value, List&& list) {
    speakers out;
    for (const auto i : from) {
        if (covers(list(policy.rules(i)), value)) out.push_back(i);
    }
    return out;
}

} // namespace

std::uint32_t mentioned_flags(const v1::Policy& policy) {
    std::uint32_t out = 0;
    for (const auto& rule : policy.rules()) out |= flags_of(rule);
    return out;
}

outcomes::outcomes(const table& policy)
    : number_of_((v1::Category_MAX + 1) * subjects * roles * purposes) {
    const auto& text = policy.source();
    speakers every(static_cast<std::size_t>(text.rules_size()));
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::uint16_t>(i);
    // What the table holds whatever the rules say keeps cells apart too.
    std::map<std::pair<int, speakers>, std::uint16_t> known;
    const auto number_for = [&](const point& p, const speakers& rules) {
        const auto above = built_in(p);
        const auto [at, fresh] =
            known.emplace(std::pair(above ? static_cast<int>(above->tier) : 0, rules), 0);
        if (!fresh) return at->second;
        std::uint32_t mentioned = 0;
        for (const auto i : rules) mentioned |= flags_of(text.rules(i));
        CAIRN_ASSERT(all_.size() < std::numeric_limits<std::uint16_t>::max(), "too many outcomes");
        all_.push_back(tried(policy, p, mentioned));
        return at->second = static_cast<std::uint16_t>(all_.size() - 1);
    };
    for (int c = 1; c <= v1::Category_MAX; ++c) {
        const auto of_c = speaking(
            text, every, c, [](auto& r) -> auto& { return r.categories(); }
        );
        for (int s = 1; s <= v1::SUBJECT_CONCERN; ++s) {
            const auto of_s = speaking(
                text, of_c, s, [](auto& r) -> auto& { return r.subjects(); }
            );
            for (int r = 1; r <= v1::Role_MAX; ++r) {
                const auto of_r = speaking(
                    text, of_s, r, [](auto& x) -> auto& { return x.roles(); }
                );
                for (int p = 1; p <= v1::Purpose_MAX; ++p) {
                    point at;
                    at.category = static_cast<v1::Category>(c);
                    at.subject = static_cast<v1::Subject>(s);
                    at.role = static_cast<v1::Role>(r);
                    at.purpose = static_cast<v1::Purpose>(p);
                    number_of_[slot(at.category, at.subject, at.role, at.purpose)] = number_for(
                        at,
                        speaking(
                            text, of_r, p, [](auto& x) -> auto& { return x.purposes(); }
                        )
                    );
                }
            }
        }
    }
}

std::size_t outcomes::number(v1::Category c, v1::Subject s, v1::Role r, v1::Purpose p) const {
    CAIRN_ASSERT(c > 0 && s > 0 && r > 0 && p > 0, "no cell has an unsaid dimension");
    return number_of_.at(slot(c, s, r, p));
}

} // namespace cairn::policy
