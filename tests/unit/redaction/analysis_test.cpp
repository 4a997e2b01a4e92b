#include "redaction/analysis.hpp"

#include "support/paths.hpp"
#include "support/people.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace cairn;
using namespace cairn::redaction;
using policy::bit;

namespace {

const cell_input* find(const analysis& a, cell_id id) {
    for (const cell_input& c : a.cells) {
        if (c.id == id) return &c;
    }
    return nullptr;
}

bool has(const analysis& a, cell_id id, v1::Flag f) {
    const cell_input* c = find(a, id);
    REQUIRE(c != nullptr);
    return (c->flags & bit(f)) != 0;
}

v1::Person& person(v1::Concern& c, const char* ref, v1::Subject role) {
    v1::Person& p = *c.add_persons();
    p.set_ref(ref);
    p.set_role(role);
    return p;
}

} // namespace

TEST_CASE("the fixture populates at least forty fields in sorted cells, each once") {
    const analysis a = analyse(test::school_concern());
    CHECK(a.kind == v1::CONCERN_KIND_NOTIFICATION);
    CHECK(a.purpose == v1::PURPOSE_S47);
    CHECK(a.risk == v1::RISK_LEVEL_SIGNIFICANT_HARM);
    CHECK(a.populated_fields >= 40);
    CHECK(a.has_narrative);
    CHECK(a.unknown_fields == 0);
    CHECK(std::is_sorted(a.cells.begin(), a.cells.end(), [](const auto& x, const auto& y) {
        return x.id < y.id;
    }));
    CHECK(std::adjacent_find(a.cells.begin(), a.cells.end(), [](const auto& x, const auto& y) {
              return x.id == y.id;
          }) == a.cells.end());
}

TEST_CASE("the page on decision inputs numbers its cells as the code does") {
    std::ifstream in{std::string{CAIRN_SOURCE_DIR} + "/docs/formats/decision-inputs.md"};
    std::stringstream text;
    text << in.rdbuf();
    const std::string page = text.str();
    const std::string mark = "```vector\n";
    const auto from = page.find(mark) + mark.size();
    std::istringstream rows{page.substr(from, page.find("```", from) - from)};
    int found = 0;
    std::uint32_t number = 0;
    cell_id shown = 0;
    for (std::string name, about; rows >> number >> name >> about >> shown; ++found) {
        INFO(name);
        v1::Category category{};
        REQUIRE(v1::Category_Parse(name, &category));
        v1::Subject whom = v1::SUBJECT_UNSPECIFIED;
        REQUIRE((about == "-" || v1::Subject_Parse(about, &whom)));
        CHECK(cell(number, category, whom) == shown);
        // The sum in words above them.
        const bool in_words = page.find(" = " + std::to_string(shown)) != std::string::npos;
        CHECK(in_words == (number != 0));
    }
    CHECK(found == 3);
}

TEST_CASE("a person's fields are in that person's cells with that person's role") {
    const analysis a = analyse(test::school_concern());
    REQUIRE(find(a, cell(1, v1::CATEGORY_IDENTITY)) != nullptr);
    CHECK(find(a, cell(1, v1::CATEGORY_IDENTITY))->subject == v1::SUBJECT_CHILD);
    CHECK(find(a, cell(1, v1::CATEGORY_HEADER))->subject == v1::SUBJECT_CHILD);
    CHECK(find(a, cell(2, v1::CATEGORY_MENTAL_HEALTH))->subject == v1::SUBJECT_CARER);
    CHECK(find(a, cell(0, v1::CATEGORY_HEADER))->subject == v1::SUBJECT_CONCERN);
    CHECK(find(a, cell(0, v1::CATEGORY_SEALED)) != nullptr);
    CHECK(find(a, cell(2, v1::CATEGORY_CONVICTION)) == nullptr);
}

TEST_CASE("an address is protected unless it is said to be safe, each on its own") {
    v1::Concern c;
    v1::Person& p = person(c, "child-1", v1::SUBJECT_CHILD);
    test::add_safe_address(p);
    const analysis safe = analyse(c);
    CHECK(find(safe, cell(1, v1::CATEGORY_CONTACT)) != nullptr);
    CHECK(find(safe, cell(1, v1::CATEGORY_PROTECTED_ADDRESS)) == nullptr);
    p.add_addresses()->set_postcode("ZZ9 4QF"); // harm not said
    const analysis both = analyse(c);
    CHECK(find(both, cell(1, v1::CATEGORY_CONTACT)) != nullptr);
    CHECK(find(both, cell(1, v1::CATEGORY_PROTECTED_ADDRESS)) != nullptr);
    v1::Concern phones;
    person(phones, "child-1", v1::SUBJECT_CHILD).add_contacts()->set_value("07700 900123");
    CHECK(find(analyse(phones), cell(1, v1::CATEGORY_PROTECTED_ADDRESS)) != nullptr);
}

