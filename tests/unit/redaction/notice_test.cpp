#include "unit/redaction/made.hpp"

using namespace cairn;
using namespace cairn::redaction;
using test::fake_table;
using namespace cairn::redaction::testing;

TEST_CASE("a desk that may see everything gets everything but what is sealed") {
    const v1::Concern c = test::school_concern();
    const redacted r = make(c, all_but({}));
    v1::Concern expected = c;
    expected.clear_desks();
    expected.mutable_acting()->clear_staff_id();
    expected.mutable_acting()->clear_authenticated_by();
    CHECK(r.notice.content().SerializeAsString() == expected.SerializeAsString());
    CHECK(r.notice.withheld_size() == 0);
    CHECK(r.narrative_shown);
    CHECK(r.notice.sender() == "oakfield");
    CHECK(r.notice.kind() == v1::CONCERN_KIND_NOTIFICATION);
    CHECK(r.notice.policy_digest() == std::string(64, 'a'));
    REQUIRE(r.notice.also_told_size() == 1);
    CHECK(r.notice.also_told(0) == "northshire-police/mash");
}

TEST_CASE("sealed fields stay sealed even where a policy text says full") {
    v1::Concern c = test::school_concern();
    c.add_conflicts_of_interest("canary-agency");
    c.add_detriments()->set_reason("canary-reason");
    const std::string bytes = encode(make(c, all_but({})).notice);
    CHECK(bytes.find("canary") == std::string::npos);
    CHECK(bytes.find("oak-7731") == std::string::npos);
}

TEST_CASE("a release is read where its originator says it, and by nobody where another does") {
    v1::Concern c = test::school_concern();
    auto& piece = *c.add_assertions()->mutable_intelligence();
    piece.set_grading("B2");
    piece.set_released_by_originator(true);
    const auto table = all_but({});
    for (const bool from_originator : {true, false}) {
        const auto r = make_notice(c, analyse(c, from_originator), table, shared(), desk());
        const auto& last = *r.notice.content().assertions().rbegin();
        CHECK(last.intelligence().grading() == "B2");
        CHECK(last.intelligence().released_by_originator() == from_originator);
        // What nobody can say is not held back from anybody.
        CHECK(r.notice.withheld_size() == 0);
    }
}

