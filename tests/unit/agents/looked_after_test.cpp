#include "agents/profiles/identity_list.hpp"
#include "agents/profiles/looked_after.hpp"

#include "formats_support.hpp"
#include "support/golden.hpp"
#include "support/skip.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;
using agents_test::map_all;

namespace {

const auto missing = agents_test::sample("csc-validator-be-903/missing.csv");
const auto pupils = agents_test::sample("SUI_Matcher/reconciliation_test_data.csv");

std::size_t cells(bytes_view csv) {
    std::size_t out = 0;
    const auto read = formats::read_csv(
        formats::pieces_of(csv),
        [](const auto&) -> status { return {}; },
        [&](formats::leaf&&) -> status {
            ++out;
            return {};
        }
    );
    REQUIRE_OK(read);
    return out;
}

void check_report(const char* golden, const std::string& text) {
    const auto same = test::golden(golden, text);
    INFO(same.difference);
    CHECK(same.same);
}

using formats::file_source;
const auto missing_of = [](const file_source& f, const concern_sink& to) {
    return map_missing(f, to);
};
const auto episodes_of = [](const file_source& f, const concern_sink& to) {
    return map_episodes(f, to);
};
const auto reviews_of = [](const file_source& f, const concern_sink& to) {
    return map_reviews(f, to);
};

std::string note_at(const file_report& r, const std::string& path) {
    for (const auto& l : r.leaves)
        if (l.path == path) return l.note;
    return "no such leaf";
}

} // namespace

