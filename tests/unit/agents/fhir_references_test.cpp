// Who is meant: references, resources inside resources, and patients known by a number.
#include "fhir_support.hpp"

#include <set>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
using namespace agents_test::fhir;
namespace v1 = cairn::v1;

TEST_CASE("a circle of references is cut, said, and never followed for ever") {
    const auto plan = [](const std::string& id, const std::string& next) {
        return entry(
            "urn:uuid:" + id,
            R"({"resourceType":"Communication","status":"completed",
            "subject":{"reference":"urn:uuid:p"},"partOf":[{"reference":"urn:uuid:)" +
                next + R"("}],"payload":[{"contentString":")" + id + R"("}]})"
        );
    };
    const auto out = map(bundle(patient() + "," + plan("a", "b") + "," + plan("b", "a")));
    REQUIRE(out.concerns.size() == 1);
    CHECK(out.concerns[0].notification().narrative() == "a\n\nb");
    const auto& cut = at(out.report, "entry[3]/resource/Communication/partOf/reference");
    CHECK(cut.status == leaf_status::unmapped);
    CHECK(cut.note == "a circle of references: not followed again");
    const auto self = map(bundle(patient() + "," + plan("a", "a")));
    CHECK(at(self.report, "partOf/reference").note == "a circle of references: not followed again");
    // Care teams that hold each other, drawn in by a plan.
    const auto team =
        [](const std::string& id, const std::string& next) {
            return entry("urn:uuid:" + id, R"({"resourceType":"CareTeam","participant":[{"member":
            {"reference":"urn:uuid:)" + next + R"("}}]})");
        };
    const auto teams = map(bundle(
        patient() + "," + team("s", "t") + "," + team("t", "s") + "," +
        entry("urn:uuid:k", R"({"resourceType":"CarePlan","status":"active","intent":"plan",
            "category":[{"coding":[{"code":"342191000000101"}]}],
            "subject":{"reference":"urn:uuid:p"},"careTeam":[{"reference":"urn:uuid:s"}]})")
    ));
    CHECK(teams.concerns.size() == 1);
}

TEST_CASE("references are found by fullUrl, by name, by base and by version, or said to be lost") {
    const auto flag = [](const std::string& to) {
        return "," + entry(
                         "https://a/fhir/Flag/1",
                         R"({"resourceType":"Flag","status":"active",
            "code":{"text":"x"},"subject":{"reference":")" +
                             to + "\"}}"
                     );
    };
    const auto p = entry(
        "https://a/fhir/Patient/7", R"({"resourceType":"Patient","id":"7","birthDate":"2017"})"
    );
    for (const auto* way : {"https://a/fhir/Patient/7", "Patient/7", "Patient/7/_history/2"}) {
        const auto out = map(bundle(p + flag(way)));
        REQUIRE(out.concerns.size() == 1);
        CHECK(out.concerns[0].persons(0).birth().born().year() == 2017);
    }
    const auto lost = map(bundle(p + flag("Patient/8")));
    CHECK(lost.concerns.at(0).persons(0).birth().born().year() == 0);
    CHECK(at(lost.report, "subject/reference").note.find("not in the file") != std::string::npos);
    // Two of that name: nobody knows which is meant, and nobody guesses.
    const auto other = entry(
        "https://b/fhir/Patient/7", R"({"resourceType":"Patient","id":"7","birthDate":"2011"})"
    );
    const auto flag_elsewhere =
        "," + entry("urn:uuid:f", R"({"resourceType":"Flag","status":"active",
        "code":{"text":"x"},"subject":{"reference":"Patient/7"}})");
    CHECK(
        map(bundle(p + "," + other + flag_elsewhere))
            .concerns.at(0)
            .persons(0)
            .birth()
            .born()
            .year() == 0
    );
    CHECK(
        map(bundle(p + "," + other + flag("Patient/7")))
            .concerns.at(0)
            .persons(0)
            .birth()
            .born()
            .year() == 2017
    );
}

TEST_CASE("contained resources are mapped as resources of their own, known to their container alone"
) {
    // Two flags, each with its own patient under the same name inside.
    const auto flag = [](const std::string& n, const std::string& family) {
        return entry(
            "urn:uuid:f" + n,
            R"({"resourceType":"Flag","status":"active","code":{"text":"hostile dog"},
            "contained":[
            {"resourceType":"Patient","id":"p","name":[{"family":")" +
                family + R"("}]},
            {"resourceType":"RelatedPerson","id":"m","patient":{"reference":"#p"},
             "relationship":[{"coding":[{"code":"MTH"}]}],"name":[{"given":["Petra"]}]},
            {"resourceType":"Organization","id":"o","name":"Northshire"}],
            "subject":{"reference":"#p"}})"
        );
    };
    const auto file = bundle(flag("1", "Ashgrove") + "," + flag("2", "Oakley"));
    for (const std::size_t open : {1U, 1000U}) {
        const auto out = map(file, open);
        REQUIRE(out.concerns.size() == 2);
        std::set<std::string> families;
        for (const auto& c : out.concerns) {
            check_valid(c);
            REQUIRE(c.persons_size() == 2);
            REQUIRE(c.persons(0).names_size() == 1);
            families.insert(c.persons(0).names(0).family());
            CHECK(c.persons(1).role() == v1::SUBJECT_CARER);
        }
        CHECK(families == std::set<std::string>{"Ashgrove", "Oakley"});
        CHECK(out.report.all() == values_of(nlohmann::json::parse(file)));
        CHECK(at(out.report, "contained/Patient/name/family").status == leaf_status::mapped);
        CHECK(at(out.report, "Organization/name").status == leaf_status::unmapped);
        CHECK(at(out.report, "Flag/subject/reference").note.empty());
    }
    // Its name inside is none outside.
    const auto outside = R"({"resourceType":"Flag","status":"active","code":{"text":"x"},
        "subject":{"reference":"Patient/p"}})";
    const auto lost = map(bundle(flag("1", "Ashgrove") + "," + entry("urn:uuid:g", outside)));
    REQUIRE(lost.concerns.size() == 2);
    CHECK(
        (lost.concerns[0].persons(0).names_size() + lost.concerns[1].persons(0).names_size()) == 1
    );
}

