#include "policy/proof/breaks.hpp"

#include "policy/check.hpp"
#include "policy/exclusions.hpp"
#include "policy/order.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace cairn::policy {

namespace {

constexpr std::uint32_t holds = std::numeric_limits<std::uint32_t>::max();

bool within(const v1::Invariant& i, v1::RiskLevel k) {
    return k >= i.min_risk() && (i.max_risk() == v1::RISK_LEVEL_UNSPECIFIED || k <= i.max_risk());
}

// Forms are numbered from the most open on.
bool more_open(v1::Form a, v1::Form b) {
    return a < b;
}

// Holds one invariant against one cell after another, and remembers what it found of lists that
// many cells share.
class judge {
public:
    judge(const v1::Invariant& invariant, const space& decided, const rules_by_number& rules)
        : i_(invariant), decided_(decided), rules_(rules), when_(mask_of(i_.when())),
          unless_(mask_of(i_.unless())),
          alone_(
              decided.lists() * std::max<std::size_t>(1, static_cast<std::size_t>(i_.flags_size())),
              unknown
          ) {}

    // A point of the cell that can be and breaks it.
    std::optional<broken_at> look_at(const point& cell);
    // The first seen that breaks it and cannot be.
    [[nodiscard]] const std::optional<broken_at>& elsewhere() const { return elsewhere_; }

private:
    static constexpr std::uint32_t unknown = holds - 1;

    void against(const point& cell, const point& beside);
    void against_itself(const point& cell, std::size_t nth, std::uint32_t flag);
    void take(const point& cell, const point& beside, std::uint32_t flags, std::uint32_t flag);
    // The first set of flags that can be and breaks it, else the first that breaks it, else holds.
    [[nodiscard]] std::uint32_t
    search(std::uint32_t list, std::uint32_t beside, std::uint32_t flag) const;
    [[nodiscard]] bool broken(const decision& got, const decision& beside) const;
    [[nodiscard]] const v1::Rule* rule_of(const decision& d) const {
        const auto at = rules_.find(d.rule);
        return at == rules_.end() ? nullptr : at->second;
    }
    [[nodiscard]] bool on_route(const decision& d) const;

