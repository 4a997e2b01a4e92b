#include "agents/apps/dropped_reader.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/apps/sidecar.hpp"

#include "formats_support.hpp"

#include "cairn/v1/exchange.pb.h"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::apps;
namespace v1 = cairn::v1;
using profiles::agency_profile;

namespace {

struct setting {
    v1::Concern defaults;
    agents_test::manual_clock time;
    agents_test::counting_random random;

    setting() {
        defaults.set_purpose(v1::PURPOSE_CIN17);
        defaults.add_bases(v1::LAWFUL_BASIS_6E);
        defaults.add_desks("northshire-council/front_door");
        defaults.mutable_acting()->set_role("desk");
        defaults.mutable_acting()->set_staff_id("x-1");
        defaults.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
    }

    result<picked_up>
    pick(std::string_view name, bytes_view content, agency_profile profile = agency_profile::any) {
        return pick_up(name, content, {defaults, "", time.wall_now(), random, profile});
    }
};

constexpr std::string_view missing =
    "CHILD,DOB,MISSING,MIS_START,MIS_END\n1,02/03/2010,M,01/02/2020,02/02/2020\n";
constexpr std::string_view hearing =
    R"({"hearing":{"prosecutionCases":[{"defendants":[{"personDefendant":{"personDetails":)"
    R"({"lastName":"Stonewell"}}}]}]}})";
constexpr std::string_view pupils =
    "Surname,Forename,DOB,NHSNumber\nHartley,Baby of,02/03/2010,1\n";
constexpr std::string_view own = R"({"notification":{"incident":"INCIDENT_NEGLECT"}})";

v1::Concern concern_of(const submission& row) {
    v1::SubmitRequest request;
    REQUIRE(request.ParseFromString(row.request));
    return request.concern();
}

} // namespace

TEST_CASE("a file is recognised by what is in it, whatever its name before the dot") {
    setting s;
    CHECK(s.pick("a.csv", missing)->rows.size() == 1);
    CHECK(s.pick("a.json", hearing)->rows.size() == 1);
    CHECK(s.pick("a.json", own)->rows.size() == 1);
    const auto list = s.pick("a.csv", pupils);
    REQUIRE_OK(list);
    CHECK(list->rows.empty());
    CHECK(list->report.find("pupil list") == 0);
    const auto unknown = s.pick("a.csv", "Name,Born\nx,y\n");
    CHECK(unknown.error().code == errc::format_malformed);
    CHECK(unknown.error().where.find("Surname Forename DOB") != std::string::npos);
    CHECK(unknown.error().where.find("Born") == std::string::npos);
    CHECK(s.pick("a.doc", "x").error().where.find(".csv") != std::string::npos);
    CHECK(s.pick("a.xml", "<Other><x/></Other>").error().code == errc::format_malformed);
}

TEST_CASE("a byte order mark and line ends of any kind, mixed, change nothing in any format") {
    const std::string census =
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header>\n<Children><Child><ChildIdentifiers><Sex>2</Sex></ChildIdentifiers></Child>\n"
        "</Children></Message>\n";
    const std::string patient =
        R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
        R"({"resourceType":"Patient","id":"p","birthDate":"2017-03-09"}},)"
        "\n"
        R"({"resource":{"resourceType":"Communication","status":"completed",)"
        R"("subject":{"reference":"Patient/p"},"topic":{"text":"a fall"}}}]})"
        "\n";
    const std::string as_xml =
        "<Bundle xmlns='http://hl7.org/fhir'><type value='collection'/>\n<entry><resource><Patient>"
        "<id value='p'/><birthDate value='2017-03-09'/></Patient></resource></entry>\n<entry>"
        "<resource><Communication><status value='completed'/><subject><reference "
        "value='Patient/p'/></subject><topic><text value='a fall'/></topic></Communication>"
        "</resource></entry></Bundle>\n";
    const std::pair<const char*, std::string> files[] = {
        {"own.json", std::string(own) + "\n\n"},
        {"hearing.json", std::string(hearing) + "\n\n"},
        {"bundle.json", patient},
        {"bundle.xml", as_xml},
        {"census.xml", census},
        {"missing.csv", std::string(missing)}};
    for (const auto& [name, plain] : files) {
        INFO(name);
        setting s;
        const auto as_it_is = s.pick(name, plain);
        REQUIRE_OK(as_it_is);
        REQUIRE(as_it_is->rows.size() == 1);
        std::string odd = "\xef\xbb\xbf";
        int ends = 0;
        for (const char c : plain) {
            if (c == '\n' && ends++ % 2 == 0) odd += '\r';
            odd += c;
        }
        const auto out = s.pick(name, odd);
        REQUIRE_OK(out);
        REQUIRE(out->rows.size() == 1);
        CHECK(
            concern_of(out->rows[0]).SerializeAsString() ==
            concern_of(as_it_is->rows[0]).SerializeAsString()
        );
    }
}