TEST_CASE("a masked cell leaves its fields out and says so with how to challenge") {
    const redacted r = make(test::school_concern(), all_but({v1::CATEGORY_INJURY}));
    CHECK_FALSE(r.notice.content().persons(0).has_health());
    const v1::Withheld* w = withheld(r, "child-1", v1::CATEGORY_INJURY);
    REQUIRE(w != nullptr);
    CHECK(w->reason() == v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    CHECK(w->challenge_id().size() == 16);
    CHECK(w->ask() == "the sender's safeguarding lead");
    CHECK_FALSE(w->partly_shown());
    CHECK_FALSE(w->sentence().empty());
}

TEST_CASE("withheld and empty differ") {
    v1::Concern c = test::school_concern();
    c.mutable_persons(0)->clear_health();
    const redacted r = make(c, all_but({v1::CATEGORY_INJURY}));
    CHECK(withheld(r, "child-1", v1::CATEGORY_INJURY) == nullptr);
}

TEST_CASE("the generalised form keeps what is coarse and coarsens the rest") {
    const redacted r = make(
        test::school_concern(),
        all_but(
            {v1::CATEGORY_IDENTITY,
             v1::CATEGORY_CONSISTENT_IDENTIFIER,
             v1::CATEGORY_CONTACT,
             v1::CATEGORY_CONVICTION},
            v1::FORM_GENERALISED
        )
    );
    const v1::Person& girl = r.notice.content().persons(0);
    CHECK(girl.names(0).given() == "T.");
    CHECK(girl.birth().born().year() == 2017);
    CHECK(girl.birth().born().month() == 0);
    CHECK(girl.sex() == v1::SEX_FEMALE);
    CHECK(girl.identifiers(0).value().empty());
    CHECK(girl.identifiers(0).scheme() == v1::Identifier::SCHEME_NHS_NUMBER);
    CHECK(girl.addresses(0).postcode() == "NN4");
    CHECK(girl.addresses(0).lines_size() == 0);
    const v1::Conviction& record = r.notice.content().persons(2).convictions(0);
    CHECK(record.offence().empty());
    CHECK(record.risk_statement() == "not to collect the child");
    CHECK(record.on().year() == 2019);
    CHECK(record.on().month() == 0);
    const v1::Withheld* w = withheld(r, "child-1", v1::CATEGORY_IDENTITY);
    REQUIRE(w != nullptr);
    CHECK(w->partly_shown());
    CHECK(w->reason() == v1::REASON_SUMMARY_IS_ENOUGH);
}

TEST_CASE("a generalised cell that lost nothing is not said to be withheld") {
    const redacted r =
        make(test::school_concern(), all_but({v1::CATEGORY_HEADER}, v1::FORM_GENERALISED));
    CHECK(withheld(r, "child-1", v1::CATEGORY_HEADER) == nullptr);
    CHECK(r.notice.content().purpose() == v1::PURPOSE_S47);
}

TEST_CASE("pseudonyms are equal inside one notice and differ between desks, threads and people") {
    v1::Concern c = test::school_concern();
    *c.add_persons() = c.persons(0);
    c.mutable_persons(4)->set_ref("child-2");
    *c.mutable_persons(0)->add_names() = c.persons(0).names(0);
    const auto table = all_but({v1::CATEGORY_IDENTITY}, v1::FORM_PSEUDONYM);
    const redacted a = make(c, table);
    const redacted b = make(c, table, desk("northshire-police/mash"));
    const std::string one = a.notice.content().persons(0).names(0).given();
    REQUIRE(one.size() == 18);
    CHECK(one.substr(0, 2) == "p-");
    CHECK(a.notice.content().persons(0).names(1).given() == one);
    CHECK(a.notice.content().persons(4).names(0).given() != one);
    CHECK(b.notice.content().persons(0).names(0).given() != one);
    concern_context other = shared();
    other.thread = std::string(32, '3');
    const redacted t = make_notice(c, analyse(c), table, other, desk());
    CHECK(t.notice.content().persons(0).names(0).given() != one);
    other = shared();
    other.pseudonym_key.fill(8);
    const redacted k = make_notice(c, analyse(c), table, other, desk());
    CHECK(k.notice.content().persons(0).names(0).given() != one);
    // Fields that cannot be a token are masked.
    CHECK(a.notice.content().persons(0).sex() == v1::SEX_UNSPECIFIED);
    CHECK_FALSE(a.notice.content().persons(0).has_birth());
}

TEST_CASE("a narrative is for desks that see everything about everybody") {
    const auto by_flag = [](std::set<v1::Category> hidden) {
        return fake_table{[hidden = std::move(hidden)](const policy::point& p) {
            if (p.category == v1::CATEGORY_NARRATIVE) {
                return (p.flags & policy::bit(v1::FLAG_SEES_ALL)) != 0
                           ? fake_table::full()
                           : policy::decision{
                                 v1::FORM_MASKED, v1::TIER_DENY, 21, v1::REASON_NARRATIVE_HELD};
            }
            return hidden.count(p.category) != 0 ? fake_table::masked() : fake_table::full();
        }};
    };
    const v1::Concern c = test::school_concern();
    const redacted all = make(c, by_flag({}));
    CHECK(all.narrative_shown);
    CHECK_FALSE(all.notice.content().notification().narrative().empty());

    const redacted some = make(c, by_flag({v1::CATEGORY_MENTAL_HEALTH}));
    CHECK_FALSE(some.narrative_shown);
    CHECK(some.notice.content().notification().narrative().empty());
    CHECK_FALSE(some.notice.content().notification().summary().empty());
    REQUIRE(withheld(some, "", v1::CATEGORY_NARRATIVE) != nullptr);
    CHECK(withheld(some, "", v1::CATEGORY_NARRATIVE)->reason() == v1::REASON_NARRATIVE_HELD);
    // Free text of another category: its cell is shown, the text is not.
    const v1::Person& girl = some.notice.content().persons(0);
    CHECK(girl.voice().own_words().empty());
    CHECK(girl.voice().summary() == "Says home is loud at night");
    const v1::Withheld* voice = withheld(some, "child-1", v1::CATEGORY_CHILD_VOICE);
    REQUIRE(voice != nullptr);
    CHECK(voice->reason() == v1::REASON_NARRATIVE_HELD);
    CHECK(voice->partly_shown());
    // Headers and sealed cells do not count, the reason of a declared detriment among them.
    v1::Concern declared = c;
    declared.add_detriments()->set_reason("the family would move away");
    CHECK(make(declared, by_flag({v1::CATEGORY_HEADER, v1::CATEGORY_SEALED})).narrative_shown);
}

TEST_CASE("two children in one concern never share a decision") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_ENCOMPASS);
    *c.add_persons() = test::child(1);
    *c.add_persons() = test::child(2);
    c.mutable_persons(1)->mutable_education()->set_school_code("200099");
    fake_table table{[](const policy::point& p) {
        const bool own = (p.flags & policy::bit(v1::FLAG_OWN_PUPIL)) != 0;
        const bool needs_it = p.category != v1::CATEGORY_HEADER;
        return needs_it && !own ? fake_table::masked() : fake_table::full();
    }};
    desk_context school = desk("oakfield/dsl");
    school.organisation_codes = {"100042"};
    const redacted r = make(c, table, school);
    REQUIRE(r.notice.content().persons_size() == 2);
    CHECK(r.notice.content().persons(0).names(0).given() == "Tamsin1");
    const v1::Person& other = r.notice.content().persons(1);
    CHECK(other.ref() == "child-2");
    CHECK(other.names_size() == 0);
    CHECK(encode(r.notice).find("Tamsin2") == std::string::npos);
    CHECK((r.desk_flags & policy::bit(v1::FLAG_OWN_PUPIL)) != 0);
    school.organisation_codes = {"200099"};
    const redacted turned = make(c, table, school);
    CHECK(encode(turned.notice).find("Tamsin1") == std::string::npos);
    CHECK(turned.notice.content().persons(1).names(0).given() == "Tamsin2");
}

