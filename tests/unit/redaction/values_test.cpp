// Values that tell more than their field, or of somebody else.
#include "redaction/notice.hpp"

#include "support/people.hpp"
#include "unit/redaction/fake_table.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::redaction;
using test::fake_table;
using test::notice_for_dsl;

namespace {

// Masks one category of one subject; UNSPECIFIED: of everybody.
fake_table hiding(v1::Category category, v1::Subject subject = v1::SUBJECT_UNSPECIFIED) {
    return fake_table{[category, subject](const policy::point& p) {
        const bool whom = subject == v1::SUBJECT_UNSPECIFIED || p.subject == subject;
        return p.category == category && whom ? fake_table::masked() : fake_table::full();
    }};
}

v1::Concern about_a_child() {
    v1::Concern c;
    *c.add_persons() = test::child(1);
    c.mutable_persons(0)->clear_voice(); // free text would be held beside it
    return c;
}

const cell_input* find(const analysis& a, cell_id id) {
    for (const cell_input& in : a.cells) {
        if (in.id == id) return &in;
    }
    return nullptr;
}

bool decided(const google::protobuf::RepeatedPtrField<v1::DecisionGroup>& groups, cell_id id) {
    for (const v1::DecisionGroup& g : groups) {
        if (std::count(g.cells().begin(), g.cells().end(), id) != 0) return true;
    }
    return false;
}

} // namespace

TEST_CASE("a carer's factor in the child's assessment is decided as the carer's") {
    v1::Concern c = about_a_child();
    auto& assessment = *c.mutable_persons(0)->mutable_case_status()->add_assessments();
    assessment.add_factors(v1::ASSESSMENT_FACTOR_4A);
    assessment.add_factors(v1::ASSESSMENT_FACTOR_4B);
    const analysis a = analyse(c);
    const cell_id own = cell(1, v1::CATEGORY_MENTAL_HEALTH);
    const cell_id carers = cell(1, v1::CATEGORY_MENTAL_HEALTH, v1::SUBJECT_CARER);
    REQUIRE(find(a, own) != nullptr);
    CHECK(find(a, own)->subject == v1::SUBJECT_CHILD);
    REQUIRE(find(a, carers) != nullptr);
    CHECK(find(a, carers)->subject == v1::SUBJECT_CARER);
    CHECK(person_of(carers) == 1);
    CHECK(category_of(carers) == v1::CATEGORY_MENTAL_HEALTH);

    const redacted r = notice_for_dsl(c, hiding(v1::CATEGORY_MENTAL_HEALTH, v1::SUBJECT_CARER));
    const auto& seen = r.notice.content().persons(0).case_status().assessments(0);
    REQUIRE(seen.factors_size() == 1);
    CHECK(seen.factors(0) == v1::ASSESSMENT_FACTOR_4A);
    REQUIRE(r.notice.withheld_size() == 1);
    const v1::Withheld& w = r.notice.withheld(0);
    CHECK(w.person_ref() == "child-1");
    CHECK(w.category() == v1::CATEGORY_MENTAL_HEALTH);
    CHECK(w.about() == v1::SUBJECT_CARER);
    CHECK_FALSE(w.partly_shown());
    CHECK(decided(r.notice.decisions(), own));
    CHECK(decided(r.notice.decisions(), carers));
}

TEST_CASE("a detriment declared of a carer covers what is said of carers elsewhere") {
    v1::Concern c = about_a_child();
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_4B);
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_4C);
    v1::Person& carer = *c.add_persons();
    carer.set_ref("carer-1");
    carer.set_role(v1::SUBJECT_CARER);
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_MENTAL_HEALTH);
    d.set_person_ref("carer-1");
    const analysis a = analyse(c);
    const auto flags = [&a](v1::Subject about) {
        const cell_input* in = find(a, cell(0, v1::CATEGORY_MENTAL_HEALTH, about));
        REQUIRE(in != nullptr);
        return in->flags;
    };
    CHECK(flags(v1::SUBJECT_CARER) == policy::bit(v1::FLAG_DETRIMENT));
    CHECK(flags(v1::SUBJECT_THIRD_PARTY) == 0);
}

TEST_CASE("a criminal record number is decided as the record is, its value with its scheme") {
    v1::Concern c = about_a_child();
    v1::Identifier& pnc = *c.mutable_persons(0)->add_identifiers();
    pnc.set_scheme(v1::Identifier::SCHEME_PNC);
    pnc.set_value("1979/0163001B");
    pnc.mutable_valid_from()->set_year(1979);
    const analysis a = analyse(c);
    const cell_input* in = find(a, cell(1, v1::CATEGORY_CONVICTION));
    REQUIRE(in != nullptr);
    CHECK((in->flags & policy::bit(v1::FLAG_RELEVANT_CONVICTION)) != 0);
    const redacted r = notice_for_dsl(c, hiding(v1::CATEGORY_CONVICTION));
    REQUIRE(r.notice.content().persons(0).identifiers_size() == 1);
    CHECK(
        r.notice.content().persons(0).identifiers(0).scheme() == v1::Identifier::SCHEME_NHS_NUMBER
    );
    CHECK(r.notice.SerializeAsString().find("1979/0163001B") == std::string::npos);
    REQUIRE(r.notice.withheld_size() == 1);
    CHECK(r.notice.withheld(0).category() == v1::CATEGORY_CONVICTION);
}

