// Small wrongs done to a policy text, and who notices them.
#include "policy/index.hpp"
#include "policy/proof/prove.hpp"
#include "policy/testing/change.hpp"
#include "policy/testing/report.hpp"
#include "unit/policy/random_policy.hpp"
#include "unit/policy/trial.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

std::size_t at(wrong kind) {
    return static_cast<std::size_t>(kind);
}

changed_space change_of(const v1::Policy& text, const mutant& m) {
    const rows all(text, day);
    const auto gone = row_of(text.rules(m.at), day);
    const auto come = m.instead ? row_of(*m.instead, day) : std::optional<row>();
    return policy::change_of(space(text, day), all.with(m.rule, come), gone, come);
}

// Where the change says so and nowhere else something is decided otherwise.
void check_change(const v1::Policy& text, const mutant& m, dice& d) {
    INFO(m.rule << " " << m.what);
    const auto changed = change_of(text, m);
    const auto whole = applied(text, m);
    const space before(text, day);
    const space after(whole, day);
    CHECK(changed.decided.semantic() == after.semantic());
    CHECK(changed.first.has_value() == !(before.semantic() == after.semantic()));
    if (changed.first) {
        CHECK(changed.decided.at(*changed.first) == after.at(*changed.first));
        CHECK_FALSE(before.at(*changed.first) == after.at(*changed.first));
    }
    const auto inside = [&](const point& p) {
        row every = changed.where;
        return every.speaks_of(p);
    };
    for (int i = 0; i < 20'000; ++i) {
        const point p{
            d.one_of(categories),
            d.one_of(subjects),
            d.one_of(roles),
            d.one_of(purposes),
            d.one_of(risks),
            d.bits() & whole_space().flags};
        if (!(changed.decided.at(p) == after.at(p))) FAIL(words(p));
        if (!inside(p) && !(before.at(p) == after.at(p))) FAIL(words(p));
    }
}

} // namespace

TEST_CASE("rows decide as the table does, with a rule changed, too") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    dice d(seed);
    for (int round = 0; round < 4; ++round) {
        const auto source = any_policy(d, 40);
        const rows all(source, day);
        const policy::index fast(source, day);
        const auto mutants = mutants_of(source);
        const auto& m =
            mutants[static_cast<std::size_t>(d.roll(0, static_cast<int>(mutants.size()) - 1))];
        const auto after = m.instead ? row_of(*m.instead, day) : std::optional<row>();
        const auto changed_rows = all.with(m.rule, after);
        const policy::index changed_fast(applied(source, m), day);
        for (int i = 0; i < 50'000; ++i) {
            const auto p = any_point(d);
            const bool closed = p.category == 0 || p.subject == 0 || p.role == 0 ||
                                p.purpose == 0 || p.category > v1::Category_MAX ||
                                p.subject > v1::SUBJECT_CONCERN || p.role > v1::Role_MAX ||
                                p.purpose > v1::Purpose_MAX || p.risk > v1::RiskLevel_MAX;
            if (closed) continue;
            if (!(all.decide(p) == fast.decide(p))) FAIL(words(p));
            if (!(changed_rows.decide(p) == changed_fast.decide(p))) FAIL(m.what << words(p));
        }
    }
}

TEST_CASE("one rule changed decides as the changed text does, at every point", "[slow]") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    dice d(seed);
    for (int round = 0; round < 4; ++round) {
        const auto text = any_policy(d, 40);
        const auto all = mutants_of(text);
        for (int n = 0; n < 5; ++n) check_change(text, d.one_of(all), d);
    }
    const auto all = mutants_of(shipped().source());
    for (int n = 0; n < 10; ++n) check_change(shipped().source(), d.one_of(all), d);
}

TEST_CASE("a rule changed where it never decided is known to change nothing, else where it does") {
    // 110 said twice: the second decides nowhere.
    auto p = text_with({1, 2, 3, 110})->source();
    *p.add_rules() = p.rules(3);
    p.mutable_rules(4)->set_number(111);
    const mutant gone{wrong::whole, 111, 4, "taken out", std::nullopt};
    CHECK_FALSE(change_of(p, gone).first);
    auto shorter = p.rules(4);
    shorter.set_form(v1::FORM_GENERALISED);
    const mutant less{wrong::effect, 111, 4, "shows less", shorter};
    CHECK_FALSE(change_of(p, less).first);
    // And the first of the two left out, the second shows less.
    const auto narrower = applied(p, less);
    const auto found = change_of(narrower, {wrong::whole, 110, 3, "taken out", std::nullopt});
    REQUIRE(found.first);
    CHECK(space(narrower, day).at(*found.first).form == v1::FORM_FULL);
    CHECK(found.decided.at(*found.first).form == v1::FORM_GENERALISED);
}