TEST_CASE("an assertion is about whom it names, and what it alleges is about the accused") {
    v1::Concern c;
    person(c, "child-1", v1::SUBJECT_CHILD);
    person(c, "man-1", v1::SUBJECT_ALLEGED_PERPETRATOR);
    v1::Assertion& a = *c.add_assertions();
    a.set_about("child-1");
    a.set_text("t");
    a.mutable_allegation()->set_accused("man-1");
    a.mutable_allegation()->set_what("w");
    a.mutable_intelligence()->set_content("i");
    v1::Assertion& nobody = *c.add_assertions();
    nobody.set_text("about nobody");
    nobody.mutable_allegation()->set_what("by somebody unknown");
    const analysis got = analyse(c);
    CHECK(find(got, cell(1, v1::CATEGORY_NARRATIVE)) != nullptr);
    CHECK(find(got, cell(1, v1::CATEGORY_INTELLIGENCE)) != nullptr);
    CHECK(find(got, cell(2, v1::CATEGORY_ALLEGATION)) != nullptr);
    CHECK(find(got, cell(1, v1::CATEGORY_ALLEGATION)) == nullptr);
    CHECK(find(got, cell(0, v1::CATEGORY_NARRATIVE)) != nullptr);
    CHECK(find(got, cell(0, v1::CATEGORY_ALLEGATION)) != nullptr);
}

TEST_CASE("a factor that tells more than its field is in the cell of its value") {
    v1::Concern c;
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_3A);
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_2A);
    c.mutable_risk()->add_factors(v1::ASSESSMENT_FACTOR_15A);
    const analysis a = analyse(c);
    CHECK(find(a, cell(0, v1::CATEGORY_RISK)) != nullptr);
    const auto of_child = [](v1::Category category) {
        return cell(0, category, v1::SUBJECT_CHILD);
    };
    CHECK(find(a, of_child(v1::CATEGORY_SENSITIVE_SERVICE)) != nullptr);
    CHECK(find(a, of_child(v1::CATEGORY_MENTAL_HEALTH)) != nullptr);
    CHECK(a.populated_fields == 3);
}

TEST_CASE("a statutory bar counts where it is named and where a barred kind says nothing") {
    using service = v1::SensitiveService;
    struct row {
        service::Kind kind;
        service::Bar bar;
        bool barred;
    };
    const row rows[] = {
        {service::KIND_SEXUAL_HEALTH, service::BAR_UNSPECIFIED, false},
        {service::KIND_SEXUAL_HEALTH, service::BAR_NONE, false},
        {service::KIND_SEXUAL_HEALTH, service::BAR_COURT, true},
        {service::KIND_GENDER_HISTORY, service::BAR_UNSPECIFIED, true},
        {service::KIND_FERTILITY, service::BAR_UNSPECIFIED, true},
        {service::KIND_ADOPTION, service::BAR_UNSPECIFIED, true},
        {service::KIND_ADOPTION, service::BAR_NONE, false},
        {service::KIND_UNSPECIFIED, service::BAR_UNSPECIFIED, true},
    };
    for (const row& r : rows) {
        CAPTURE(r.kind, r.bar);
        v1::Concern c;
        service& s = *person(c, "x", v1::SUBJECT_CHILD).add_sensitive_services();
        s.set_kind(r.kind);
        s.set_bar(r.bar);
        s.set_detail("d");
        CHECK(
            has(analyse(c), cell(1, v1::CATEGORY_SENSITIVE_SERVICE), v1::FLAG_STATUTORY_BAR) ==
            r.barred
        );
    }
}