TEST_CASE("Latin-1 bytes that nobody declared are refused with their line, or read in a table") {
    setting s;
    const auto where = [&](const char* name, const std::string& content) {
        const auto out = s.pick(name, content);
        REQUIRE_FAILS(out);
        CHECK(out.error().code == errc::format_malformed);
        return out.error().where;
    };
    const std::string zoe = "Zo\xeb";
    CHECK(where("a.json", "{\n\"senderReference\":\"" + zoe + "\"}").find("line 2") == 0);
    CHECK(where("a.xml", "<Message>\n<Header>" + zoe + "</Header></Message>").find("line 2") == 0);
    CHECK(
        where("b.xml", "<Patient xmlns='http://hl7.org/fhir'>\n<id value='" + zoe + "'/></Patient>")
            .find("line 2") == 0
    );
    CHECK_OK(s.pick("p.csv", "Surname,Forename,DOB,NHSNumber\nHartley," + zoe + ",02/03/2010,1\n"));
}

TEST_CASE("a dropped Task is an answer with the profile's acting person, and to no default desk") {
    setting s;
    s.defaults.mutable_acting()->set_authenticated_by("nhs-cis2");
    const std::string head =
        R"({"resourceType":"Task","groupIdentifier":{"value":)"
        R"("urn:uuid:01234567-89ab-cdef-0123-456789abcdef"},"focus":{"identifier":{"value":)"
        R"("urn:uuid:89abcdef-0123-4567-89ab-cdef01234567"}},"status":")";
    const auto read = s.pick("a.json", head + R"(received"})", agency_profile::health);
    REQUIRE_OK(read);
    REQUIRE(read->rows.size() == 1);
    const auto ack = concern_of(read->rows[0]);
    CHECK(ack.has_acknowledgement());
    CHECK(ack.in_reply_to() == "89abcdef0123456789abcdef01234567");
    CHECK(ack.thread() == "0123456789abcdef0123456789abcdef");
    CHECK(ack.purpose() == v1::PURPOSE_FEEDBACK);
    CHECK(ack.bases_size() == 1);
    CHECK(ack.bases(0) == v1::LAWFUL_BASIS_6E);
    CHECK(ack.desks().empty());
    CHECK(ack.acting().role() == "desk");
    CHECK(ack.acting().staff_id() == "x-1");
    CHECK(ack.acting().authenticated_by() == "nhs-cis2");
    const auto decided = s.pick(
        "b.json",
        head + R"(completed","owner":{"identifier":{"value":"nh-7"}},)"
               R"("output":[{"valueCodeableConcept":{"coding":[{"code":"S47"}]}}]})"
    );
    REQUIRE_OK(decided);
    const auto outcome = concern_of(decided->rows.at(0));
    CHECK(outcome.outcome().decision() == v1::Outcome::DECISION_S47);
    CHECK(outcome.acting().staff_id() == "nh-7");
    CHECK(outcome.acting().role() == "desk");
    const auto back = s.pick("c.json", head + R"(rejected"})");
    REQUIRE_FAILS(back);
    CHECK(reason_text(back.error()).find("cairn return") != std::string::npos);
    s.defaults.clear_acting();
    CHECK(s.pick("a.json", head + R"(received"})").error().where.find("role") == 0);
}

