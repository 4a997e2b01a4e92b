// Stored decisions made again under another text: which flip, which are owed, which cannot be told.
#include "policy/trial/tally.hpp"
#include "unit/policy/support.hpp"

#include <catch2/catch.hpp>

namespace cairn::policy {
namespace {

using testing::compiled;
using testing::rule_of;
using testing::shipped;

const std::string front_door = "northshire-council/front_door";
const std::string school = "oakfield/dsl";
const std::string one(32, '1');

// A man's conviction, the child's health and the story, for the front door.
past_concern concern(std::string_view id = one) {
    past_concern c;
    c.id = id;
    c.purpose = v1::PURPOSE_S47;
    c.risk = v1::RISK_LEVEL_SIGNIFICANT_HARM;
    c.cells = {
        {cell(0, v1::CATEGORY_HEADER), v1::SUBJECT_CONCERN, 0},
        {cell(0, v1::CATEGORY_NARRATIVE), v1::SUBJECT_CONCERN, 0},
        {cell(1, v1::CATEGORY_IDENTITY), v1::SUBJECT_CHILD, 0},
        {cell(2, v1::CATEGORY_CONVICTION),
         v1::SUBJECT_ALLEGED_PERPETRATOR,
         bit(v1::FLAG_RELEVANT_CONVICTION)},
    };
    c.desks = {{front_door, v1::ROLE_FRONT_DOOR, 0, {}}};
    return c;
}

tally flips_of(const past_concern& c, const table& then, const table& candidate) {
    tally out;
    const auto decided = replay(c, then, candidate, [&out](const flip& f) { out.count(f); });
    if (!decided) {
        ++out.left_out;
        return out;
    }
    ++out.concerns;
    out.decisions += *decided;
    return out;
}

// The shipped text with one rule's form for another.
std::shared_ptr<const table> with(std::uint32_t number, v1::Form form, v1::Tier tier) {
    v1::Policy p = shipped().source();
    auto* r = rule_of(p, number);
    r->set_form(form);
    r->set_tier(tier);
    r->set_reason(
        tier == v1::TIER_DENY ? v1::REASON_NOT_NEEDED_FOR_PURPOSE : v1::REASON_NEEDED_FOR_ROLE
    );
    return compiled(p);
}

const v1::PolicyFlip* row(const v1::SimulatePolicyResponse& told, v1::Category category) {
    for (const auto& f : told.flips()) {
        if (f.category() == category) return &f;
    }
    return nullptr;
}

std::uint32_t rule_at(const past_concern& c, std::size_t i, const table& rules) {
    const auto in = inputs_of(c, c.desks.front(), rules, rules);
    REQUIRE(in);
    return decide_cells(rules, c.cells, *in).of[i].rule;
}

// Two children of whom one goes to the school that was told; `rules` as decided under `then`.
past_concern siblings(const table& then, bool first, bool second, v1::Category told_by) {
    past_concern c;
    c.id = one;
    c.purpose = v1::PURPOSE_S47;
    c.risk = v1::RISK_LEVEL_SIGNIFICANT_HARM;
    for (const std::uint32_t person : {1U, 2U}) {
        c.cells.push_back({cell(person, told_by), v1::SUBJECT_CHILD, 0});
        c.cells.push_back({cell(person, v1::CATEGORY_EDUCATION), v1::SUBJECT_CHILD, 0});
    }
    c.desks = {{school, v1::ROLE_DSL, bit(v1::FLAG_OWN_PUPIL), {}}};
    desk_inputs in{v1::ROLE_DSL, c.purpose, c.risk, 0, {false, first, second}};
    const auto decided = decide_cells(then, c.cells, in);
    for (std::size_t i = 0; i < c.cells.size(); ++i)
        c.desks.front().rules.emplace_back(c.cells[i].id, decided.of[i].rule);
    return c;
}

} // namespace

TEST_CASE("the same text replays to nothing, also where the story is seen with all the rest") {
    const auto t = flips_of(concern(), shipped(), *compiled(shipped().source()));
    CHECK(t.flips.empty());
    CHECK(t.concerns == 1);
    CHECK(t.decisions == 4);
}

TEST_CASE("what a must rule shows and the candidate does not is owed, and comes first") {
    const past_concern c = concern();
    const std::uint32_t musts = rule_at(c, 3, shipped());
    REQUIRE(shipped().rule(musts)->tier() == v1::TIER_MUST);
    const auto candidate = with(musts, v1::FORM_MASKED, v1::TIER_DENY);
    const auto told = parts_of(flips_of(c, shipped(), *candidate), 100).front();
    REQUIRE(told.flips_size() >= 1);
    const auto& first = told.flips(0);
    CHECK(first.owed());
    CHECK(first.direction() == v1::PolicyFlip::DIRECTION_CLOSES);
    CHECK(first.category() == v1::CATEGORY_CONVICTION);
    CHECK(first.subject() == v1::SUBJECT_ALLEGED_PERPETRATOR);
    CHECK(first.desk() == front_door);
    CHECK(first.before() == v1::FORM_FULL);
    CHECK(first.after() == v1::FORM_MASKED);
    CHECK(first.rule_before() == musts);
    CHECK(first.decisions() == 1);
    REQUIRE(first.concern_ids_size() == 1);
    CHECK(first.concern_ids(0) == one);
}

TEST_CASE("a text that is seen with all the rest goes with what is hidden") {
    const past_concern c = concern();
    const auto candidate = with(rule_at(c, 3, shipped()), v1::FORM_MASKED, v1::TIER_DENY);
    const auto told = parts_of(flips_of(c, shipped(), *candidate), 100).front();
    const auto* story = row(told, v1::CATEGORY_NARRATIVE);
    REQUIRE(story != nullptr);
    CHECK(story->direction() == v1::PolicyFlip::DIRECTION_CLOSES);
    // And is seen again with it.
    const auto back = parts_of(flips_of(c, *candidate, shipped()), 100).front();
    story = row(back, v1::CATEGORY_NARRATIVE);
    REQUIRE(story != nullptr);
    CHECK(story->direction() == v1::PolicyFlip::DIRECTION_OPENS);
}

TEST_CASE("what the candidate shows and the text then did not opens, and is owed nobody") {
    const past_concern c = concern();
    const auto then = with(rule_at(c, 3, shipped()), v1::FORM_MASKED, v1::TIER_DENY);
    const auto t = flips_of(c, *then, shipped());
    REQUIRE(!t.flips.empty());
    for (const auto& [key, count] : t.flips) CHECK(key.kind == flip_kind::opens);
}

TEST_CASE("what an allow rule shows and the candidate does not is less, but not owed") {
    v1::Policy p = shipped().source();
    const std::uint32_t number = rule_at(concern(), 3, shipped());
    rule_of(p, number)->set_tier(v1::TIER_ALLOW);
    const auto then = compiled(p);
    const auto t = flips_of(concern(), *then, *with(number, v1::FORM_MASKED, v1::TIER_DENY));
    REQUIRE(!t.flips.empty());
    CHECK(t.flips.begin()->first.kind == flip_kind::closes);
}

TEST_CASE("flips of many concerns are one row, with the first three of them") {
    const auto candidate = with(rule_at(concern(), 3, shipped()), v1::FORM_MASKED, v1::TIER_DENY);
    tally whole;
    std::vector<std::string> ids;
    for (const char n : {'a', 'b', 'c', 'd'}) {
        ids.emplace_back(32, n);
        // As parts of one answer come.
        for (const auto& part : parts_of(flips_of(concern(ids.back()), shipped(), *candidate), 1))
            whole.add(part);
    }
    CHECK(whole.concerns == 4);
    CHECK(whole.decisions == 16);
    const auto& [key, count] = *whole.flips.begin();
    CHECK(key.category == v1::CATEGORY_CONVICTION);
    CHECK(count.decisions == 4);
    ids.pop_back();
    CHECK(count.concern_ids == ids);
}

TEST_CASE("an answer is cut into messages of so many rows, with its numbers in the first alone") {
    tally t;
    t.concerns = 7;
    t.decisions = 70;
    t.left_out = 2;
    for (std::uint32_t n = 0; n < 5; ++n) {
        flip_key k;
        k.rule_before = n;
        t.flips[k].decisions = 1;
    }
    const auto parts = parts_of(t, 2);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].concerns() == 7);
    CHECK(parts[1].concerns() + parts[1].decisions() + parts[2].left_out() == 0);
    tally again;
    for (const auto& part : parts) again.add(part);
    CHECK(again.flips.size() == 5);
    CHECK(again.left_out == 2);
    CHECK(parts_of({}, 2).size() == 1);
}