TEST_CASE("a number under a scheme nobody knows is dropped and counted with it") {
    v1::Concern c = about_a_child();
    v1::Identifier& newer = *c.mutable_persons(0)->add_identifiers();
    newer.set_scheme(static_cast<v1::Identifier::Scheme>(99));
    newer.set_value("X-1");
    const analysis a = analyse(c);
    CHECK(a.unknown_fields == 2);
    const redacted r = notice_for_dsl(c, hiding(v1::CATEGORY_SEALED));
    CHECK(r.notice.content().persons(0).identifiers_size() == 1);
    CHECK(r.notice.SerializeAsString().find("X-1") == std::string::npos);
}

TEST_CASE("closed because adopted is barred by statute") {
    v1::Concern c = about_a_child();
    v1::CaseStatus& status = *c.mutable_persons(0)->mutable_case_status();
    status.set_closed_because(v1::REASON_FOR_CLOSURE_RC1);
    status.mutable_closed_on()->set_year(2024);
    const analysis a = analyse(c);
    const cell_input* in = find(a, cell(1, v1::CATEGORY_SENSITIVE_SERVICE));
    REQUIRE(in != nullptr);
    CHECK((in->flags & policy::bit(v1::FLAG_STATUTORY_BAR)) != 0);
    fake_table table = hiding(v1::CATEGORY_SENSITIVE_SERVICE);
    table.veil(v1::CATEGORY_SENSITIVE_SERVICE);
    const redacted r = notice_for_dsl(c, table);
    const v1::CaseStatus& seen = r.notice.content().persons(0).case_status();
    CHECK(seen.closed_because() == v1::REASON_FOR_CLOSURE_UNSPECIFIED);
    CHECK(seen.closed_on().year() == 2024);
    REQUIRE(r.notice.withheld_size() == 1);
    CHECK(r.notice.withheld(0).category() == v1::CATEGORY_UNSPECIFIED);
}

TEST_CASE("an incident that is hidden is absent, and its cell is withheld like any other") {
    v1::Concern c = about_a_child();
    c.mutable_notification()->set_incident(v1::Notification::INCIDENT_SELF_HARM);
    c.mutable_notification()->set_happened_at("2026-11-20");
    const redacted r = notice_for_dsl(c, hiding(v1::CATEGORY_MENTAL_HEALTH));
    CHECK(r.notice.content().notification().incident() == v1::Notification::INCIDENT_UNSPECIFIED);
    CHECK(r.notice.content().notification().happened_at() == "2026-11-20");
    REQUIRE(r.notice.withheld_size() == 1);
    CHECK(r.notice.withheld(0).category() == v1::CATEGORY_MENTAL_HEALTH);
    CHECK(r.notice.withheld(0).about() == v1::SUBJECT_CHILD);
    CHECK_FALSE(r.notice.withheld(0).challenge_id().empty());
}

TEST_CASE("an order that is made on a conviction is decided as one, its terms with it") {
    v1::Concern c = about_a_child();
    v1::Order& order = *c.mutable_persons(0)->add_orders();
    order.set_kind(v1::Order::KIND_SEXUAL_HARM_PREVENTION);
    order.set_conditions("no contact with under-16s, sex offender register");
    order.set_to_enforce("not to be on the school's ground");
    const redacted r = notice_for_dsl(c, hiding(v1::CATEGORY_CONVICTION));
    const v1::Order& seen = r.notice.content().persons(0).orders(0);
    CHECK(seen.kind() == v1::Order::KIND_UNSPECIFIED);
    CHECK(seen.conditions().empty());
    CHECK(seen.to_enforce() == order.to_enforce());
}

TEST_CASE("a learning review gets the year of a date that others get whole") {
    v1::Concern c = about_a_child();
    c.mutable_notification()->set_happened_at("2026-11-20T15:10:00Z");
    auto& seen_on = *c.mutable_persons(0)->mutable_health()->add_injuries()->mutable_seen_on();
    seen_on.set_year(2026);
    seen_on.set_month(11);
    const fake_table coarse{
        [](const policy::point&) { return fake_table::of(v1::FORM_GENERALISED); }};
    c.set_purpose(v1::PURPOSE_S47);
    const redacted whole = notice_for_dsl(c, coarse);
    CHECK(whole.notice.content().notification().happened_at() == "2026-11-20T15:10:00Z");
    CHECK(whole.notice.content().persons(0).health().injuries(0).seen_on().month() == 11);
    c.set_purpose(v1::PURPOSE_REVIEW_LEARNING);
    const redacted year = notice_for_dsl(c, coarse);
    CHECK(year.notice.content().notification().happened_at() == "2026");
    CHECK(year.notice.content().persons(0).health().injuries(0).seen_on().year() == 2026);
    CHECK(year.notice.content().persons(0).health().injuries(0).seen_on().month() == 0);
}