TEST_CASE("a profile takes its own formats and says which they are") {
    setting s;
    CHECK_OK(s.pick("a.csv", missing, agency_profile::police));
    CHECK_OK(s.pick("a.json", own, agency_profile::school));
    const auto refused = s.pick("a.csv", missing, agency_profile::school);
    CHECK(refused.error().where.find("agent.profile is school") != std::string::npos);
    CHECK(refused.error().where.find("pupil-list") != std::string::npos);
    CHECK(s.pick("a.json", hearing, agency_profile::health).error().code == errc::format_malformed);
    constexpr std::string_view patient = R"({"resourceType":"Patient","id":"a"})";
    const auto identity = s.pick("a.json", patient, agency_profile::health);
    REQUIRE_OK(identity);
    CHECK(identity->rows.empty());
    CHECK_FALSE(identity->report.empty());
    CHECK(s.pick("a.json", patient, agency_profile::school).error().where.find("fhir-json") == 0);
    constexpr std::string_view in_xml =
        "<Patient xmlns='http://hl7.org/fhir'><id value='a'/></Patient>";
    CHECK_OK(s.pick("a.xml", in_xml, agency_profile::health));
    CHECK_OK(s.pick("a.csv", pupils, agency_profile::school));
}

TEST_CASE("what a foreign format cannot say comes from the defaults or the file is refused") {
    setting s;
    auto c = concern_of(s.pick("a.json", hearing)->rows.front());
    CHECK(c.risk().level() == v1::RISK_LEVEL_NEED);
    CHECK(c.desks(0) == "northshire-council/front_door");
    CHECK(c.acting().staff_id() == "x-1");
    s.defaults.clear_risk();
    CHECK(s.pick("a.json", hearing).error().where.find("risk") == 0);
    // A status is a system's report: no risk level, no acting person.
    s.defaults.clear_acting();
    CHECK_OK(s.pick("a.csv", missing));
    s.defaults.clear_purpose();
    CHECK(s.pick("a.csv", missing).error().code == errc::required);
}

TEST_CASE("our own JSON is refused where a member stands twice, and told of what to look at") {
    setting s;
    CHECK(
        s.pick("a.json", R"({"purpose":"PURPOSE_S47","purpose":"PURPOSE_CIN17"})").error().where ==
        "line 1, column 34: a member is given twice"
    );
    CHECK(s.pick("a.json", "[1]").error().where == "line 1: not a JSON object");
    CHECK(s.pick("a.json", own)->report.empty());
    const auto odd = s.pick(
        "a.json",
        R"({"concern":{"persons":[{"ref":"c-1","role":"SUBJECT_CHILD",)"
        R"("names":[{"given":"Baby of","family":"Baby of Hartley"}],)"
        R"("identifiers":[{"scheme":"SCHEME_NHS_NUMBER","value":"9000000008"}],)"
        R"("addresses":[{"postcode":"ZZ99 3VZ"}]}]}})"
    );
    REQUIRE_OK(odd);
    CHECK(odd->report.find("warnings 3") != std::string::npos);
    CHECK(
        odd->report.find("concern/persons/identifiers/value\tthe check digit") != std::string::npos
    );
    CHECK(odd->report.find("9000000008") == std::string::npos);
    // Carried as it is.
    CHECK(concern_of(odd->rows.front()).persons(0).identifiers(0).value() == "9000000008");
}