    const v1::Invariant& i_;
    const space& decided_;
    const rules_by_number& rules_;
    std::uint32_t when_;
    std::uint32_t unless_;
    // The first flags that break, or `holds`: by flag held against and list, and by pair of lists.
    std::vector<std::uint32_t> alone_;
    std::unordered_map<std::uint64_t, std::uint32_t> pairs_;
    std::uint32_t found_ = holds;
    broken_at first_;
    std::optional<broken_at> elsewhere_;
};

bool judge::on_route(const decision& d) const {
    const auto* r = rule_of(d);
    if (!r) return false;
    for (const int route : r->routes()) {
        if (covers(i_.routes(), route)) return true;
    }
    return false;
}

bool judge::broken(const decision& got, const decision& beside) const {
    switch (i_.guarantee()) {
    case v1::Invariant::GUARANTEE_AT_MOST:
        return more_open(got.form, i_.form());
    case v1::Invariant::GUARANTEE_AT_LEAST:
        return more_open(i_.form(), got.form);
    case v1::Invariant::GUARANTEE_DECIDED:
        return got.tier == v1::TIER_DEFAULT;
    case v1::Invariant::GUARANTEE_ON_ROUTE:
        return is_open(got.form) && !on_route(got);
    case v1::Invariant::GUARANTEE_RISK_OPENS:
    case v1::Invariant::GUARANTEE_FLAG_OPENS:
        return more_open(beside.form, got.form);
    case v1::Invariant::GUARANTEE_FLAG_CLOSES:
        return more_open(got.form, beside.form);
    case v1::Invariant::GUARANTEE_ACCOMPANIED:
        return is_open(got.form) && more_open(i_.form(), beside.form);
    case v1::Invariant::GUARANTEE_CHALLENGEABLE: {
        const auto* r = rule_of(got);
        return got.form != v1::FORM_FULL && (!r || r->what_would_change_it().empty());
    }
    default:
        return true;
    }
}

// The point beside is the point without `flag`, which the point itself has.
std::uint32_t judge::search(std::uint32_t list, std::uint32_t beside, std::uint32_t flag) const {
    const auto named = decided_.flags_of(list) | decided_.flags_of(beside) | flag;
    std::uint32_t impossible = holds;
    std::uint32_t set = 0;
    do {
        const bool inside = (set & when_) == (when_ & named) && !(set & unless_);
        if (inside && (set & flag) == flag &&
            broken(decided_.at(list, set), decided_.at(beside, set & ~flag))) {
            if (can_hold_together(set | when_)) return set | when_;
            if (impossible == holds) impossible = set | when_;
        }
        set = next_set(set, named);
    } while (set != 0);
    return impossible;
}

void judge::against(const point& cell, const point& beside) {
    const auto list = decided_.list_of(cell);
    const auto other = decided_.list_of(beside);
    const auto [at, fresh] = pairs_.emplace(std::uint64_t(list) << 32 | other, holds);
    if (fresh) at->second = search(list, other, 0);
    take(cell, beside, at->second, 0);
}

// `flag`: the nth of the invariant's; 0 where it speaks of one point alone.
void judge::against_itself(const point& cell, std::size_t nth, std::uint32_t flag) {
    const auto list = decided_.list_of(cell);
    auto& flags = alone_[nth * decided_.lists() + list];
    if (flags == unknown) flags = search(list, list, flag);
    take(cell, cell, flags, flag);
}

void judge::take(const point& cell, const point& beside, std::uint32_t flags, std::uint32_t flag) {
    const bool can_be = can_hold_together(flags);
    if (flags == holds || (can_be ? flags >= found_ : elsewhere_.has_value())) return;
    broken_at now{cell, {}, beside, {}};
    now.at.flags = flags;
    now.beside.flags = flags & ~flag;
    now.got = decided_.at(now.at);
    now.got_beside = decided_.at(now.beside);
    if (!can_be) {
        elsewhere_ = now;
        return;
    }
    found_ = flags;
    first_ = now;
}

std::optional<broken_at> judge::look_at(const point& cell) {
    auto beside = cell;
    switch (i_.guarantee()) {
    case v1::Invariant::GUARANTEE_RISK_OPENS:
        // One step down is enough: whatever shows less than two steps down does so at one of them.
        if (cell.risk == v1::RISK_LEVEL_UNSPECIFIED) return std::nullopt;
        beside.risk = static_cast<v1::RiskLevel>(cell.risk - 1);
        // The same rows speak of both: nothing to hold against each other.
        if (decided_.list_of(cell) == decided_.list_of(beside)) return std::nullopt;
        if (within(i_, beside.risk)) against(cell, beside);
        break;
    case v1::Invariant::GUARANTEE_FLAG_OPENS:
    case v1::Invariant::GUARANTEE_FLAG_CLOSES:
        for (int n = 0; n < i_.flags_size(); ++n) {
            against_itself(cell, static_cast<std::size_t>(n), bit(i_.flags(n)));
        }
        break;
    case v1::Invariant::GUARANTEE_ACCOMPANIED:
        for (const int c : i_.with_categories()) {
            beside.category = static_cast<v1::Category>(c);
            if (i_.with_subjects().empty()) against(cell, beside);
            for (const int s : i_.with_subjects()) {
                beside.subject = static_cast<v1::Subject>(s);
                against(cell, beside);
            }
        }
        break;
    default:
        against_itself(cell, 0, 0);
    }
    if (found_ == holds) return std::nullopt;
    return first_;
}

template <class Values, class Enum>
std::vector<Enum> spoken_of(const Values& listed, const std::vector<Enum>& all) {
    std::vector<Enum> out;
    for (const auto v : all) {
        if (covers(listed, v)) out.push_back(v);
    }
    return out;
}

} // namespace

rules_by_number by_number(const v1::Policy& policy) {
    rules_by_number out;
    for (const auto& r : policy.rules()) out.emplace(r.number(), &r);
    return out;
}

std::optional<broken_at>
first_broken(const v1::Invariant& invariant, const space& decided, const rules_by_number& rules) {
    const auto& all = whole_space();
    const auto subjects = spoken_of(invariant.subjects(), all.subjects);
    const auto roles = spoken_of(invariant.roles(), all.roles);
    const auto purposes = spoken_of(invariant.purposes(), all.purposes);
    judge judging(invariant, decided, rules);
    for (const auto c : spoken_of(invariant.categories(), all.categories)) {
        for (const auto s : subjects) {
            for (const auto r : roles) {
                for (const auto u : purposes) {
                    for (const auto k : all.risks) {
                        if (!within(invariant, k)) continue;
                        if (auto at = judging.look_at({c, s, r, u, k, 0})) return at;
                    }
                }
            }
        }
    }
    return judging.elsewhere();
}

} // namespace cairn::policy