TEST_CASE("an organisation code is compared without case") {
    v1::Concern c;
    *c.add_persons() = test::child(1);
    c.mutable_persons(0)->mutable_education()->set_school_code("Ab12");
    desk_context d = desk();
    d.organisation_codes = {"x", "aB12"};
    CHECK((make(c, all_but({}), d).desk_flags & policy::bit(v1::FLAG_OWN_PUPIL)) != 0);
    d.organisation_codes = {"aB1"};
    CHECK((make(c, all_but({}), d).desk_flags & policy::bit(v1::FLAG_OWN_PUPIL)) == 0);
}

TEST_CASE("what is known of the desk reaches every decision") {
    std::uint32_t common = ~0U;
    fake_table table{[&](const policy::point& p) {
        common &= p.flags;
        CHECK(p.role == v1::ROLE_LADO);
        CHECK(p.purpose == v1::PURPOSE_S47);
        CHECK(p.risk == v1::RISK_LEVEL_SIGNIFICANT_HARM);
        return fake_table::full();
    }};
    desk_context d = desk();
    d.role = v1::ROLE_LADO;
    d.sender_desk = d.lead_practitioner = d.in_reply = d.conflict = true;
    d.route_rule = 12;
    const redacted r = make(test::school_concern(), table, d);
    for (const auto f :
         {v1::FLAG_SENDER_DESK, v1::FLAG_LEAD_PRACTITIONER, v1::FLAG_IN_REPLY, v1::FLAG_CONFLICT}) {
        CHECK((common & policy::bit(f)) != 0);
        CHECK((r.desk_flags & policy::bit(f)) != 0);
    }
    CHECK(r.notice.route_rule() == 12);
}

TEST_CASE("an element whose value tells more is left out of its list alone") {
    const redacted r = make(test::school_concern(), all_but({v1::CATEGORY_SENSITIVE_SERVICE}));
    REQUIRE(r.notice.content().risk().factors_size() == 1);
    CHECK(r.notice.content().risk().factors(0) == v1::ASSESSMENT_FACTOR_3A);
    CHECK(withheld(r, "", v1::CATEGORY_SENSITIVE_SERVICE) != nullptr);
}

