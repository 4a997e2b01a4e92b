#include "agents/profiles/fhir_notice.hpp"
#include "agents/profiles/fhir_table.hpp"

#include "fhir_support.hpp"
#include "support/golden.hpp"
#include "support/skip.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;
using agents_test::sample;
using namespace agents_test::fhir;

namespace {

constexpr auto flags_sample = "IOPS-FHIR-Simplifier-Backup/CPIS-CPP-Bundle-Example.xml";
constexpr auto patient_sample = "personal-demographics-service-api/Sensitive_Patient.json";

void check_golden(const std::string& name, const std::string& text) {
    const auto kept = test::golden(name, text);
    INFO(kept.difference);
    CHECK(kept.same);
}

} // namespace

TEST_CASE("the public bundle of CP-IS becomes the status of one child, every value accounted for") {
    if (!std::filesystem::exists(sample(flags_sample))) CAIRN_SKIP("no sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(sample(flags_sample));
    const auto out = map(file);
    check_golden("fhir_flag.report.txt", out.report.text());
    // Each attribute of the file but its namespace.
    std::size_t attributes = 0;
    for (auto i = file.find("=\""); i != std::string::npos; i = file.find("=\"", i + 1))
        ++attributes;
    CHECK(out.report.all() == attributes - 1);
    CHECK(out.report.mapped + out.report.unmapped + out.report.ignored == out.report.leaves.size());
    REQUIRE(out.concerns.size() == 1);
    const auto& c = out.concerns[0];
    check_valid(c);
    CHECK(c.status().source_system().find("CP-IS") != std::string::npos);
    CHECK(c.status().as_of().year() == 2024);
    REQUIRE(c.persons_size() == 1);
    CHECK(c.persons(0).names(0).family() == "Alan Mann");
    const auto& s = c.persons(0).case_status();
    REQUIRE(s.plans_size() == 1);
    CHECK(s.plans(0).kind() == v1::CaseStatus::Plan::KIND_CHILD_PROTECTION);
    CHECK(s.plans(0).from().month() == 7);
    CHECK(s.local_authority() == "SFD1 - SHEFFIELD CITY COUNCIL");
    CHECK(s.worker_contact() == "01133973581 (work); 07133973581 (mobile)");
    CHECK(out.report.text().find("Alan") == std::string::npos);
}

TEST_CASE("the public restricted patient is identity alone: a report, no concern, no address") {
    if (!std::filesystem::exists(sample(patient_sample))) CAIRN_SKIP("no sample: set CAIRN_SHARED");
    const auto file = agents_test::read_file(sample(patient_sample));
    const auto out = map(file);
    check_golden("fhir_patient.report.txt", out.report.text());
    CHECK(out.concerns.empty());
    CHECK(out.report.all() == values_of(nlohmann::json::parse(file)));
    CHECK(out.report.text().find("9000000025") == std::string::npos);

    // The same record with something to tell: the address is not made up, and counts as protected.
    const auto with = map(bundle(entry("urn:uuid:p", file) + "," + told));
    REQUIRE(with.concerns.size() == 1);
    check_valid(with.concerns[0]);
    const auto& p = with.concerns[0].persons(0);
    REQUIRE(p.addresses_size() == 1);
    CHECK(p.addresses(0).harm() == v1::Address::HARM_PROTECTED);
    CHECK(p.addresses(0).lines().empty());
    CHECK(p.deceased());
    CHECK(p.names(0).given() == "Janet");
    CHECK(p.birth().born().day() == 22);
    CHECK(p.identifiers(0).scheme() == v1::Identifier::SCHEME_NHS_NUMBER);
}

TEST_CASE("an address in a restricted record is protected, and without a word counts as such") {
    const std::string home = R"(,"address":[{"use":"home","line":["3 Larkspur Way"],
        "postalCode":"NN4 6AB"}],"telecom":[{"system":"phone","value":"01632 960123"}])";
    const auto plain = map(bundle(patient(home) + "," + told)).concerns.at(0).persons(0);
    CHECK(plain.addresses(0).harm() == v1::Address::HARM_UNSPECIFIED);
    CHECK(plain.addresses(0).postcode() == "NN4 6AB");
    const auto open = home + R"(,"meta":{"security":[{"code":"U"}]})";
    const auto safe = map(bundle(patient(open) + "," + told)).concerns.at(0).persons(0);
    CHECK(safe.addresses(0).harm() == v1::Address::HARM_SAFE);
    CHECK(safe.contacts(0).harm() == v1::Address::HARM_SAFE);
    const auto both = home + R"(,"meta":{"security":[{"code":"R"},{"code":"U"}]})";
    const auto kept = map(bundle(patient(both) + "," + told)).concerns.at(0).persons(0);
    CHECK(kept.addresses(0).harm() == v1::Address::HARM_PROTECTED);
    for (const auto* code : {"R", "V"}) {
        const auto marked =
            home + R"(,"meta":{"security":[{"code":")" + std::string(code) + R"("}]})";
        const auto p = map(bundle(patient(marked) + "," + told)).concerns.at(0).persons(0);
        REQUIRE(p.addresses_size() == 1);
        CHECK(p.addresses(0).harm() == v1::Address::HARM_PROTECTED);
        CHECK(p.contacts(0).harm() == v1::Address::HARM_PROTECTED);
    }
}

