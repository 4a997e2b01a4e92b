#include "policy/index.hpp"

#include "policy/check.hpp"
#include "policy/final_list.hpp"
#include "policy/order.hpp"

#include "core/limits.hpp"

#include <array>
#include <limits>
#include <map>

namespace cairn::policy {

namespace {

constexpr std::size_t categories = v1::Category_MAX + 1;
constexpr std::size_t subjects = v1::SUBJECT_CONCERN + 1;
constexpr std::size_t roles = v1::Role_MAX + 1;
constexpr std::size_t purposes = v1::Purpose_MAX + 1;
constexpr std::size_t risks = v1::RiskLevel_MAX + 1;

constexpr std::size_t
slot(std::size_t c, std::size_t s, std::size_t r, std::size_t p, std::size_t k) {
    return (((c * subjects + s) * roles + r) * purposes + p) * risks + k;
}

// Which rules speak of a value of one dimension, a bit each.
using words = std::vector<std::uint64_t>;

template <class Speaks>
std::vector<words>
membership(const std::vector<const v1::Rule*>& rules, std::size_t values, Speaks&& speaks) {
    std::vector<words> out(values, words((rules.size() + 63) / 64));
    for (std::size_t v = 0; v < values; ++v) {
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (speaks(*rules[i], static_cast<int>(v))) out[v][i / 64] |= 1ULL << (i % 64);
        }
    }
    return out;
}

words both(const words& a, const words& b) {
    words out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] & b[i];
    return out;
}

} // namespace

index::index(const v1::Policy& policy, std::chrono::sys_days today)
    : list_of_(categories * subjects * roles * purposes * risks, 0) {
    const auto rules = in_order(policy, today);
    const auto by_category = membership(rules, categories, [](const auto& r, int v) {
        return covers(r.categories(), v);
    });
    const auto by_subject =
        membership(rules, subjects, [](const auto& r, int v) { return covers(r.subjects(), v); });
    const auto by_role =
        membership(rules, roles, [](const auto& r, int v) { return covers(r.roles(), v); });
    const auto by_purpose =
        membership(rules, purposes, [](const auto& r, int v) { return covers(r.purposes(), v); });
    const auto by_risk =
        membership(rules, risks, [](const auto& r, int v) { return v >= r.min_risk(); });

    lists_.push_back({}); // 0: nothing speaks of it
    std::map<words, std::uint16_t> known;
    const auto list_for = [&](const words& set) {
        if (too_large_) return std::uint16_t(0);
        const auto [at, fresh] = known.emplace(set, std::uint16_t(0));
        if (!fresh) return at->second;
        list l{static_cast<std::uint32_t>(entries_.size()), 0};
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (!(set[i / 64] >> (i % 64) & 1)) continue;
            const auto& r = *rules[i];
            entries_.push_back({mask_of(r.when()), mask_of(r.unless()), decision_of(r)});
            // Nothing behind a rule without conditions is ever reached.
            if (r.when().empty() && r.unless().empty()) break;
        }
        l.end = static_cast<std::uint32_t>(entries_.size());
        too_large_ = too_large_ || entries_.size() > limits::policy_entries ||
                     lists_.size() >= std::numeric_limits<std::uint16_t>::max();
        if (too_large_) return std::uint16_t(0);
        lists_.push_back(l);
        return at->second = static_cast<std::uint16_t>(lists_.size() - 1);
    };

    // Value 0 of each dimension but risk is "not said": nothing is ever shown on it.
    for (std::size_t c = 1; c < categories; ++c) {
        for (std::size_t s = 1; s < subjects; ++s) {
            const auto cs = both(by_category[c], by_subject[s]);
            for (std::size_t r = 1; r < roles; ++r) {
                const auto csr = both(cs, by_role[r]);
                for (std::size_t p = 1; p < purposes; ++p) {
                    const auto csrp = both(csr, by_purpose[p]);
                    for (std::size_t k = 0; k < risks; ++k) {
                        list_of_[slot(c, s, r, p, k)] = list_for(both(csrp, by_risk[k]));
                    }
                }
            }
        }
    }
}

status index::check_size() const {
    if (!too_large_) return {};
    return fail(
        errc::policy_invalid,
        "its rules overlap in more than " + std::to_string(limits::policy_entries) +
            " ways: join rules that decide the same"
    );
}

decision index::walk(list l, std::uint32_t flags) const {
    for (auto i = l.begin; i < l.end; ++i) {
        const auto& e = entries_[i];
        if ((flags & e.when) == e.when && !(flags & e.unless)) return e.then;
    }
    return {};
}

decision index::decide(const point& p) const {
    const auto c = static_cast<std::size_t>(p.category);
    const auto s = static_cast<std::size_t>(p.subject);
    const auto r = static_cast<std::size_t>(p.role);
    const auto u = static_cast<std::size_t>(p.purpose);
    const auto k = static_cast<std::size_t>(p.risk);
    if (c >= categories || s >= subjects || r >= roles || u >= purposes || k >= risks) return {};
    // Here and not only in the table: whatever a text says, this stays.
    if (const auto above = built_in(p)) return *above;
    return walk(lists_[list_of_[slot(c, s, r, u, k)]], p.flags);
}

// 0 where nothing is ever shown, the last where the built-in bar decides.
std::size_t index::list_of(const point& p) const {
    const auto c = static_cast<std::size_t>(p.category);
    const auto s = static_cast<std::size_t>(p.subject);
    const auto r = static_cast<std::size_t>(p.role);
    const auto u = static_cast<std::size_t>(p.purpose);
    const auto k = static_cast<std::size_t>(p.risk);
    if (c >= categories || s >= subjects || r >= roles || u >= purposes || k >= risks) return 0;
    if (const auto above = built_in(p)) return above->rule == 0 ? 0 : lists_.size();
    return list_of_[slot(c, s, r, u, k)];
}

std::uint32_t index::flags_of(std::size_t number) const {
    if (number >= lists_.size()) return 0;
    std::uint32_t out = 0;
    for (auto i = lists_[number].begin; i < lists_[number].end; ++i) {
        out |= entries_[i].when | entries_[i].unless;
    }
    return out;
}

std::optional<std::uint32_t> index::opens_what_is_barred() const {
    constexpr std::uint32_t barred = bit(v1::FLAG_STATUTORY_BAR);
    for (const auto& l : lists_) {
        for (auto i = l.begin; i < l.end; ++i) {
            const auto& e = entries_[i];
            const bool opens = e.then.tier == v1::TIER_MUST || e.then.tier == v1::TIER_ALLOW;
            if (!opens) {
                // Whatever else is set, what is barred ends here.
                if ((e.when & ~barred) == 0 && e.unless == 0) break;
                continue;
            }
            if ((e.unless & barred) != 0) continue;
            return e.then.rule;
        }
    }
    return std::nullopt;
}

} // namespace cairn::policy
