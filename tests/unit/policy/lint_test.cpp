// What lint tells of a text, and what changes between two.
#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/proof/diff.hpp"
#include "policy/proof/lint.hpp"
#include "policy/proof/prove.hpp"
#include "unit/policy/support.hpp"

#include <google/protobuf/text_format.h>

#include <algorithm>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const auto day = *parse_day(today);

parsed read(const v1::Policy& p) {
    auto out = parse(text_of(p));
    REQUIRE(out);
    REQUIRE(check(*out));
    return std::move(*out);
}

std::vector<finding> of_kind(const std::vector<finding>& all, const std::string& kind) {
    std::vector<finding> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const auto& f) {
        return f.kind == kind;
    });
    return out;
}

v1::Rule& copied(v1::Policy& p, std::uint32_t number, std::uint32_t as) {
    auto copy = *rule_of(p, number);
    copy.set_number(as);
    return *p.add_rules() = copy;
}

} // namespace

TEST_CASE("lint of the shipped text: nobody verified it, and no rule is without effect") {
    const auto found = lint(read(shipped().source()), day);
    const auto unverified = of_kind(found, "unverified");
    REQUIRE(unverified.size() == 1);
    CHECK(unverified[0].how == grade::warning);
    CHECK(unverified[0].rules.size() == static_cast<std::size_t>(shipped().source().rules_size()));
    for (const char* none : {"dead", "shadowed", "review", "promises", "route", "not_in_force"}) {
        for (const auto& f : of_kind(found, none)) FAIL_CHECK(f.text);
    }
    // The flag that no rule mentions.
    const auto flag = of_kind(found, "flag");
    REQUIRE(flag.size() == 1);
    CHECK(has(flag[0].text, "FLAG_SENDER_DESK"));
    CHECK(has(flag[0].text, "mentioned by no rule"));
    // Warnings stand first.
    CHECK(std::is_sorted(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return a.how > b.how;
    }));
}

TEST_CASE("a rule that never decides is told, with those that do, and its line") {
    auto p = shipped().source();
    // Stronger and other: rule 10 stands over it everywhere.
    auto& dead = copied(p, 403, 9403);
    dead.clear_when();
    dead.add_unless(v1::FLAG_RELEASED);
    // The same again, behind it.
    copied(p, 302, 9302);
    const auto found = lint(read(p), day);
    const auto gone = of_kind(found, "dead");
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].rules.front() == 9403);
    CHECK(std::count(gone[0].rules.begin(), gone[0].rules.end(), 10U) == 1);
    CHECK(gone[0].place.rfind("line ", 0) == 0);
    const auto again = of_kind(found, "shadowed");
    REQUIRE(again.size() == 1);
    CHECK(again[0].rules.front() == 9302);
    CHECK(has(again[0].text, "take it out"));
}

TEST_CASE("rules of one tier that would decide otherwise at one point are told, and floors") {
    const auto found = lint(read(shipped().source()), day);
    const auto pairs = [&](const char* kind, std::uint32_t first, std::uint32_t other) {
        for (const auto& f : of_kind(found, kind)) {
            if (f.rules.front() != first) continue;
            if (std::count(f.rules.begin(), f.rules.end(), other) > 0) return true;
        }
        return false;
    };
    // The lead practitioner's whole address and the others' outline.
    CHECK(pairs("overlap", 313, 314));
    CHECK_FALSE(pairs("overlap", 314, 313));
    // The floor in imminent danger stands over a declared detriment, the bar of the law over it.
    CHECK(pairs("stands_over", 100, 280));
    CHECK(pairs("barred", 3, 100));
    CHECK_FALSE(pairs("stands_over", 3, 100));
    CHECK_FALSE(pairs("stands_over", 110, 280));
}

TEST_CASE("a must and a bar that meet are told with both rules, their lines and what mends it") {
    auto p = shipped().source();
    const auto bars = [](const v1::Policy& text) {
        return of_kind(lint(read(text), day), "barred");
    };
    const auto before = bars(p);
    // Owed to the emergency department, and barred there where an Act forbids it.
    auto& bar = copied(p, 3, 9003);
    bar.set_title("Nothing of injuries by night");
    bar.clear_when();
    bar.add_when(v1::FLAG_SENDER_DESK);
    bar.add_categories(v1::CATEGORY_INJURY);
    bar.add_roles(v1::ROLE_ED);
    auto& must = copied(p, 100, 9100);
    must.set_title("Injuries to the emergency department");
    must.clear_unless();
    for (auto* list : {must.mutable_categories(), must.mutable_roles(), must.mutable_subjects()})
        list->Clear();
    must.add_categories(v1::CATEGORY_INJURY);
    must.add_roles(v1::ROLE_ED);
    const auto after = bars(p);
    CHECK(after.size() == before.size() + 1);
    const auto found = std::find_if(after.begin(), after.end(), [](const auto& f) {
        return f.rules.front() == 9003;
    });
    REQUIRE(found != after.end());
    CHECK(std::count(found->rules.begin(), found->rules.end(), 9100U) == 1);
    CHECK(found->how == grade::note);
    const auto text = read(p);
    const int last = p.rules_size() - 1;
    CHECK(found->place == text.place_of({"rules", last - 1}));
    CHECK(has(found->text, "rule 9003 \"Nothing of injuries by night\" bars what is owed by "));
    CHECK(
        has(found->text,
            "rule 9100 \"Injuries to the emergency department\" (" +
                text.place_of({"rules", last}) + ")")
    );
    CHECK(has(found->text, "narrow the bar"));
}