TEST_CASE("a sidecar says what the defaults do not, in TOML or JSON, and strictly") {
    setting s;
    const auto toml = with_sidecar(
        s.defaults,
        "a.csv.toml",
        "purpose = \"missing\"\ndesks = [\"a/b\", \"c/d\"]\nrisk = \"need\"\n"
    );
    REQUIRE_OK(toml);
    CHECK(toml->purpose() == v1::PURPOSE_MISSING);
    CHECK(toml->desks().size() == 2);
    CHECK(toml->bases(0) == v1::LAWFUL_BASIS_6E);
    const auto json = with_sidecar(
        s.defaults, "a.csv.json", R"({"purpose":"missing","desks":["a/b","c/d"],"risk":"need"})"
    );
    REQUIRE_OK(json);
    CHECK(json->SerializeAsString() == toml->SerializeAsString());
    const auto where = [&](std::string_view name, std::string_view text) {
        const auto read = with_sidecar(s.defaults, name, text);
        REQUIRE_FAILS(read);
        return read.error().where;
    };
    CHECK(where("a.csv.toml", "purpose = \"x\"\n") == "sidecar, line 1: purpose, wanted a purpose");
    CHECK(
        where("a.csv.toml", "\nporpoise = \"s47\"\n")
            .find("sidecar, line 2: porpoise; known: authenticated_by, bases") == 0
    );
    CHECK(where("a.csv.json", "{\"x\":\"s47\"}").find("sidecar, x; known") == 0);
    CHECK(
        where("a.csv.json", "{\"purpose\":{\"a\":\"s47\"}}").find("wanted a text or a list") !=
        std::string::npos
    );
    CHECK(where("a.csv.toml", "[broken").find("sidecar, line 1") == 0);
}

TEST_CASE("a sidecar is known by its double ending and is never a file of its own") {
    for (const auto* name : {"a.csv.toml", "a.json.json", "census.xml.toml"})
        CHECK(is_sidecar(name));
    for (const auto* name : {"a.csv", "a.json", "a.toml", "json.json", ".json.json", "a.tsv.toml"})
        CHECK_FALSE(is_sidecar(name));
    CHECK(sidecars_of("a.csv") == std::vector<std::string>{"a.csv.toml", "a.csv.json"});
}

TEST_CASE("the report of a big file groups what stands behind the first twenty thousand values") {
    setting s;
    std::string file = "CHILD,DOB,MISSING,MIS_START,MIS_END\n";
    for (int i = 0; i < 5000; ++i) file += std::to_string(i) + ",02/03/2010,M,01/02/2020,x\n";
    const auto out = s.pick("a.csv", file);
    REQUIRE_OK(out);
    CHECK(
        out->report.find("all 25000, mapped 20000, unmapped 5000, ignored 0") != std::string::npos
    );
    CHECK(out->report.find("\n1000\t4002\tunmapped\trow/MIS_END\tnot a date") != std::string::npos);
}

TEST_CASE("a gigabyte of CSV is refused by its size, before a byte of it is read") {
    agents_test::scratch_folder folder;
    const auto path = folder.path() / "a.csv";
    std::ofstream(path) << missing;
    // Sparse: it takes no room.
    std::filesystem::resize_file(path, std::size_t{1024} * 1024 * 1024);
    const auto limit = size_limit("a.csv");
    REQUIRE(limit);
    CHECK(*limit == std::size_t{256} * 1024 * 1024);
    const auto file = dropped_reader::open(path, *limit);
    REQUIRE_FAILS(file);
    CHECK(file.error().code == errc::too_large);
    CHECK_FALSE(size_limit("a.exe"));
}

TEST_CASE("our own JSON is refused above its own limit, smaller than a hearing's") {
    setting s;
    const std::string large = R"({"notification":{"narrative":")" +
                              std::string(std::size_t{200} * 1024, 'x') + R"("},"bases":[)";
    std::string file = large + "\"LAWFUL_BASIS_6E\"";
    while (file.size() < std::size_t{5} * 1024 * 1024) file += ",\"LAWFUL_BASIS_6E\"";
    CHECK(s.pick("a.json", file + "]}").error().code == errc::too_large);
}