TEST_CASE("the point named is one that can be, where there is one") {
    auto p = text_with({1, 2, 3, 110})->source();
    auto& r = *rule_of(p, 110);
    r.add_when(v1::FLAG_ANONYMOUS_REFERRER);
    auto without = r;
    without.add_when(v1::FLAG_PROFESSIONAL_REFERRER);
    // Both flags at once are no concern's; with the first alone the mutant differs, too.
    const auto found = change_of(p, {wrong::flag, 110, 3, "narrower", without});
    REQUIRE(found.first);
    CHECK((found.first->flags & bit(v1::FLAG_PROFESSIONAL_REFERRER)) == 0);
    // Where they alone tell the two texts apart, they are named: no difference is kept quiet.
    const auto both = r;
    r.add_unless(v1::FLAG_PROFESSIONAL_REFERRER);
    const auto last = change_of(p, {wrong::flag, 110, 3, "without unless", both});
    REQUIRE(last.first);
    CHECK((last.first->flags & bit(v1::FLAG_PROFESSIONAL_REFERRER)) != 0);
}

TEST_CASE("each rule is turned, taken out, and loses each condition and each value once") {
    v1::Policy p;
    auto& r = *p.add_rules();
    r = *shipped().rule(110);
    r.add_unless(v1::FLAG_SENDER_DESK);
    r.set_min_risk(v1::RISK_LEVEL_NEED);
    r.clear_subjects();
    r.add_subjects(v1::SUBJECT_SIBLING);
    r.add_subjects(v1::SUBJECT_CARER);
    r.clear_roles();
    r.add_roles(v1::ROLE_MASH);
    r.add_roles(v1::ROLE_FRONT_DOOR);
    r.add_categories(v1::CATEGORY_ALLEGATION);
    const auto all = mutants_of(p);
    std::vector<std::string> what;
    for (const auto& m : all) {
        what.push_back(m.what);
        CHECK(m.rule == 110);
        CHECK(applied(p, m).rules_size() == (m.instead ? 1 : 0));
    }
    CHECK(
        what ==
        std::vector<std::string>{
            "hides what it showed",
            "taken out",
            "of any category",
            "without conviction in categories",
            "without allegation in categories",
            "about anybody",
            "without sibling in subjects",
            "without carer in subjects",
            "for any role",
            "without mash in roles",
            "without front_door in roles",
            "for any purpose",
            "without s47 in purposes",
            "without cin17 in purposes",
            "without missing in purposes",
            "without 6e in routes",
            "without 10 in routes",
            "without s1p18 in routes",
            "at any risk",
            "from universal on",
            "from significant_harm on",
            "without 'when relevant conviction'",
            "without 'unless detriment'",
            "without 'unless sender desk'"}
    );
    CHECK(all[0].instead->tier() == v1::TIER_BAR);
    CHECK(all[0].instead->form() == v1::FORM_MASKED);
    CHECK(all[23].instead->unless_size() == 1);
    CHECK(all[23].instead->unless(0) == v1::FLAG_DETRIMENT);
    CHECK(all[10].kind == wrong::role);
    CHECK(all[10].instead->roles_size() == 1);
    CHECK(all[10].instead->roles(0) == v1::ROLE_MASH);
}

TEST_CASE("a list of one value loses it as a whole, and the lowest risk has no step below") {
    v1::Policy p;
    auto& r = *p.add_rules();
    r.add_roles(v1::ROLE_MASH);
    r.add_routes(v1::LAWFUL_BASIS_6C);
    r.set_min_risk(v1::RISK_LEVEL_UNIVERSAL);
    std::vector<std::string> what;
    for (const auto& m : mutants_of(p)) what.push_back(m.what);
    CHECK(
        what ==
        std::vector<std::string>{
            "shows what it hid",
            "taken out",
            "for any role",
            "without 6c in routes",
            "at any risk",
            "from need on"}
    );
    r.set_min_risk(v1::RISK_LEVEL_IMMINENT_DANGER);
    CHECK(mutants_of(p).back().what == "from significant_harm on");
}

TEST_CASE("without cases the wrongs done to a text survive, each with a point that would tell") {
    const auto small = text_with({1, 2, 3, 280, 310});
    const auto out = run_mutants(*small, {}, false, day);
    CHECK(out.all.by_case == 0);
    CHECK(out.all.by_check > 0);
    CHECK(out.all.mutants == out.all.killed() + out.all.equivalent + out.survivors.size());
    REQUIRE(out.survivors.size() > 5);
    for (const auto& s : out.survivors) {
        INFO(say_survivor(wording(small->source()), s));
        CHECK(small->decide(s.where) == s.before);
        // A lost route alone changes no decision.
        CHECK((s.before == s.after) == (s.changed.kind == wrong::route));
    }
    // One case where rule 310 decides finds it turned or taken out, and no condition dropped.
    const auto read = parse_cases(changed(
        changed(
            changed(good_case, "CATEGORY_PROTECTED_ADDRESS", "CATEGORY_IDENTITY"),
            "SUBJECT_CARER",
            "SUBJECT_CHILD"
        ),
        "rule: 332",
        "rule: 310"
    ));
    REQUIRE(read);
    const auto better = run_mutants(*small, read->cases, false, day);
    CHECK(better.all.by_case >= 2);
    CHECK(better.survivors.size() < out.survivors.size());
    CHECK(better.all.kill_rate() > out.all.kill_rate());
}