TEST_CASE("days of review that have passed are warnings, of a rule with its line") {
    auto p = shipped().source();
    rule_of(p, 310)->set_review_by("2026-11-21");
    rule_of(p, 311)->set_review_by("2026-11-22");
    p.set_review_by("2026-11-01");
    const auto found = overdue(read(p), day);
    REQUIRE(found.size() == 2);
    CHECK(has(found[0].text, "the whole text was to be read again by 2026-11-01"));
    CHECK(has(found[1].text, "rule 310 was to be read again by 2026-11-21"));
    CHECK(found[1].place.rfind("line ", 0) == 0);
    for (const auto& f : found) CHECK(f.how == grade::warning);
}

TEST_CASE("rules without a route, days to come and flags without effect are told") {
    auto p = shipped().source();
    rule_of(p, 310)->clear_routes();
    rule_of(p, 250)->add_routes(v1::LAWFUL_BASIS_6E);
    copied(p, 302, 9302).set_in_force("2026-11-23");
    // Mentioned, and nothing hangs on it: both halves say the same.
    copied(p, 482, 9482).add_when(v1::FLAG_SENDER_DESK);
    rule_of(p, 482)->add_unless(v1::FLAG_SENDER_DESK);
    p.clear_invariants();
    const auto found = lint(read(p), day);
    CHECK(of_kind(found, "route").size() == 2);
    CHECK(of_kind(found, "promises").size() == 1);
    REQUIRE(of_kind(found, "not_in_force").size() == 1);
    CHECK(of_kind(found, "not_in_force")[0].rules.front() == 9302);
    REQUIRE(of_kind(found, "flag").size() == 1);
    CHECK(has(of_kind(found, "flag")[0].text, "is mentioned and changes no decision"));
}

TEST_CASE("two texts that decide the same differ nowhere") {
    auto p = shipped().source();
    rule_of(p, 310)->set_number(9310);
    copied(p, 482, 9482).add_when(v1::FLAG_SENDER_DESK);
    rule_of(p, 482)->add_unless(v1::FLAG_SENDER_DESK);
    const auto d = compare(shipped().source(), p, day);
    CHECK(d.changed == 0);
    CHECK(d.changes.empty());
    CHECK(semantic_digest(p, day) == semantic_digest(shipped().source(), day));
}

TEST_CASE("what changes is counted point by point, what is lost first") {
    auto p = shipped().source();
    // Less: the front door's convictions that nobody marked. More: housing sees injuries.
    rule_of(p, 262)->add_roles(v1::ROLE_FRONT_DOOR);
    auto& more = copied(p, 362, 9362);
    more.clear_roles();
    more.add_roles(v1::ROLE_HOUSING);
    more.set_tier(v1::TIER_MUST);
    more.set_reason(v1::REASON_MUST_SHARE);
    rule_of(p, 451)->set_reason(v1::REASON_OWN_RECORD);
    const auto d = compare(shipped().source(), p, day);
    CHECK(d.points == 1'175'715'840);
    std::vector<direction> order;
    std::uint64_t sum = 0;
    for (const auto& [key, c] : d.changes) {
        order.push_back(std::get<0>(key));
        sum += c.points;
    }
    CHECK(sum == d.changed);
    CHECK(std::is_sorted(order.begin(), order.end()));
    REQUIRE(order.front() == direction::hidden);
    CHECK(order.back() == direction::restated);
    const auto& lost = d.changes.begin()->second;
    CHECK(lost.before.rule == 390);
    CHECK(lost.after.rule == 262);
    const auto said = say_change(shipped().source(), p, lost);
    CHECK(has(said, "children's social care front door"));
    CHECK(has(said, "would not see convictions and cautions of the child, by rule 262"));
    CHECK(has(said, "So far: in full, by rule 390"));
    // Counted by hand over the whole of one direction's cells.
    std::uint64_t hidden = 0;
    const space a(shipped().source(), day);
    const space b(p, day);
    for (const auto k : risks) {
        for (const auto s : subjects) {
            for (const auto u : purposes) {
                std::uint32_t set = 0;
                do {
                    const point at{v1::CATEGORY_CONVICTION, s, v1::ROLE_FRONT_DOOR, u, k, set};
                    hidden += shown(a.at(at).form) && !shown(b.at(at).form);
                    set = next_set(set, whole_space().flags);
                } while (set != 0);
            }
        }
    }
    CHECK(lost.points == hidden);
    // The other way round it is opened.
    const auto back = compare(p, shipped().source(), day);
    CHECK(back.changed == d.changed);
    const auto opened =
        back.changes.find({direction::opened, v1::CATEGORY_CONVICTION, v1::ROLE_FRONT_DOOR});
    REQUIRE(opened != back.changes.end());
    CHECK(opened->second.points == hidden);
}
