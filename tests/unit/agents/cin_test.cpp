#include "agents/profiles/cin.hpp"
#include "agents/profiles/cin_values.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/exchange.pb.h"
#include "formats_support.hpp"
#include "intake/validate.hpp"
#include "support/golden.hpp"
#include "support/skip.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;
using agents_test::map_all;
using agents_test::mapped_file;

namespace {

mapped_file map_text(const std::string& child) {
    auto out = map_all(
        map_cin,
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children><Child>" +
            child + "</Child></Children></Message>"
    );
    REQUIRE_OK(out);
    REQUIRE(out->concerns.size() == 1);
    return std::move(*out);
}

const leaf_report& only(const mapped_file& f, const std::string& ending) {
    const leaf_report* found = nullptr;
    for (const auto& leaf : f.report.leaves) {
        const auto at = leaf.path.rfind(ending);
        if (at == std::string::npos || at + ending.size() != leaf.path.size()) continue;
        REQUIRE(found == nullptr);
        found = &leaf;
    }
    REQUIRE(found != nullptr);
    return *found;
}

const auto census = agents_test::sample("csc-validator-be-cin/CIN_Census_2026.xml");

} // namespace

TEST_CASE("the public census sample goes in unmodified and every leaf of it is accounted for") {
    if (!std::filesystem::exists(census)) CAIRN_SKIP("no census sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(census);
    const auto leaves = agents_test::all_xml(file);
    REQUIRE_OK(leaves);
    const auto mapped = map_all(map_cin, file);
    REQUIRE_OK(mapped);
    const auto& out = *mapped;

    CHECK(out.concerns.size() == 2);
    const auto& r = out.report;
    CHECK(r.mapped + r.unmapped + r.ignored == leaves->size());
    CHECK(r.leaves.size() == leaves->size());
    CHECK(r.unmapped == 2);
    CHECK(only(out, "ChildIdentifiers/text()").status == leaf_status::unmapped);
    CHECK(only(out, "ChildIdentifiers/text()").line == 23);
    CHECK(only(out, "AssessmentFactors[2]").note == "not a code of the set");
    // No value of the file stands in the report.
    const auto text = r.text();
    for (const auto* value : {"A123456789123", "DfEX0000001", "2015-03-27", "WBRI", "HAND"})
        CHECK(text.find(value) == std::string::npos);
    const auto same = test::golden("report_census.txt", text);
    INFO(same.difference);
    CHECK(same.same);

    const auto& first = out.concerns[0].persons(0);
    REQUIRE(first.identifiers().size() == 3);
    CHECK(first.identifiers(1).value() == "A123456789123");
    CHECK(first.identifiers(1).upn_unknown() == v1::UPN_UNKNOWN_UN3);
    CHECK(only(out, "Child/ChildIdentifiers/UPN").status == leaf_status::mapped);
    CHECK(only(out, "Child/ChildIdentifiers/UPN").note.find("check letter") != std::string::npos);
    CHECK(first.sex() == v1::SEX_MALE);
    CHECK(first.health().disabilities().size() == 2);
    CHECK(first.birth().born().day() == 27);
    const auto& c = first.case_status();
    CHECK(c.local_authority() == "201");
    CHECK(c.assessments(0).factors().size() == 2);
    REQUIRE(c.plans().size() == 2);
    CHECK(c.plans(1).previous_plans() == 10);
    CHECK(c.plans(1).reviewed_on().size() == 1);
    CHECK(c.enquiries(0).conference_not_required() == v1::Relation::ANSWER_NO);
    CHECK(c.first_conference_on().month() == 12);
    CHECK(c.enquiries(0).conference_on().month() == 6);
    CHECK(c.pre_proceedings().review_meetings() == 3);
    CHECK(out.concerns[0].status().as_of().year() == 2024);

    const auto& second = out.concerns[1].persons(0);
    CHECK(second.sex() == v1::SEX_MALE);
    CHECK(second.case_status().no_further_action() == v1::Relation::ANSWER_NO);
    CHECK(second.case_status().assessments(0).factors().empty());
    CHECK(second.case_status().plans().empty());
}

TEST_CASE("the concerns made of the public census sample are valid once a profile's defaults are in"
) {
    if (!std::filesystem::exists(census)) CAIRN_SKIP("no census sample: set CAIRN_SHARED");
    const auto mapped = map_all(map_cin, agents_test::read_file(census));
    REQUIRE_OK(mapped);
    for (auto concern : mapped->concerns) {
        concern.set_purpose(v1::PURPOSE_CIN17);
        concern.add_bases(v1::LAWFUL_BASIS_6E);
        concern.add_desks("oakfield/dsl");
        concern.mutable_acting()->set_role("data_officer");
        concern.mutable_acting()->set_staff_id("s-1");
        const auto ok = intake::validate(concern, intake::plain_review_days("2026-11-22"));
        if (!ok) FAIL(ok.error().public_text());
    }
}

TEST_CASE("a wrong pupil number goes through with a warning and a right one without") {
    const auto wrong = map_text("<ChildIdentifiers><UPN>A123456789123</UPN></ChildIdentifiers>");
    CHECK(wrong.concerns[0].persons(0).identifiers(0).value() == "A123456789123");
    CHECK(wrong.report.warnings == 1);
    const auto right = map_text("<ChildIdentifiers><UPN>H801200001001</UPN></ChildIdentifiers>");
    CHECK(right.report.warnings == 0);
    CHECK(right.concerns[0].persons(0).identifiers(0).value() == "H801200001001");
}

TEST_CASE("each way of writing a yes, a sex and a date is read, and other words are unmapped") {
    for (const auto* word : {"1", "true", "TRUE"}) CHECK(census_bool(word) == true);
    for (const auto* word : {"0", "false", "False"}) CHECK(census_bool(word) == false);
    for (const auto* word : {"", "yes", "2", "01"}) CHECK_FALSE(census_bool(word));
    CHECK(census_date("2024-02-29"));
    CHECK(census_date("2023-05-23T11:14:05"));
    for (const auto* word :
         {"2023-02-29", "29/02/2024", "2024-2-9", "", "2024-13-01", "0000-01-01"})
        CHECK_FALSE(census_date(word));
    CHECK(census_code(*v1::ReferralSource_descriptor(), "1a") == v1::REFERRAL_SOURCE_1A);
    CHECK_FALSE(census_code(*v1::ReferralSource_descriptor(), "unspecified"));
    CHECK_FALSE(census_code(*v1::ReferralSource_descriptor(), "1A "));

    CHECK(
        map_text("<ChildIdentifiers><GenderCurrent>F</GenderCurrent></ChildIdentifiers>")
            .concerns[0]
            .persons(0)
            .sex() == v1::SEX_FEMALE
    );
    const auto odd = map_text("<ChildIdentifiers><Sex>X</Sex></ChildIdentifiers>");
    CHECK(only(odd, "Sex").status == leaf_status::unmapped);
}

TEST_CASE("an unborn child has an expected date and is not of unknown sex") {
    const auto unborn = map_text("<ChildIdentifiers><Sex>0</Sex><ExpectedPersonBirthDate>2026-12-01"
                                 "</ExpectedPersonBirthDate></ChildIdentifiers>");
    CHECK(unborn.concerns[0].persons(0).sex() == v1::SEX_UNBORN);
    CHECK(unborn.concerns[0].persons(0).birth().expected().month() == 12);
    const auto born = map_text("<ChildIdentifiers><Sex>0</Sex><PersonBirthDate>2020-12-01"
                               "</PersonBirthDate></ChildIdentifiers>");
    CHECK(born.concerns[0].persons(0).sex() == v1::SEX_UNKNOWN);
}

TEST_CASE("repeated groups stay apart and their leaves together") {
    const auto out = map_text("<CINdetails>"
                              "<Assessments><AssessmentActualStartDate>2024-01-01"
                              "</AssessmentActualStartDate></Assessments>"
                              "<Assessments><AssessmentActualStartDate>2025-01-01"
                              "</AssessmentActualStartDate><AssessmentAuthorisationDate>2025-02-01"
                              "</AssessmentAuthorisationDate></Assessments></CINdetails>");
    const auto& all = out.concerns[0].persons(0).case_status().assessments();
    REQUIRE(all.size() == 2);
    CHECK(all[0].started().year() == 2024);
    CHECK_FALSE(all[0].has_authorised());
    CHECK(all[1].started().year() == 2025);
    CHECK(all[1].authorised().month() == 2);
}

TEST_CASE("a second episode's single values are reported as not carried") {
    const auto out = map_text("<CINdetails><CINreferralDate>2024-01-01</CINreferralDate>"
                              "</CINdetails><CINdetails><CINreferralDate>2025-01-01"
                              "</CINreferralDate></CINdetails>");
    CHECK(out.report.unmapped == 1);
    CHECK(out.concerns[0].persons(0).case_status().referred_on().year() == 2024);
}

TEST_CASE("elements nobody knows are unmapped, never fatal") {
    const auto out = map_text("<New><Thing>1</Thing></New><CINdetails><Odd a='b'/></CINdetails>");
    CHECK(out.report.unmapped == 2);
    CHECK(out.report.ignored == 1 + 1);
}

TEST_CASE("a header behind the first child is accounted for and changes no concern") {
    const auto out = map_all(
        map_cin,
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children><Child><ChildIdentifiers><LAchildID>x</LAchildID></ChildIdentifiers>"
        "</Child></Children><Header><Source><LEA>201</LEA></Source></Header></Message>"
    );
    REQUIRE_OK(out);
    CHECK(out->report.unmapped == 1);
    CHECK(only(*out, "LEA").note == "behind the first child: not carried");
    CHECK(out->concerns[0].persons(0).case_status().local_authority().empty());
}

TEST_CASE("a census without a child is refused") {
    const auto out = map_all(
        map_cin,
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children/></Message>"
    );
    CHECK(out.error().code == errc::format_malformed);
}

TEST_CASE("the longest row that fits is taken, and what stands in none is unmapped") {
    const auto set = [](int& to, const formats::leaf&) -> leaf_outcome {
        ++to;
        return {};
    };
    const row<int> rows[] = {
        {"a/b", set, "x"},
        {"a/*", nullptr, "short"},
        {"a/c/*", nullptr, "long"},
        {"a/c/d", set, "y"},
    };
    const std::span<const row<int>> all(rows);
    CHECK(find_row(all, "a/b")->about == "x");
    CHECK(find_row(all, "a/z/y")->about == "short");
    CHECK(find_row(all, "a/c/z")->about == "long");
    CHECK(find_row(all, "a/c/d")->about == "y");
    CHECK(find_row(all, "a") == nullptr);
    CHECK(find_row(all, "ab/c") == nullptr);
}