TEST_CASE("dates keep the precision they have, and a birth to come is expected") {
    const auto birth = [](const std::string& date) {
        const auto out = map(bundle(patient(R"(,"birthDate":")" + date + "\"") + "," + told));
        check_valid(out.concerns.at(0));
        return out.concerns.at(0).persons(0);
    };
    CHECK(birth("2017").birth().born().month() == 0);
    CHECK(birth("2017-03").birth().born().day() == 0);
    CHECK(birth("2017-03-09").birth().born().day() == 9);
    CHECK(birth("2017-01-01").birth().born().month() == 0);
    CHECK_FALSE(birth("2017-02-30").birth().has_born());
    const auto unborn = birth("2027-03-09");
    CHECK(unborn.birth().expected().year() == 2027);
    CHECK_FALSE(unborn.birth().has_born());
    CHECK(unborn.sex() == v1::SEX_UNBORN);
}

TEST_CASE("a wrong NHS number warns and goes through, in whatever order it comes") {
    for (const auto* id :
         {R"({"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9912003890"})",
          R"({"value":"9912003890","system":"https://fhir.nhs.uk/Id/nhs-number"})"}) {
        const auto out =
            map(bundle(patient(R"(,"identifier":[)" + std::string(id) + "]") + "," + told));
        CHECK(out.concerns.at(0).persons(0).identifiers(0).value() == "9912003890");
        CHECK(out.report.text().find("check digit") != std::string::npos);
    }
}

TEST_CASE("a name and a postcode that stand for none are carried as such") {
    const auto out = map(bundle(
        patient(R"(,"name":[{"use":"official","family":"Ashgrove","given":["Baby of"]}],
            "address":[{"postalCode":"ZZ99 3VZ"}])") +
        "," + told
    ));
    const auto& p = out.concerns.at(0).persons(0);
    CHECK(p.names(0).use() == v1::PersonName::USE_PLACEHOLDER);
    CHECK(p.addresses(0).postcode().empty());
    CHECK(p.addresses(0).lines_size() == 1);
}

TEST_CASE("one concern a patient: what is about two children never comes together") {
    const std::string second =
        entry("urn:uuid:q", R"({"resourceType":"Patient","name":[{"family":"Oakley"}]})") + "," +
        entry("urn:uuid:d", R"({"resourceType":"Communication","status":"completed",
            "subject":{"reference":"urn:uuid:q"},"about":[{"reference":"urn:uuid:c"}],
            "payload":[{"contentString":"Another."}]})");
    const auto file =
        bundle(patient(R"(,"name":[{"family":"Ashgrove"}])") + "," + second + "," + told);
    for (const std::size_t open : {1U, 2U, 1000U}) {
        const auto out = map(file, open);
        REQUIRE(out.concerns.size() == 2);
        for (const auto& c : out.concerns) {
            const bool first = c.persons(0).names(0).family() == "Ashgrove";
            CHECK((c.notification().narrative() == (first ? "Seen in the department." : "Another."))
            );
            check_valid(c);
        }
        CHECK(out.report.all() == out.report.leaves.size());
        CHECK(out.report.all() == values_of(nlohmann::json::parse(file)));
    }
}

