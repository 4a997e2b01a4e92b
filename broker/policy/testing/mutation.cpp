#include "policy/testing/mutation.hpp"

#include "policy/check.hpp"
#include "policy/proof/prove.hpp"
#include "policy/testing/rows.hpp"

#include <algorithm>
#include <set>

namespace cairn::policy {

namespace {

class run {
public:
    run(const table& policy, const v1::PolicyCases& cases, std::chrono::sys_days today)
        : policy_(policy.source()), today_(today), rows_(policy_, today),
          proof_(prove(policy_, today)) {
        for (const auto& c : cases.cases()) cases_.push_back({point_of(c), &c});
        for (const auto& b : proof_.broken) broken_before_.insert(b.invariant);
    }

    void operator()(const mutant& m, mutation_outcome& out) {
        ++out.mutants;
        const auto before = row_of(policy_.rules(m.at), today_);
        const auto after = m.instead ? row_of(*m.instead, today_) : std::optional<row>();
        const auto changed = rows_.with(m.rule, after);
        if (refused(m)) {
            ++out.by_check;
        } else if (fails_a_case(changed, before, after)) {
            ++out.by_case;
        } else {
            unnoticed(m, changed, before, after, out);
        }
    }

private:
    struct asked {
        point at;
        const v1::PolicyCase* expected;
    };

    [[nodiscard]] bool refused(const mutant& m) const {
        const auto count = [](int n) { return static_cast<std::size_t>(n); };
        parsed text;
        text.policy = applied(policy_, m);
        text.rule_places.resize(count(text.policy.rules_size()));
        text.routing_places.resize(count(text.policy.routing_size()));
        text.invariant_places.resize(count(text.policy.invariants_size()));
        text.question_places.resize(count(text.policy.questions_size()));
        return !check(text);
    }

    // Only cases of which the rule speaks, or spoke, can have changed.
    [[nodiscard]] bool fails_a_case(
        const rows& changed, const std::optional<row>& before, const std::optional<row>& after
    ) const {
        return std::any_of(cases_.begin(), cases_.end(), [&](const asked& a) {
            const bool touched =
                (before && before->speaks_of(a.at)) || (after && after->speaks_of(a.at));
            return touched && !as_expected(*a.expected, changed.decide(a.at));
        });
    }

    void unnoticed(
        const mutant& m,
        const rows& changed,
        const std::optional<row>& before,
        const std::optional<row>& after,
        mutation_outcome& out
    ) {
        const auto where = first_difference(rows_, changed, before, after);
        const auto text = applied(policy_, m);
        // The digest is asked though nothing was found: it is the judge, over the whole space.
        if (!where && semantic_digest(text, today_) == proof_.semantic) {
            ++out.equivalent;
            return;
        }
        if (breaks_an_invariant(text)) {
            ++out.by_invariant;
            return;
        }
        const point at = where.value_or(point{});
        out.survivors.push_back({m, at, rows_.decide(at), changed.decide(at)});
    }

    [[nodiscard]] bool breaks_an_invariant(const v1::Policy& text) const {
        const auto now = prove(text, today_);
        return std::any_of(now.broken.begin(), now.broken.end(), [this](const auto& b) {
            return broken_before_.count(b.invariant) == 0;
        });
    }

    const v1::Policy& policy_;
    std::chrono::sys_days today_;
    rows rows_;
    proof proof_;
    std::set<std::string> broken_before_;
    std::vector<asked> cases_;
};

} // namespace

std::size_t mutation_outcome::kill_rate() const {
    const auto could_be_noticed = mutants - equivalent;
    return could_be_noticed == 0 ? 1000 : killed() * 1000 / could_be_noticed;
}

mutation_outcome
run_mutants(const table& policy, const v1::PolicyCases& cases, std::chrono::sys_days today) {
    mutation_outcome out;
    run each(policy, cases, today);
    for (const auto& m : mutants_of(policy.source())) each(m, out);
    return out;
}

} // namespace cairn::policy