TEST_CASE("a protected address is found in every text, wherever somebody wrote it") {
    v1::Concern c = test::school_concern();
    const std::string at{test::protected_line};
    c.mutable_notification()->set_summary("Collected from " + at);
    c.mutable_notification()->set_narrative("now at zz94qf");
    c.mutable_persons(0)->mutable_education()->set_school_name("by 14 quillfeather row");
    c.mutable_risk()->add_actions("visit 14, Quillfeather Row");
    c.add_attachments()->set_title("14-quillfeather-row.pdf");
    c.set_sender_reference("zz9-4qf");
    c.mutable_persons(1)->set_ref("at-14-quillfeather-row");
    const redacted hidden = make(c, all_but({v1::CATEGORY_PROTECTED_ADDRESS}));
    std::string folded;
    for (const char ch : encode(hidden.notice)) {
        if (std::isalnum(static_cast<unsigned char>(ch)) != 0) {
            folded += static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
        }
    }
    CHECK(folded.find("14quillfeatherrow") == std::string::npos);
    CHECK(folded.find("zz94qf") == std::string::npos);
    const v1::Withheld* facts = withheld(hidden, "", v1::CATEGORY_FACTS);
    REQUIRE(facts != nullptr);
    CHECK(facts->reason() == v1::REASON_ADDRESS_CAN_HARM);
    CHECK(facts->partly_shown());
    CHECK(hidden.notice.content().risk().actions_size() == 1);
    // A desk on the list gets all of it.
    const redacted open = make(c, all_but({}));
    CHECK(open.notice.content().notification().summary() == "Collected from " + at);
}

TEST_CASE("a text held for an address does not tell of one where that is not told") {
    v1::Concern c = test::school_concern();
    c.mutable_notification()->set_summary("Collected from " + std::string{test::protected_line});
    const redacted silent = make(c, all_but({v1::CATEGORY_PROTECTED_ADDRESS}, v1::FORM_SILENT));
    for (const v1::Withheld& w : silent.notice.withheld()) {
        CHECK(w.category() != v1::CATEGORY_PROTECTED_ADDRESS);
        CHECK(w.reason() != v1::REASON_ADDRESS_CAN_HARM);
    }
    REQUIRE(withheld(silent, "", v1::CATEGORY_FACTS) != nullptr);
}

TEST_CASE("unknown fields are dropped and counted to the desk") {
    v1::Concern c = test::school_concern();
    v1::Person& p = *c.mutable_persons(0);
    p.GetReflection()->MutableUnknownFields(&p)->AddLengthDelimited(901, "canary-unknown");
    v1::PartialDate& d = *p.mutable_birth()->mutable_born();
    d.GetReflection()->MutableUnknownFields(&d)->AddLengthDelimited(902, "canary-unknown");
    const redacted r = make(c, all_but({}));
    CHECK(r.notice.unknown_fields_dropped() == 2);
    CHECK(encode(r.notice).find("canary") == std::string::npos);
}

TEST_CASE("assertions that are not shown are not pointed at") {
    v1::Concern c = test::school_concern();
    c.mutable_assertions(0)->add_corroborates("a-2");
    c.mutable_assertions(0)->add_corroborates("a-1");
    c.mutable_assertions(1)->clear_about(); // about the concern
    fake_table table{[](const policy::point& p) {
        if (p.subject == v1::SUBJECT_CONCERN && p.category != v1::CATEGORY_HEADER) {
            return fake_table::of(v1::FORM_SILENT);
        }
        return fake_table::full();
    }};
    const redacted r = make(c, table);
    REQUIRE(r.notice.content().assertions_size() == 1);
    REQUIRE(r.notice.content().assertions(0).corroborates_size() == 1);
    CHECK(r.notice.content().assertions(0).corroborates(0) == "a-1");
}

TEST_CASE("an assertion of which nothing is shown but its names is left out") {
    const v1::Concern c = test::school_concern();
    fake_table table = all_but({v1::CATEGORY_INTELLIGENCE});
    table.veil(v1::CATEGORY_INTELLIGENCE);
    const redacted r = make(c, table);
    REQUIRE(r.notice.content().assertions_size() == 1);
    CHECK(r.notice.content().assertions(0).ref() == "a-1");
    CHECK(encode(r.notice).find("a-2") == std::string::npos);
}