TEST_CASE("whose own pupil it was is told by the rules that decided") {
    for (const bool first : {true, false}) {
        const auto c = siblings(shipped(), first, !first, v1::CATEGORY_CONTACT);
        const auto in = inputs_of(c, c.desks.front(), shipped(), shipped());
        REQUIRE(in);
        CHECK(in->own_pupils == std::vector<bool>{false, first, !first});
        CHECK(flips_of(c, shipped(), shipped()).flips.empty());
    }
    const auto both = siblings(shipped(), true, true, v1::CATEGORY_CONTACT);
    const auto in = inputs_of(both, both.desks.front(), shipped(), shipped());
    REQUIRE(in);
    CHECK(in->own_pupils == std::vector<bool>{false, true, true});
}

TEST_CASE("where no rule tells whose own pupil it was and the candidate asks, it is left out") {
    const auto c = siblings(shipped(), true, false, v1::CATEGORY_HEALTH);
    // Nothing in force asks: any answer will do.
    CHECK(flips_of(c, shipped(), shipped()).left_out == 0);
    v1::Policy p = shipped().source();
    auto& r = *p.add_rules() = *rule_of(p, 321);
    r.set_number(9321);
    r.clear_categories();
    r.add_categories(v1::CATEGORY_HEALTH);
    CHECK(flips_of(c, shipped(), *compiled(p)).left_out == 1);
    // Of one child there is no question.
    past_concern alone = c;
    alone.cells.resize(2);
    CHECK(flips_of(alone, shipped(), *compiled(p)).left_out == 0);
}

TEST_CASE("what is sealed stays sealed whatever a table says, and a cell of others is no pupil's") {
    const desk_inputs in{v1::ROLE_DSL, v1::PURPOSE_S47, v1::RISK_LEVEL_NEED, 0, {false, true}};
    const cell_input own{cell(1, v1::CATEGORY_CONTACT), v1::SUBJECT_CHILD, 0};
    const cell_input of_carer{
        cell(1, v1::CATEGORY_CONTACT, v1::SUBJECT_CARER), v1::SUBJECT_CARER, 0};
    CHECK(point_of(own, in).flags == bit(v1::FLAG_OWN_PUPIL));
    CHECK(point_of(of_carer, in).flags == 0);
    const cell_input far{cell(900, v1::CATEGORY_CONTACT), v1::SUBJECT_CHILD, 0};
    CHECK(point_of(far, in).flags == 0);
    const std::vector<cell_input> sealed = {{cell(0, v1::CATEGORY_SEALED), v1::SUBJECT_CONCERN, 0}};
    CHECK(decide_cells(shipped(), sealed, in).of.front() == decision{});
}

} // namespace cairn::policy