TEST_CASE("a reading for few patients at a time gives the concerns of one for all") {
    std::string patients;
    std::string flags;
    for (int i = 0; i < 20; ++i) {
        const auto n = std::to_string(i);
        patients +=
            entry(
                "urn:uuid:p" + n, R"({"resourceType":"Patient","name":[{"family":"F)" + n + "\"}]}"
            ) +
            ",\n";
        flags += entry(
                     "urn:uuid:f" + n,
                     R"({"resourceType":"Flag","status":"active","code":
            {"text":"hostile dog"},"subject":{"reference":"urn:uuid:p)" +
                         n + "\"}}"
                 ) +
                 (i == 19 ? "" : ",\n");
    }
    const auto names = [](const agents_test::mapped_file& f) {
        std::set<std::string> out;
        for (const auto& c : f.concerns) out.insert(c.SerializeAsString());
        return out;
    };
    const auto whole = map(bundle(patients + flags));
    const auto bits = map(bundle(patients + flags), 3);
    CHECK(whole.concerns.size() == 20);
    CHECK(names(whole) == names(bits));
    CHECK(whole.report.text() == bits.report.text());
}

TEST_CASE("what was entered in error, not sent, or changed by a modifier is left out and said") {
    const auto flag = [](const std::string& more) {
        return bundle(
            patient() + "," +
            entry(
                "urn:uuid:f",
                R"({"resourceType":"Flag","code":
            {"text":"x"},"subject":{"reference":"urn:uuid:p"})" +
                    more + "}"
            )
        );
    };
    CHECK(map(flag(R"(,"status":"active")")).concerns.size() == 1);
    for (const auto* more :
         {R"(,"status":"entered-in-error")",
          R"(,"status":"active","implicitRules":"urn:x")",
          R"(,"status":"active","modifierExtension":[{"url":"u","valueBoolean":true}])"}) {
        const auto out = map(flag(more));
        CHECK(out.concerns.empty());
        CHECK(at(out.report, "Flag/code/text").status == leaf_status::ignored);
    }
}

TEST_CASE("resources without a table are unmapped, and an ordinary plan of care is no concern") {
    const auto out = map(bundle(
        patient() + "," + told + "," +
        entry("urn:uuid:o", R"({"resourceType":"Observation","status":"final"})")
    ));
    CHECK(at(out.report, "Observation/status").status == leaf_status::unmapped);
    CHECK(out.concerns.size() == 1);
    const auto diabetes = map(bundle(
        patient() + "," +
        entry("urn:uuid:k", R"({"resourceType":"CarePlan","status":"active","intent":"plan",
            "category":[{"coding":[{"code":"735985000"}]}],"subject":{"reference":"urn:uuid:p"}})")
    ));
    CHECK(diabetes.concerns.empty());
}

TEST_CASE("relatives are people of their own, by HL7's codes") {
    const auto related = [](const std::string& code) {
        return entry(
            "urn:uuid:r" + code,
            R"({"resourceType":"RelatedPerson","patient":
            {"reference":"urn:uuid:p"},"relationship":[{"coding":[{"code":")" +
                code + R"("}]}],"name":[{"given":["Petra"]}]})"
        );
    };
    const auto out = map(bundle(
        patient() + "," + related("MTH") + "," + related("SIS") + "," + related("NBOR") + "," + told
    ));
    const auto& c = out.concerns.at(0);
    REQUIRE(c.persons_size() == 4);
    CHECK(c.persons(1).role() == v1::SUBJECT_CARER);
    CHECK(c.persons(1).relations(0).kind() == v1::Relation::KIND_PARENT);
    CHECK(c.persons(2).role() == v1::SUBJECT_SIBLING);
    CHECK(c.persons(3).role() == v1::SUBJECT_THIRD_PARTY);
    check_valid(c);
}

