#include "policy/testing/mutation.hpp"

#include "core/assert.hpp"
#include "policy/check.hpp"
#include "policy/proof/breaks.hpp"
#include "policy/proof/prove.hpp"
#include "policy/testing/change.hpp"
#include "policy/testing/report.hpp"

#include <algorithm>
#include <set>

namespace cairn::policy {

namespace {

// The values a list speaks of inside a set of them; false: none.
template <class List>
bool narrow(List& list, std::uint32_t set, int last) {
    List out;
    for (int v = 1; v <= last; ++v) {
        if ((set >> v & 1) != 0 && covers(list, v)) out.Add(v);
    }
    list.Swap(&out);
    return !list.empty();
}

// A promise where something changed: what it says of other points it said before. Nothing: it
// speaks of none of them.
std::optional<v1::Invariant> narrowed(const v1::Invariant& i, const row& where) {
    auto out = i;
    if (!narrow(*out.mutable_roles(), where.roles, v1::Role_MAX)) return {};
    if (!narrow(*out.mutable_purposes(), where.purposes, v1::Purpose_MAX)) return {};
    // The cell that accompanies is of another category or subject.
    if (i.guarantee() == v1::Invariant::GUARANTEE_ACCOMPANIED) return out;
    if (!narrow(*out.mutable_categories(), where.categories, v1::Category_MAX)) return {};
    if (!narrow(*out.mutable_subjects(), where.subjects, v1::SUBJECT_CONCERN)) return {};
    return out;
}

class run {
public:
    run(const table& policy, const v1::PolicyCases& cases, bool grounds, std::chrono::sys_days today
    )
        : policy_(policy.source()), words_(policy_), today_(today), grounds_(grounds),
          rows_(policy_, today), decided_(policy_, today), semantic_(decided_.semantic()),
          deciding_(deciding_rules(decided_)), rules_(by_number(policy_)) {
        for (const auto& c : cases.cases()) {
            cases_.push_back({point_of(c), &c});
            *decided_by_[c.rule()].add_cases() = c;
        }
        for (auto& i : promises_of(policy_)) {
            if (!first_broken(i, decided_, rules_)) held_.push_back(std::move(i));
        }
        text_.policy = policy_;
    }

    void operator()(const mutant& m, mutation_outcome& out) {
        auto& kind = out.kinds[static_cast<std::size_t>(m.kind)];
        ++kind.mutants;
        const auto gone = row_of(policy_.rules(m.at), today_);
        const auto come = m.instead ? row_of(*m.instead, today_) : std::optional<row>();
        const auto after = rows_.with(m.rule, come);
        if (refused(m)) {
            ++kind.by_check;
        } else if (fails_a_case(after, gone, come)) {
            ++kind.by_case;
        } else if (grounds_ && loses_grounds(m)) {
            ++kind.by_grounds;
        } else {
            unnoticed(m, change_of(decided_, after, gone, come), kind, out);
        }
    }

private:
    struct asked {
        point at;
        const v1::PolicyCase* expected;
    };

    bool refused(const mutant& m) {
        if (!m.instead) {
            auto less = text_;
            less.policy.mutable_rules()->DeleteSubrange(m.at, 1);
            return !check(less);
        }
        auto& rule = *text_.policy.mutable_rules(m.at);
        rule = *m.instead;
        const bool bad = !check(text_);
        rule = policy_.rules(m.at);
        return bad;
    }

    // Only cases of which the rule speaks, or spoke, can have changed.
    [[nodiscard]] bool fails_a_case(
        const rows& changed, const std::optional<row>& gone, const std::optional<row>& come
    ) const {
        return std::any_of(cases_.begin(), cases_.end(), [&](const asked& a) {
            const bool touched = (gone && gone->speaks_of(a.at)) || (come && come->speaks_of(a.at));
            return touched && !as_expected(*a.expected, changed.decide(a.at));
        });
    }

    [[nodiscard]] rules_by_number rules_with(const mutant& m) const {
        auto out = rules_;
        out.erase(m.rule);
        if (m.instead) out.emplace(m.rule, &*m.instead);
        return out;
    }

    // Of the cases which the rule decides: those of other rules stand on what they stood on.
    [[nodiscard]] bool loses_grounds(const mutant& m) const {
        const auto mine = decided_by_.find(m.rule);
        if (m.kind != wrong::route || mine == decided_by_.end()) return false;
        return grounds_of(words_, mine->second, rules_) !=
               grounds_of(words_, mine->second, rules_with(m));
    }

    void unnoticed(
        const mutant& m, const changed_space& changed, tally& kind, mutation_outcome& out
    ) const {
        const auto stands = m.kind == wrong::route ? where_decides(m.rule) : std::optional<point>();
        const auto where = stands ? region_of(policy_.rules(m.at)) : changed.where;
        if (breaks_a_promise(m, changed.decided, where)) {
            ++kind.by_invariant;
            return;
        }
        const auto at = stands ? stands : changed.first;
        if (at) {
            out.survivors.push_back({m, *at, decided_.at(*at), changed.decided.at(*at)});
            return;
        }
        // The judge is the digest over the whole space, not what was walked anew.
        CAIRN_ASSERT(changed.decided.semantic() == semantic_, "the same at every point");
        ++kind.equivalent;
    }

    [[nodiscard]] row region_of(const v1::Rule& r) const { return *row_of(r, today_); }

    [[nodiscard]] bool
    breaks_a_promise(const mutant& m, const space& decided, const row& where) const {
        const auto rules = rules_with(m);
        return std::any_of(held_.begin(), held_.end(), [&](const v1::Invariant& i) {
            const auto here = narrowed(i, where);
            return here && first_broken(*here, decided, rules);
        });
    }

    [[nodiscard]] std::optional<point> where_decides(std::uint32_t rule) const {
        const auto at = deciding_.find(rule);
        return at == deciding_.end() ? std::optional<point>() : at->second;
    }

    const v1::Policy& policy_;
    wording words_;
    std::chrono::sys_days today_;
    bool grounds_;
    rows rows_;
    space decided_;
    digest semantic_;
    std::map<std::uint32_t, point> deciding_;
    rules_by_number rules_;
    std::vector<v1::Invariant> held_;
    std::vector<asked> cases_;
    std::map<std::uint32_t, v1::PolicyCases> decided_by_;
    // The text a wrong is tried in, and taken out of again.
    parsed text_;
};

void add(tally& sum, const tally& t) {
    sum.mutants += t.mutants;
    sum.by_check += t.by_check;
    sum.by_case += t.by_case;
    sum.by_grounds += t.by_grounds;
    sum.by_invariant += t.by_invariant;
    sum.equivalent += t.equivalent;
}

} // namespace

std::size_t tally::kill_rate() const {
    const auto could_be_noticed = mutants - equivalent;
    return could_be_noticed == 0 ? 1000 : killed() * 1000 / could_be_noticed;
}

mutation_outcome run_mutants(
    const table& policy, const v1::PolicyCases& cases, bool grounds, std::chrono::sys_days today
) {
    mutation_outcome out;
    run each(policy, cases, grounds, today);
    for (const auto& m : mutants_of(policy.source())) each(m, out);
    for (const auto& kind : out.kinds) add(out.all, kind);
    return out;
}

} // namespace cairn::policy