TEST_CASE("that an assertion is intelligence is decided as intelligence") {
    v1::Concern c = test::school_concern();
    c.mutable_assertions(1)->mutable_observed_on()->set_year(2026);
    fake_table table = all_but({v1::CATEGORY_INTELLIGENCE});
    table.veil(v1::CATEGORY_INTELLIGENCE);
    const redacted r = make(c, table);
    REQUIRE(r.notice.content().assertions_size() == 2);
    CHECK(r.notice.content().assertions(0).kind() == v1::Assertion::KIND_HEARSAY);
    CHECK(r.notice.content().assertions(1).observed_on().year() == 2026);
    CHECK(r.notice.content().assertions(1).kind() == v1::Assertion::KIND_UNSPECIFIED);
}

TEST_CASE("the kind of a body is kept where nothing in it may be seen") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.mutable_acknowledgement()->set_note("read it");
    const redacted r = make(c, all_but({v1::CATEGORY_NARRATIVE}));
    CHECK(r.notice.content().has_acknowledgement());
    CHECK(r.notice.content().acknowledgement().note().empty());
}

TEST_CASE("challenge ids differ between desks, cells and concerns and are stable") {
    const v1::Concern c = test::school_concern();
    const auto table = all_but({v1::CATEGORY_INJURY, v1::CATEGORY_CONVICTION});
    const redacted a = make(c, table);
    const redacted b = make(c, table, desk("northshire-police/mash"));
    const std::string id = withheld(a, "child-1", v1::CATEGORY_INJURY)->challenge_id();
    CHECK(id == withheld(make(c, table), "child-1", v1::CATEGORY_INJURY)->challenge_id());
    CHECK(id != withheld(b, "child-1", v1::CATEGORY_INJURY)->challenge_id());
    CHECK(id != withheld(a, "man-1", v1::CATEGORY_CONVICTION)->challenge_id());
    concern_context other = shared();
    other.concern_id = std::string(32, '9');
    const redacted o = make_notice(c, analyse(c), table, other, desk());
    CHECK(id != withheld(o, "child-1", v1::CATEGORY_INJURY)->challenge_id());
}

TEST_CASE("explanations use the sentence of the rule and of the table where there is no rule") {
    fake_table table = all_but({v1::CATEGORY_INJURY});
    table.rule_.set_title("Named desks see it");
    table.rule_.set_authority("s.16LA");
    table.rule_.set_sentence("The front door sees this.");
    table.rule_.set_what_would_change_it("Another purpose.");
    const v1::Concern c = test::school_concern();
    const redacted r = make(c, table);
    google::protobuf::RepeatedPtrField<v1::DecisionGroup> groups{
        r.decisions.begin(), r.decisions.end()};
    const v1::DeskExplanation own = explain(table, "d/x", 0, groups, &c);
    CHECK(own.desk() == "d/x");
    CHECK_FALSE(own.route_sentence().empty());
    CHECK(own.cells_size() == static_cast<int>(analyse(c).cells.size()));
    bool seen = false;
    for (const v1::ExplainedCell& cell : own.cells()) {
        if (cell.category() != "word:CATEGORY_INJURY") continue;
        seen = true;
        CHECK(cell.person_ref() == "child-1");
        CHECK(cell.rule() == 20);
        CHECK(cell.form() == "word:FORM_MASKED");
        CHECK_FALSE(cell.sentence().empty());
    }
    CHECK(seen);
    CHECK(own.cells(0).rule_title() == "Named desks see it");
    const v1::DeskExplanation other = explain(table, "d/x", 7, groups, nullptr);
    CHECK(std::any_of(other.cells().begin(), other.cells().end(), [](const auto& cell) {
        return cell.person_ref() == "person 1";
    }));
    // Of a factor about the child, in the assessment of the concern.
    CHECK(
        other.cells(other.cells_size() - 1).category() ==
        "word:CATEGORY_SENSITIVE_SERVICE (word:SUBJECT_CHILD)"
    );
}
