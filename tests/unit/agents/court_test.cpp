#include "agents/profiles/court.hpp"

#include "formats_support.hpp"
#include "intake/validate.hpp"
#include "support/golden.hpp"
#include "support/skip.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;

namespace {

const auto sample = agents_test::sample("hmpps-person-record/commonPlatformMessage.json");

result<agents_test::mapped_file> court(bytes_view file) {
    return agents_test::map_all(
        [](const auto& pieces, const auto& to) { return map_court(pieces, to, 2026); }, file
    );
}

std::string hearing_of(const std::string& defendant, const std::string& more = "") {
    return R"({"hearing":{"type":{"description":"trial"},"hearingDays":[{"sittingDay":)"
           R"("2026-03-02T09:00:00.000Z"}],"prosecutionCases":[{"defendants":[)" +
           defendant + R"(],"prosecutionCaseIdentifier":{"caseURN":"25AB1"}}])" + more + "}}";
}

std::string person(const std::string& born, const std::string& more = "") {
    return R"({"personDefendant":{"personDetails":{"firstName":"Gareth","lastName":"Stonewell",)"
           R"("dateOfBirth":")" +
           born + R"("}})" + more + "}";
}

std::string note_at(const file_report& r, const std::string& ending) {
    for (const auto& l : r.leaves)
        if (l.path.size() >= ending.size() &&
            l.path.compare(l.path.size() - ending.size(), ending.size(), ending) == 0)
            return l.note;
    return "no such leaf";
}

} // namespace

TEST_CASE("the public court hearing goes in unmodified, one adult-risk notification a defendant") {
    if (!std::filesystem::exists(sample)) CAIRN_SKIP("no sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(sample);
    std::size_t leaves = 0;
    REQUIRE_OK(formats::read_json(formats::pieces_of(file), [&](formats::leaf&&) -> status {
        ++leaves;
        return {};
    }));
    const auto out = court(file);
    REQUIRE_OK(out);
    const auto& r = out->report;
    CHECK(r.mapped + r.unmapped + r.ignored == leaves);
    CHECK(r.leaves.size() == leaves);
    REQUIRE(out->concerns.size() == 3);
    for (auto c : out->concerns) {
        CHECK(c.notification().incident() == v1::Notification::INCIDENT_ADULT_RISK);
        CHECK(c.notification().incident_reference() == "25GD34077819");
        REQUIRE(c.persons().size() == 1);
        const auto& p = c.persons(0);
        CHECK(p.role() == v1::SUBJECT_ALLEGED_PERPETRATOR);
        // Only the year: 1960-01-01.
        CHECK(p.birth().born().year() == 1960);
        CHECK(p.birth().born().month() == 0);
        CHECK(p.names(0).use() == v1::PersonName::USE_PLACEHOLDER);
        CHECK(p.identifiers().empty());
        CHECK(p.addresses(0).lines().size() == 5);
        CHECK(p.addresses(0).harm() != v1::Address::HARM_SAFE);
        CHECK(p.convictions(0).disposal() == v1::Conviction::DISPOSAL_CONVICTED);
        CHECK(p.convictions(0).offence_class() == v1::Conviction::OFFENCE_CLASS_VIOLENCE);
        CHECK(p.convictions(0).court() == "Crown Court 3-1");
        // What the wording says of a place and a victim goes nowhere.
        CHECK(c.DebugString().find("public house") == std::string::npos);

        c.set_purpose(v1::PURPOSE_S47);
        c.add_bases(v1::LAWFUL_BASIS_6E);
        c.add_desks("northshire-council/front_door");
        c.mutable_acting()->set_role("court desk");
        c.mutable_acting()->set_staff_id("np-1");
        c.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
        const auto ok = intake::validate(c, intake::plain_review_days("2026-11-22"));
        if (!ok) FAIL(ok.error().public_text());
    }
    const auto same = test::golden("report_court_hearing.txt", r.text());
    INFO(same.difference);
    CHECK(same.same);
}

TEST_CASE("charged, convicted and acquitted are told apart, and co-defendants go apart") {
    const auto out = court(hearing_of(
        person(
            "1980-05-06",
            R"(,"pncId":"2001/0171310S","offences":[)"
            R"({"offenceTitle":"a","plea":{"pleaValue":"GUILTY"}},)"
            R"({"offenceTitle":"b","verdict":{"verdictType":{"categoryType":"NOT_GUILTY"}}},)"
            R"({"offenceTitle":"c"}])"
        ) +
        "," + person("1981-05-06")
    ));
    REQUIRE_OK(out);
    REQUIRE(out->concerns.size() == 2);
    const auto& first = out->concerns[0].persons(0);
    REQUIRE(first.convictions().size() == 3);
    CHECK(first.convictions(0).disposal() == v1::Conviction::DISPOSAL_CONVICTED);
    CHECK(first.convictions(1).disposal() == v1::Conviction::DISPOSAL_ACQUITTED);
    CHECK(first.convictions(2).disposal() == v1::Conviction::DISPOSAL_CHARGED);
    CHECK(first.standings(0) == v1::STANDING_CONVICTED);
    CHECK(out->concerns[1].persons(0).standings(0) == v1::STANDING_SUSPECT);
    CHECK(note_at(out->report, "pncId").find("check letter") != std::string::npos);
    CHECK(first.identifiers(0).value() == "2001/0171310S");
    CHECK(out->concerns[0].persons().size() == 1);
}

TEST_CASE("a defendant under eighteen on the day is a child and no adult risk") {
    const auto child = court(hearing_of(person("2008-03-03")));
    REQUIRE_OK(child);
    CHECK(child->concerns[0].persons(0).role() == v1::SUBJECT_CHILD);
    CHECK(child->concerns[0].notification().incident() == v1::Notification::INCIDENT_OTHER);
    const auto adult = court(hearing_of(person("2008-03-02")));
    REQUIRE_OK(adult);
    CHECK(adult->concerns[0].persons(0).role() == v1::SUBJECT_ALLEGED_PERPETRATOR);
}

TEST_CASE("a hearing without a person is refused, and what nobody knows is unmapped") {
    CHECK(
        court(hearing_of(R"({"legalEntityDefendant":{"name":"Co"}})")).error().code ==
        errc::format_malformed
    );
    CHECK(court(R"({"hearing":{"id":"x"}})").error().code == errc::format_malformed);
    const auto odd = court(hearing_of(person("1980-01-02"), R"(,"new":{"thing":1})"));
    REQUIRE_OK(odd);
    CHECK(note_at(odd->report, "new/thing") == "no place for it");
    CHECK(odd->report.unmapped == 2); // the kind of hearing says nothing
}
