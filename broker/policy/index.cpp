#include "policy/index.hpp"

#include "policy/check.hpp"
#include "policy/final_list.hpp"
#include "policy/order.hpp"

#include "core/limits.hpp"

#include <algorithm>
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

// A bit for each rule.
using words = std::vector<std::uint64_t>;

words both(const words& a, const words& b) {
    words out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] & b[i];
    return out;
}

struct dimension {
    std::size_t first = 0;
    // Of one value.
    std::size_t cells = 0;
    // For each value the rules that speak of it, and the first value of which the same ones do.
    std::vector<words> rules;
    std::vector<std::size_t> like;
};

template <class Speaks>
void add_value(dimension& d, const std::vector<const v1::Rule*>& rules, Speaks&& speaks) {
    words set((rules.size() + 63) / 64);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (speaks(*rules[i])) set[i / 64] |= 1ULL << (i % 64);
    }
    std::size_t like = d.first;
    while (like < d.rules.size() && d.rules[like] != set) ++like;
    d.like.push_back(d.rules.size() < d.first ? d.rules.size() : like);
    d.rules.push_back(std::move(set));
}

// By category, subject, role, purpose, risk. Value 0 of each but risk is "not said": nothing is
// ever shown on it.
std::vector<dimension> dimensions_of(const std::vector<const v1::Rule*>& rules) {
    std::vector<dimension> out = {
        {1, slot(1, 0, 0, 0, 0), {}, {}},
        {1, slot(0, 1, 0, 0, 0), {}, {}},
        {1, slot(0, 0, 1, 0, 0), {}, {}},
        {1, slot(0, 0, 0, 1, 0), {}, {}},
        {0, slot(0, 0, 0, 0, 1), {}, {}},
    };
    const auto add = [&](std::size_t at, std::size_t values, auto&& speaks) {
        for (int v = 0; v < static_cast<int>(values); ++v) {
            add_value(out[at], rules, [&](const v1::Rule& r) { return speaks(r, v); });
        }
    };
    add(0, categories, [](const v1::Rule& r, int v) { return covers(r.categories(), v); });
    add(1, subjects, [](const v1::Rule& r, int v) { return covers(r.subjects(), v); });
    add(2, roles, [](const v1::Rule& r, int v) { return covers(r.roles(), v); });
    add(3, purposes, [](const v1::Rule& r, int v) { return covers(r.purposes(), v); });
    add(4, risks, [](const v1::Rule& r, int v) { return v >= r.min_risk(); });
    return out;
}

} // namespace

// Makes the lists and tells each cell which is its own.
class index::maker {
public:
    maker(index& out, const std::vector<const v1::Rule*>& rules)
        : out_(out), rules_(rules), dimensions_(dimensions_of(rules)) {}

    void make() { fill(0, 0, words((rules_.size() + 63) / 64, ~0ULL)); }

private:
    // The cells from `begin` on that lie behind one value of each dimension before the `n`th, of
    // which `set` are the rules. Most values are like one before them: their cells are copied.
    void fill(std::size_t n, std::size_t begin, const words& set) {
        if (n == dimensions_.size()) {
            out_.list_of_[begin] = list_for(set);
            return;
        }
        const auto& d = dimensions_[n];
        for (std::size_t v = d.first; v < d.rules.size(); ++v) {
            const auto cells = out_.list_of_.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto at = static_cast<std::ptrdiff_t>(v * d.cells);
            const auto like = static_cast<std::ptrdiff_t>(d.like[v] * d.cells);
            if (like != at)
                std::copy_n(cells + like, d.cells, cells + at);
            else
                fill(n + 1, begin + v * d.cells, both(set, d.rules[v]));
        }
    }

    std::uint16_t list_for(const words& set) {
        if (out_.too_large_) return 0;
        const auto [at, fresh] = known_.try_emplace(set, std::uint16_t(0));
        if (!fresh) return at->second;
        const auto l = append(set);
        out_.too_large_ = out_.entries_.size() > limits::policy_entries ||
                          out_.lists_.size() >= std::numeric_limits<std::uint16_t>::max();
        if (out_.too_large_) return 0;
        out_.lists_.push_back(l);
        return at->second = static_cast<std::uint16_t>(out_.lists_.size() - 1);
    }

    list append(const words& set) {
        list l{static_cast<std::uint32_t>(out_.entries_.size()), 0};
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            if (!(set[i / 64] >> (i % 64) & 1)) continue;
            const auto& r = *rules_[i];
            out_.entries_.push_back({mask_of(r.when()), mask_of(r.unless()), decision_of(r)});
            // Nothing behind a rule without conditions is ever reached.
            if (r.when().empty() && r.unless().empty()) break;
        }
        l.end = static_cast<std::uint32_t>(out_.entries_.size());
        return l;
    }

    index& out_;
    const std::vector<const v1::Rule*>& rules_;
    std::vector<dimension> dimensions_;
    std::map<words, std::uint16_t> known_;
};

index::index(const v1::Policy& policy, std::chrono::sys_days today)
    : list_of_(categories * subjects * roles * purposes * risks, 0) {
    lists_.push_back({}); // 0: nothing speaks of it
    const auto rules = in_order(policy, today);
    maker(*this, rules).make();
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