TEST_CASE("the public table of missing episodes goes in unmodified, one concern a child") {
    if (!std::filesystem::exists(missing)) CAIRN_SKIP("no sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(missing);
    const auto out = map_all(missing_of, file);
    REQUIRE_OK(out);
    const auto& r = out->report;
    CHECK(r.mapped + r.unmapped + r.ignored == cells(file));
    CHECK(r.leaves.size() == cells(file));
    CHECK(r.unmapped == 0);
    std::size_t episodes = 0;
    for (const auto& c : out->concerns) {
        CHECK(c.has_status());
        CHECK(c.persons().size() == 1);
        episodes += static_cast<std::size_t>(c.persons(0).missing_episodes().size());
    }
    CHECK(episodes == 43);
    CHECK(out->concerns.size() == 39);
    const auto& twice = out->concerns[6].persons(0);
    REQUIRE(twice.missing_episodes().size() == 2);
    CHECK(twice.missing_episodes(0).kind() == v1::MissingEpisode::KIND_AWAY_WITHOUT_AUTHORITY);
    CHECK(twice.missing_episodes(1).started().month() == 11);
    CHECK(twice.birth().born().day() == 5);
    CHECK(r.text().find("26033") == std::string::npos);
    check_report("report_missing_episodes.txt", r.text());
}

TEST_CASE("the public pupil list gives a report that names what to look at, and no concern") {
    if (!std::filesystem::exists(pupils)) CAIRN_SKIP("no sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(pupils);
    const auto out = map_all(map_pupils, file);
    REQUIRE_OK(out);
    CHECK(out->concerns.empty());
    const auto& r = out->report;
    CHECK(r.ignored == cells(file));
    CHECK(r.mapped + r.unmapped == 0);
    CHECK(note_at(r, "row[5]/NHSNumber").find("check digit") != std::string::npos);
    CHECK(note_at(r, "row[3]/NHSNumber").find("also in line 3") != std::string::npos);
    CHECK(note_at(r, "row[6]/NHSNumber") == "empty");
    for (const auto* value : {"CHISLETT", "9449305552", "KT19"})
        CHECK(r.text().find(value) == std::string::npos);
    check_report("report_pupil_list.txt", r.text());
}

TEST_CASE("rows of one child become one concern wherever they stand, and clashes are told") {
    const auto out = map_all(
        missing_of,
        "CHILD,DOB,MISSING,MIS_START,MIS_END\n"
        "1,02/03/2010,M,01/02/2020,02/02/2020\n"
        "2,02/03/2011,A,01/02/2020,\n"
        "1,03/03/2010,M,05/02/2020,06/02/2020\n"
        ",02/03/2011,M,05/02/2020,06/02/2020\n"
        "3,31/02/2011,X,05/02/20,\n"
    );
    REQUIRE_OK(out);
    REQUIRE(out->concerns.size() == 3);
    // In the order of their last rows.
    CHECK_FALSE(out->concerns[0].persons(0).missing_episodes(0).has_ended());
    CHECK(out->concerns[1].persons(0).missing_episodes().size() == 2);
    CHECK(out->concerns[1].persons(0).birth().born().day() == 2);
    CHECK(note_at(out->report, "row[3]/DOB") == "another date than the one carried");
    CHECK(note_at(out->report, "row[4]/DOB") == "the row names no child");
    CHECK(note_at(out->report, "row[5]/MISSING") == "not a code of the set");
    CHECK(out->report.unmapped == 1 + 4 + 3);
    CHECK(out->concerns[2].persons(0).missing_episodes().empty());
}

TEST_CASE("a table read for few children at a time gives the concerns of one reading for all") {
    std::string table = "CHILD,DOB,MISSING,MIS_START,MIS_END\n,02/03/2010,M,,\n";
    for (int day = 1; day <= 9; ++day)
        for (int child = 1; child <= 7; ++child)
            table += std::to_string(child) + ",02/03/2010,M,0" + std::to_string(day) +
                     "/02/2020,0" + std::to_string(day) + "/03/2020\n";
    const auto whole = map_all(missing_of, table);
    REQUIRE_OK(whole);
    REQUIRE(whole->concerns.size() == 7);
    for (const std::size_t at_once : {1U, 2U, 3U, 7U}) {
        const auto few = [&](const file_source& f, const concern_sink& to) {
            return map_missing(f, to, {at_once});
        };
        const auto out = map_all(few, table);
        REQUIRE_OK(out);
        REQUIRE(out->concerns.size() == 7);
        for (std::size_t i = 0; i < 7; ++i)
            CHECK(out->concerns[i].SerializeAsString() == whole->concerns[i].SerializeAsString());
        CHECK(out->report.text() == whole->report.text());
    }
}

TEST_CASE("a table that changes between two readings is refused, and nothing half told leaves") {
    const std::string head = "CHILD,DOB,MISSING,MIS_START,MIS_END\n";
    const std::string row = ",02/03/2010,M,01/02/2020,02/02/2020\n";
    for (const auto& [first, second] :
         {std::pair("1" + row + "1" + row, "1" + row),
          std::pair("1" + row, "1" + row + "2" + row)}) {
        int opened = 0;
        const std::string texts[] = {head + first, head + second};
        const auto changing = [&]() -> result<formats::next_piece> {
            return formats::pieces_of(texts[std::min(opened++, 1)]);
        };
        std::size_t given = 0;
        const auto out = map_missing(changing, [&](v1::Concern&&) -> status {
            ++given;
            return {};
        });
        REQUIRE_FAILS(out);
        CHECK(out.error().code == errc::format_malformed);
        CHECK(out.error().where == "the file changed while it was read");
        CHECK(given <= 1);
    }
}

TEST_CASE("an episode of care protects the placement's address and says the order") {
    const auto out = map_all(
        episodes_of,
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,"
        "URN\n"
        "7,01/04/2025,S,C2,N1,U1,PR4,,,,ZZ99 3VZ,NN4 6AB,SC000000\n"
        "7,01/04/2024,P,V2,N1,U1,PR4,31/03/2025,X1,LAREQ,NN1 1AA,NN2 2BB,\n"
    );
    REQUIRE_OK(out);
    REQUIRE(out->concerns.size() == 1);
    const auto& p = out->concerns[0].persons(0);
    REQUIRE(p.case_status().plans().size() == 2);
    CHECK(p.case_status().plans(0).kind() == v1::CaseStatus::Plan::KIND_LOOKED_AFTER);
    CHECK_FALSE(p.case_status().plans(0).has_until());
    CHECK(p.case_status().plans(1).until().year() == 2025);
    REQUIRE(p.orders().size() == 1);
    CHECK(p.orders(0).kind() == v1::Order::KIND_CARE);
    CHECK(p.orders(0).from().month() == 4);
    CHECK(p.case_status().primary_need() == v1::PRIMARY_NEED_N1);
    for (const auto& a : p.addresses()) {
        if (a.use() == v1::Address::USE_PLACEMENT)
            CHECK(a.harm() == v1::Address::HARM_PROTECTED);
        else
            CHECK(a.harm() != v1::Address::HARM_SAFE);
    }
    CHECK(p.addresses(0).lines(0) == "no fixed abode");
    CHECK(note_at(out->report, "row[2]/LS") == "no order that a concern knows");
    CHECK(note_at(out->report, "row/URN").find("placement") != std::string::npos);
}

TEST_CASE("reviews go to the plan, and tables of identities and statistics are reported alone") {
    const auto reviews =
        map_all(reviews_of, "CHILD,DOB,REVIEW,REVIEW_CODE\n1,02/03/2010,05/06/2025,PN1\n");
    REQUIRE_OK(reviews);
    CHECK(reviews->concerns[0].persons(0).case_status().plans(0).reviewed_on(0).month() == 6);
    const auto header = map_all(
        map_looked_after_identity,
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,1,02/03/2010,WBRI,A123456789123,,\n"
        "1,1,01/01/2010,WBRI,UN4,,\n"
    );
    REQUIRE_OK(header);
    CHECK(header->concerns.empty());
    CHECK(header->report.mapped == 0);
    CHECK(note_at(header->report, "row/UPN").find("check letter") != std::string::npos);
    CHECK(note_at(header->report, "row[2]/CHILD").find("also in line 2") != std::string::npos);
    CHECK(note_at(header->report, "row[2]/DOB").find("1 January") != std::string::npos);
    const auto statistics = map_all(map_statistics, "CHILD,DOB,SDQ_SCORE\n1,02/03/2010,17\n");
    REQUIRE_OK(statistics);
    CHECK(statistics->concerns.empty());
    CHECK(statistics->report.ignored == 3);
}

TEST_CASE("a column that no table of identities or statistics knows is unmapped, and says so") {
    const auto told = [](const auto& out) {
        REQUIRE_OK(out);
        CHECK(out->concerns.empty());
        CHECK(out->report.mapped == 0);
        CHECK(out->report.unmapped == 1);
        // The cell that is empty lacks nothing.
        CHECK(note_at(out->report, "row/ALLERGY") == "no place for it");
        CHECK(note_at(out->report, "row[2]/ALLERGY") == "empty");
    };
    told(map_all(map_statistics, "CHILD,DOB,SDQ_SCORE,ALLERGY\n1,02/03/2010,17,nuts\n2,,,\n"));
    told(map_all(map_looked_after_identity, "CHILD,SEX,DOB,ALLERGY\n1,1,02/03/2010,x\n2,,,\n"));
    told(map_all(map_pupils, "Surname,DOB,ALLERGY\nOakley,02/03/2010,x\nOakley,,\n"));
}

TEST_CASE("every column of the return's tables of statistics is ignored by name") {
    // As the return's guide names them, so that an ordinary file has nothing unmapped.
    for (const char* columns :
         {"CHILD,SEX,DOB,DUC",
          "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,"
          "HEALTH_ASSESSMENT,SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED",
          "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM",
          "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR",
          "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED",
          "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM"}) {
        INFO(columns);
        const std::string file = std::string(columns) + "\n" + columns + "\n";
        const auto out = map_all(map_statistics, file);
        REQUIRE_OK(out);
        CHECK(out->report.ignored == cells(file));
        CHECK(out->report.unmapped == 0);
    }
}