TEST_CASE("an invariant notices what no case does, and one that was broken before does not") {
    auto p = text_with({1, 2, 3, 121, 280, 361})->source();
    for (const auto& i : shipped().source().invariants()) {
        if (i.name() == "U6") *p.add_invariants() = i;
    }
    REQUIRE(p.invariants_size() == 1);
    const auto kept = compiled(p);
    REQUIRE(prove(kept->source(), day).broken.empty());
    const auto out = run_mutants(*kept, {}, false, day);
    CHECK(out.all.by_invariant > 0);
    CHECK(out.all.mutants == out.all.killed() + out.all.equivalent + out.survivors.size());
    for (const auto& s : out.survivors) {
        INFO(s.changed.rule << " " << s.changed.what);
        CHECK_FALSE((s.changed.rule == 121 && s.changed.what == "taken out"));
    }
    // Without rule 121 the promise is broken from the start: nothing can break it again. What is
    // left is the statutory bar taken out, or silent at an unstated risk, against what the broker
    // promises of every text.
    p.mutable_rules()->DeleteSubrange(3, 1);
    CHECK(run_mutants(*compiled(p), {}, false, day).all.by_invariant == 2);
}

TEST_CASE("a lost provision is noticed by what the cases stand on, by a promise, or not") {
    auto p = text_with({1, 2, 3, 121, 280, 361})->source();
    for (const auto& i : shipped().source().invariants()) {
        if (i.name() == "B1") *p.add_invariants() = i;
    }
    const auto text = compiled(p);
    const auto alone = run_mutants(*text, {}, false, day);
    // What shows has to name a basis of Art 6: without its only one the promise is broken.
    const auto& routes = alone.kinds[at(wrong::route)];
    CHECK(routes.by_invariant > 0);
    CHECK(routes.equivalent == 0);
    CHECK(routes.unnoticed() > 0);
    for (const auto& s : alone.survivors) {
        if (s.changed.kind != wrong::route) continue;
        CHECK(text->decide(s.where).rule == s.changed.rule);
        const auto said = say_survivor(wording(p), s);
        INFO(said);
        CHECK(has(said, "would stand on one provision less"));
    }
    // With cases of both rules on file each provision is missed.
    v1::PolicyCases cases;
    for (const auto& c : template_cases().cases()) {
        const auto got = text->decide(point_of(c));
        if (got.rule != 121 && got.rule != 361) continue;
        auto& kept = *cases.add_cases();
        kept = c;
        kept.set_rule(got.rule);
        kept.set_form(got.form);
        kept.set_reason(got.reason);
    }
    REQUIRE(cases.cases_size() > 1);
    const auto filed = run_mutants(*text, cases, true, day);
    CHECK(filed.kinds[at(wrong::route)].unnoticed() == 0);
    CHECK(filed.kinds[at(wrong::route)].by_grounds > 0);
    CHECK(run_mutants(*text, cases, false, day).kinds[at(wrong::route)].by_grounds == 0);
}

TEST_CASE(
    "whatever small wrong is done to the template, it is noticed or changes nothing", "[slow]"
) {
    const auto out = run_mutants(shipped(), template_cases(), true, day);
    for (std::size_t k = 0; k < wrongs; ++k) {
        const auto& t = out.kinds[k];
        std::printf(
            "%-22s%5zu: %3zu refused, %4zu fail a case, %3zu lose a ground, %3zu break a promise, "
            "%3zu equivalent, %3zu survive: %zu.%zu %%\n",
            to_string(static_cast<wrong>(k)),
            t.mutants,
            t.by_check,
            t.by_case,
            t.by_grounds,
            t.by_invariant,
            t.equivalent,
            t.unnoticed(),
            t.kill_rate() / 10,
            t.kill_rate() % 10
        );
        // Of each kind there are some, or its counting is not tried here.
        CHECK(t.mutants > 0);
    }
    const wording words(shipped().source());
    for (const auto& s : out.survivors) UNSCOPED_INFO(say_survivor(words, s));
    CHECK(out.survivors.empty());
    CHECK(out.all.mutants > 3000);
    CHECK(out.all.unnoticed() == out.survivors.size());
    // A change that would make most wrongs "change nothing" would leave nothing to notice.
    CHECK(out.all.equivalent * 20 < out.all.mutants);
}