TEST_CASE("a plan's contained team and a child's contained mother are found, in XML as in JSON") {
    const auto out = map(R"(<Bundle xmlns="http://hl7.org/fhir"><entry><resource><CarePlan>
        <contained><CareTeam><id value="t"/><name value="Northshire"/></CareTeam></contained>
        <contained><Patient><id value="p"/><birthDate value="2017"/></Patient></contained>
        <category><coding><code value="342191000000101"/></coding></category>
        <subject><reference value="#p"/></subject><careTeam><reference value="#t"/></careTeam>
        </CarePlan></resource></entry></Bundle>)");
    const auto& child = out.concerns.at(0).persons(0);
    CHECK(child.birth().born().year() == 2017);
    CHECK(child.case_status().local_authority() == "Northshire");
    CHECK(out.report.unmapped == 0);
    // "#" alone is the container.
    const auto mother = map(bundle(
        patient(R"(,"contained":[{"resourceType":"RelatedPerson","patient":{"reference":"#"},
            "relationship":[{"coding":[{"code":"MTH"}]}],"name":[{"given":["Petra"]}]}])") +
        "," + told
    ));
    REQUIRE(mother.concerns.at(0).persons_size() == 2);
    CHECK(mother.concerns[0].persons(1).names(0).given() == "Petra");
}

TEST_CASE("what is contained in a resource that is not carried goes with it") {
    const auto out = map(bundle(entry("urn:uuid:f", R"({"resourceType":"Flag",
        "status":"entered-in-error","code":{"text":"x"},"subject":{"reference":"#p"},
        "contained":[{"resourceType":"Patient","id":"p","name":[{"family":"Ashgrove"}]},
        {"resourceType":"Communication","id":"c","status":"completed",
         "subject":{"reference":"#p"},"payload":[{"contentString":"Seen."}]}]})")));
    CHECK(out.concerns.empty());
    CHECK(at(out.report, "contained/Patient/name/family").status == leaf_status::ignored);
    CHECK(at(out.report, "payload/contentString").status == leaf_status::ignored);
}

TEST_CASE("a patient referred to by a number alone is the one who bears it") {
    const auto flag = [](const std::string& subject, const std::string& n = "1") {
        return entry(
            "urn:uuid:f" + n,
            R"({"resourceType":"Flag","status":"active","code":{"text":"x"},"subject":{)" +
                subject + "}}"
        );
    };
    const auto number = [](const std::string& system, const std::string& value) {
        return R"("identifier":{"system":")" + system + R"(","value":")" + value + "\"}";
    };
    const std::string nhs = "https://fhir.nhs.uk/Id/nhs-number";
    const auto child = [&](const std::string& url, const std::string& value) {
        return entry(
            url,
            R"({"resourceType":"Patient","birthDate":"2017","identifier":[{"system":")" + nhs +
                R"(","value":")" + value + "\"}]}"
        );
    };
    const auto born = [](const agents_test::mapped_file& f) {
        REQUIRE(f.concerns.size() == 1);
        check_valid(f.concerns[0]);
        CHECK(f.concerns[0].persons(0).identifiers_size() == 1);
        return f.concerns[0].persons(0).birth().born().year();
    };
    const auto one = child("urn:uuid:p", "9000000009");
    // Whichever comes first; and where a reference leads nowhere.
    CHECK(born(map(bundle(flag(number(nhs, "9000000009")) + "," + one))) == 2017);
    CHECK(born(map(bundle(one + "," + flag(number(nhs, "9000000009"))))) == 2017);
    const auto led = R"("reference":"https://pds/Patient/1",)" + number(nhs, "9000000009");
    const auto by_both = map(bundle(one + "," + flag(led)));
    CHECK(born(by_both) == 2017);
    CHECK(
        at(by_both.report, "subject/reference").note ==
        "refers to nothing in the file: found by the number beside it"
    );
    // Two who bear it, another number, another system: nobody guesses, and a concern is made.
    const auto two = one + "," + child("urn:uuid:q", "9000000009");
    const auto unsure = map(bundle(two + "," + flag(number(nhs, "9000000009"))));
    CHECK(born(unsure) == 0);
    CHECK(
        at(unsure.report, "subject/identifier/value").note ==
        "no one patient of the file bears the number"
    );
    CHECK(born(map(bundle(one + "," + flag(number(nhs, "9000000025"))))) == 0);
    CHECK(born(map(bundle(one + "," + flag(number("urn:x", "9000000009"))))) == 0);
    // The same number outside is the same patient; without a system it is nobody else's.
    const auto flags = [&](const std::string& subject) {
        return map(bundle(flag(subject) + "," + flag(subject, "2"))).concerns.size();
    };
    CHECK(flags(number(nhs, "9000000009")) == 1);
    CHECK(flags(R"("identifier":{"value":"17"})") == 2);
}

TEST_CASE("a fullUrl given twice is refused with its line") {
    const auto twice = try_map(bundle(patient() + ",\n" + patient()));
    REQUIRE_FAILS(twice);
    CHECK(twice.error().code == errc::format_malformed);
    CHECK(twice.error().where == "line 2, column 12: the fullUrl of the entry is given before");
}