TEST_CASE("intelligence is released only where every piece in the cell is") {
    v1::Concern c;
    person(c, "man-1", v1::SUBJECT_ALLEGED_PERPETRATOR);
    for (int i = 0; i < 2; ++i) {
        v1::Assertion& a = *c.add_assertions();
        a.set_about("man-1");
        a.mutable_intelligence()->set_content("i");
        a.mutable_intelligence()->set_released_by_originator(true);
    }
    const cell_id id = cell(1, v1::CATEGORY_INTELLIGENCE);
    CHECK(has(analyse(c, true), id, v1::FLAG_RELEASED));
    c.mutable_assertions(1)->mutable_intelligence()->set_released_by_originator(false);
    CHECK_FALSE(has(analyse(c, true), id, v1::FLAG_RELEASED));
}

TEST_CASE("intelligence that somebody else says is released is not") {
    v1::Concern c;
    c.add_assertions()->mutable_intelligence()->set_released_by_originator(true);
    const cell_id id = cell(0, v1::CATEGORY_INTELLIGENCE);
    const analysis theirs = analyse(c, true);
    const analysis claimed = analyse(c);
    CHECK(has(theirs, id, v1::FLAG_RELEASED));
    CHECK_FALSE(has(claimed, id, v1::FLAG_RELEASED));
    // The log commits to what was submitted all the same.
    REQUIRE(claimed.fields.size() == 1);
    CHECK(claimed.fields[0].path == theirs.fields[0].path);
}

TEST_CASE("a conviction is relevant unless it is said not to be") {
    v1::Concern c;
    v1::Person& p = person(c, "man-1", v1::SUBJECT_ALLEGED_PERPETRATOR);
    p.add_convictions()->set_offence("o");
    const cell_id id = cell(1, v1::CATEGORY_CONVICTION);
    CHECK(has(analyse(c), id, v1::FLAG_RELEVANT_CONVICTION));
    p.mutable_convictions(0)->set_relevant_to_child(v1::Relation::ANSWER_NO);
    CHECK_FALSE(has(analyse(c), id, v1::FLAG_RELEVANT_CONVICTION));
    p.add_convictions()->set_offence("another");
    CHECK(has(analyse(c), id, v1::FLAG_RELEVANT_CONVICTION));
}

TEST_CASE("detriment is declared for one category and person, or for a category of everybody") {
    v1::Concern c;
    person(c, "child-1", v1::SUBJECT_CHILD).mutable_immigration()->set_status("s");
    person(c, "child-2", v1::SUBJECT_CHILD).mutable_immigration()->set_status("s");
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_IMMIGRATION);
    d.set_person_ref("child-2");
    const cell_id one = cell(1, v1::CATEGORY_IMMIGRATION);
    const cell_id two = cell(2, v1::CATEGORY_IMMIGRATION);
    CHECK_FALSE(has(analyse(c), one, v1::FLAG_DETRIMENT));
    CHECK(has(analyse(c), two, v1::FLAG_DETRIMENT));
    CHECK_FALSE(has(analyse(c), cell(2, v1::CATEGORY_HEADER), v1::FLAG_DETRIMENT));
    d.clear_person_ref();
    CHECK(has(analyse(c), one, v1::FLAG_DETRIMENT));
    CHECK(has(analyse(c), two, v1::FLAG_DETRIMENT));
}

TEST_CASE("a referrer is a professional only where something says so and nothing speaks against") {
    const cell_id of_concern = cell(0, v1::CATEGORY_REFERRER);
    const auto source = [&](v1::ReferralSource s) {
        v1::Concern c;
        c.mutable_notification()->set_source(s);
        return analyse(c);
    };
    CHECK(has(source(v1::REFERRAL_SOURCE_2A), of_concern, v1::FLAG_PROFESSIONAL_REFERRER));
    CHECK_FALSE(has(source(v1::REFERRAL_SOURCE_2A), of_concern, v1::FLAG_ANONYMOUS_REFERRER));
    for (const auto s :
         {v1::REFERRAL_SOURCE_1A,
          v1::REFERRAL_SOURCE_1D,
          v1::REFERRAL_SOURCE_9,
          v1::REFERRAL_SOURCE_10}) {
        CHECK(has(source(s), of_concern, v1::FLAG_ANONYMOUS_REFERRER));
        CHECK_FALSE(has(source(s), of_concern, v1::FLAG_PROFESSIONAL_REFERRER));
    }

    v1::Concern c;
    v1::Person& p = person(c, "referrer-1", v1::SUBJECT_REFERRER);
    p.add_names()->set_given("G");
    const cell_id identity = cell(1, v1::CATEGORY_IDENTITY);
    CHECK(has(analyse(c), identity, v1::FLAG_ANONYMOUS_REFERRER));
    p.mutable_professional()->set_job("teacher");
    CHECK(has(analyse(c), identity, v1::FLAG_PROFESSIONAL_REFERRER));
    p.set_wishes_anonymity(true);
    CHECK(has(analyse(c), identity, v1::FLAG_ANONYMOUS_REFERRER));
    CHECK_FALSE(has(analyse(c), identity, v1::FLAG_PROFESSIONAL_REFERRER));
}