TEST_CASE("an unborn child's plan at its mother's record is the child's") {
    const auto out = map(bundle(
        patient(R"(,"birthDate":"1994-05-02","name":[{"family":"Ashgrove"}])") + "," +
        entry("urn:uuid:k", R"({"resourceType":"CarePlan","status":"active","intent":"plan",
            "category":[{"coding":[{"code":"818901000000100"}]}],
            "subject":{"reference":"urn:uuid:p"}})")
    ));
    const auto& c = out.concerns.at(0);
    CHECK(c.persons(0).role() == v1::SUBJECT_CARER);
    REQUIRE(c.persons_size() == 2);
    CHECK(c.persons(1).sex() == v1::SEX_UNBORN);
    CHECK(c.persons(1).case_status().plans_size() == 1);
    check_valid(c);
}

TEST_CASE("an adult's record tells of a risk and of no child") {
    const auto of = [](const std::string& born) {
        return map(bundle(patient(R"(,"birthDate":")" + born + "\"") + "," + told)).concerns.at(0);
    };
    const auto adult = of("2008-11-22");
    CHECK(adult.notification().incident() == v1::Notification::INCIDENT_ADULT_RISK);
    CHECK(adult.persons(0).role() == v1::SUBJECT_THIRD_PARTY);
    check_valid(adult);
    CHECK(of("2008-11-23").persons(0).role() == v1::SUBJECT_CHILD);
    CHECK(of("2008").persons(0).role() == v1::SUBJECT_CHILD);
    CHECK(of("2007").persons(0).role() == v1::SUBJECT_THIRD_PARTY);
}

TEST_CASE("what we write as FHIR comes back as the concern it was") {
    v1::Notice n;
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_desk("northshire-health/named");
    n.set_kind(v1::CONCERN_KIND_NOTIFICATION);
    n.set_decided_at_us(1'795'305'600'000'000);
    auto& c = *n.mutable_content();
    c.set_urgency(v1::URGENCY_SAME_DAY);
    auto& what = *c.mutable_notification();
    what.set_incident(v1::Notification::INCIDENT_INJURY);
    what.set_summary("Bruise seen at school.");
    what.set_narrative("In the words of the nurse.");
    auto& child = *c.add_persons();
    child.set_ref("person-1");
    child.set_role(v1::SUBJECT_CHILD);
    child.set_sex(v1::SEX_FEMALE);
    child.mutable_birth()->mutable_born()->set_year(2017);
    child.mutable_birth()->mutable_born()->set_month(3);
    auto& name = *child.add_names();
    name.set_use(v1::PersonName::USE_USUAL);
    name.set_given("Asha");
    name.set_family("Example");
    auto& id = *child.add_identifiers();
    id.set_scheme(v1::Identifier::SCHEME_NHS_NUMBER);
    id.set_value("9000000009");
    auto& address = *child.add_addresses();
    address.set_harm(v1::Address::HARM_PROTECTED);
    address.add_lines("3 Larkspur Way");
    address.set_postcode("NN4 6AB");
    auto& plan = *child.mutable_case_status()->add_plans();
    plan.set_kind(v1::CaseStatus::Plan::KIND_CHILD_PROTECTION);
    plan.mutable_from()->set_year(2026);
    child.mutable_case_status()->set_local_authority("Northshire");
    child.mutable_case_status()->set_worker_contact("01632 960201");
    auto& carer = *c.add_persons();
    carer.set_ref("person-2");
    carer.set_role(v1::SUBJECT_CARER);
    carer.add_names()->set_given("Petra");
    auto& relation = *carer.add_relations();
    relation.set_to_ref("person-1");
    relation.set_kind(v1::Relation::KIND_PARENT);

    const auto out = map(notice_as_fhir(n, {7, 1'795'305'601'000'000, 0}));
    REQUIRE(out.concerns.size() == 1);
    auto back = out.concerns[0];
    CHECK(back.notification().happened_at() == "2026-11-22T00:00:00Z");
    back.mutable_notification()->clear_happened_at();
    CHECK(back.DebugString() == c.DebugString());
}
