// What the record keeps of a decision is what became of it.
#include "redaction/notice.hpp"

#include "support/people.hpp"
#include "unit/redaction/fake_table.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::redaction;
using test::fake_table;
using test::notice_for_dsl;

namespace {

template <class Groups>
const v1::DecisionGroup* group(const Groups& groups, cell_id id) {
    for (const v1::DecisionGroup& g : groups) {
        if (std::count(g.cells().begin(), g.cells().end(), id) != 0) return &g;
    }
    return nullptr;
}

// How the sender reads the cell.
v1::ExplainedCell
told(const redacted& r, const policy::table& rules, const v1::Concern& c, cell_id id) {
    google::protobuf::RepeatedPtrField<v1::DecisionGroup> one;
    const v1::DecisionGroup* g = group(r.decisions, id);
    REQUIRE(g != nullptr);
    *one.Add() = *g;
    one.Mutable(0)->clear_cells();
    one.Mutable(0)->add_cells(id);
    return explain(rules, "oakfield/dsl", 0, one, &c).cells(0);
}

fake_table full_but(v1::Category hidden, v1::Form form) {
    fake_table out{[hidden, form](const policy::point& p) {
        if (p.category != hidden) return fake_table::full();
        return form == v1::FORM_MASKED ? fake_table::masked() : fake_table::of(form);
    }};
    out.rule_.set_form(v1::FORM_FULL);
    out.rule_.set_reason(v1::REASON_NEEDED_FOR_ROLE);
    out.rule_.set_sentence("This desk sees it.");
    return out;
}

} // namespace

TEST_CASE("the sender is told that a child's own words and a summary were not shown") {
    v1::Concern c = test::school_concern();
    c.mutable_persons(0)->mutable_voice()->clear_summary();
    c.mutable_persons(0)->mutable_voice()->clear_seen();
    c.mutable_notification()->set_summary("taken to " + std::string{test::protected_line});
    const fake_table rules = full_but(v1::CATEGORY_PROTECTED_ADDRESS, v1::FORM_MASKED);
    const redacted r = notice_for_dsl(c, rules);
    REQUIRE(r.notice.content().persons(0).voice().own_words().empty());
    REQUIRE(r.notice.content().notification().summary().empty());

    const cell_id voice = cell(1, v1::CATEGORY_CHILD_VOICE);
    const v1::DecisionGroup* held = group(r.decisions, voice);
    REQUIRE(held != nullptr);
    CHECK(held->form() == v1::FORM_MASKED);
    CHECK(held->reason() == v1::REASON_NARRATIVE_HELD);
    CHECK(held->rule() == 10); // a decision always names its rule
    CHECK(told(r, rules, c, voice).form() == "word:FORM_MASKED");
    CHECK(told(r, rules, c, voice).sentence() == "Reason 28 ask the sender");

    // The rest of what happened is shown.
    const cell_id facts = cell(0, v1::CATEGORY_FACTS);
    const v1::DecisionGroup* part = group(r.decisions, facts);
    REQUIRE(part != nullptr);
    CHECK(part->form() == v1::FORM_GENERALISED);
    CHECK(part->reason() == v1::REASON_ADDRESS_CAN_HARM);
    CHECK(told(r, rules, c, facts).sentence() == "Part 20 ask the sender");
    // The desk reads the same of its own notice.
    REQUIRE(group(r.notice.decisions(), facts) != nullptr);
    CHECK(group(r.notice.decisions(), facts)->reason() == v1::REASON_ADDRESS_CAN_HARM);
    // What was shown as the rule says reads as the rule says.
    const cell_id risk = cell(0, v1::CATEGORY_RISK);
    CHECK(told(r, rules, c, risk).sentence() == "This desk sees it.");
}

TEST_CASE("a coarser form that leaves nothing is no shorter form") {
    v1::Concern c;
    c.add_persons()->set_ref("child-1");
    c.mutable_persons(0)->set_role(v1::SUBJECT_CHILD);
    c.mutable_persons(0)->mutable_health()->add_injuries()->set_description("a bruise");
    const redacted r = notice_for_dsl(c, full_but(v1::CATEGORY_INJURY, v1::FORM_GENERALISED));
    const v1::DecisionGroup* g = group(r.decisions, cell(1, v1::CATEGORY_INJURY));
    REQUIRE(g != nullptr);
    CHECK(g->form() == v1::FORM_MASKED);
    CHECK(g->reason() == v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    REQUIRE(r.notice.withheld_size() == 1);
    CHECK(r.notice.withheld(0).reason() == v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    CHECK(r.notice.withheld(0).sentence() == "Reason 24 ask ");
}

TEST_CASE("somebody left out of a notice is recorded as not mentioned") {
    v1::Concern c = test::school_concern();
    fake_table rules{[](const policy::point& p) {
        const bool neighbour =
            p.subject == v1::SUBJECT_REFERRER && p.category != v1::CATEGORY_HEADER;
        return neighbour
                   ? policy::
                         decision{v1::FORM_SILENT, v1::TIER_DENY, 24, v1::REASON_REFERRER_PROTECTED}
                   : fake_table::full();
    }};
    const redacted r = notice_for_dsl(c, rules);
    REQUIRE(r.notice.content().persons_size() == 3);
    const v1::DecisionGroup* g = group(r.decisions, cell(4, v1::CATEGORY_HEADER));
    REQUIRE(g != nullptr);
    CHECK(g->form() == v1::FORM_SILENT);
    CHECK(g->reason() == v1::REASON_REFERRER_PROTECTED);
}