TEST_CASE("the source of hearsay is never taken for a professional") {
    v1::Concern c;
    c.mutable_notification()->set_source(v1::REFERRAL_SOURCE_2A);
    person(c, "child-1", v1::SUBJECT_CHILD);
    v1::Assertion& a = *c.add_assertions();
    a.set_about("child-1");
    a.set_source("s");
    a.set_kind(v1::Assertion::KIND_FACT);
    const cell_id id = cell(1, v1::CATEGORY_REFERRER);
    CHECK(has(analyse(c), id, v1::FLAG_PROFESSIONAL_REFERRER));
    a.set_kind(v1::Assertion::KIND_HEARSAY);
    CHECK(has(analyse(c), id, v1::FLAG_ANONYMOUS_REFERRER));
}

TEST_CASE("unknown fields are counted at every depth and committed to nowhere") {
    v1::Concern c = test::school_concern();
    const analysis before = analyse(c);
    c.GetReflection()->MutableUnknownFields(&c)->AddLengthDelimited(999, "secret");
    v1::Person& p = *c.mutable_persons(0);
    p.GetReflection()->MutableUnknownFields(&p)->AddVarint(888, 7);
    v1::PartialDate& d = *p.mutable_birth()->mutable_born();
    d.GetReflection()->MutableUnknownFields(&d)->AddVarint(777, 7);
    // A number of a newer schema's enum.
    c.mutable_risk()->add_factors(static_cast<v1::AssessmentFactor>(500));
    const analysis after = analyse(c);
    CHECK(after.unknown_fields == 4);
    CHECK(after.cells == before.cells);
    CHECK(after.fields.size() == before.fields.size());
}

TEST_CASE("an empty date and an empty message populate nothing") {
    v1::Concern c;
    person(c, "child-1", v1::SUBJECT_CHILD).mutable_birth()->mutable_born();
    c.mutable_persons(0)->mutable_voice();
    const analysis a = analyse(c);
    CHECK(find(a, cell(1, v1::CATEGORY_IDENTITY)) == nullptr);
    CHECK(a.populated_fields == 2);
}

TEST_CASE("leaf fields have the paths and values of docs/formats/fields.md") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.add_bases(v1::LAWFUL_BASIS_S1P18);
    v1::Person& p = person(c, "child-1", v1::SUBJECT_CHILD);
    p.mutable_birth()->mutable_born()->set_year(2017);
    p.mutable_birth()->mutable_born()->set_month(3);
    p.mutable_education()->set_attendance_percent(0);
    std::string table;
    const analysis a = analyse(c);
    for (const field_value f : a.fields) {
        table += "| `" + to_hex(f.path) + "` | `" + to_hex(f.value) + "` |\n";
    }
    std::ifstream page{CAIRN_SOURCE_DIR "/docs/formats/fields.md"};
    std::stringstream text;
    text << page.rdbuf();
    REQUIRE(page.good());
    CAPTURE(table);
    CHECK(text.str().find(table) != std::string::npos);
}

TEST_CASE("a value is the shortest varint of what stands on the wire") {
    v1::Concern c;
    v1::Person& p = person(c, "x", v1::SUBJECT_CHILD);
    p.mutable_education()->set_suspensions(300);
    p.set_deceased(true);
    const analysis a = analyse(c);
    const auto value = [&](bytes_view tail) {
        for (const field_value f : a.fields) {
            if (f.path.size() >= tail.size() &&
                f.path.compare(f.path.size() - tail.size(), tail.size(), tail) == 0) {
                return to_hex(f.value);
            }
        }
        return std::string{"none"};
    };
    CHECK(value(*from_hex("0000000bffffffff00000005ffffffff")) == "ac02");
    CHECK(value(*from_hex("00000017ffffffff")) == "01");
}
