#include "agents/profiles/fhir_notice.hpp"

#include "agents/core/outline.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace cairn;
using namespace cairn::agents;
namespace v1 = cairn::v1;
using nlohmann::json;

namespace {

v1::PartialDate date(std::uint32_t year, std::uint32_t month = 0, std::uint32_t day = 0) {
    v1::PartialDate out;
    out.set_year(year);
    out.set_month(month);
    out.set_day(day);
    return out;
}

void withhold(v1::Notice& n, const std::string& ref, v1::Category category) {
    auto& w = *n.add_withheld();
    w.set_person_ref(ref);
    w.set_category(category);
    w.set_ask("northshire-council/front_door");
    w.set_challenge_id("00112233aabbccdd");
    w.set_sentence("Showing it could put somebody in danger.");
}

void add_child(v1::Concern& c) {
    auto& child = *c.add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    child.set_sex(v1::SEX_FEMALE);
    *child.mutable_birth()->mutable_born() = date(2017, 3);
    auto& name = *child.add_names();
    name.set_use(v1::PersonName::USE_USUAL);
    name.set_given("Asha");
    name.set_family("Example");
    auto& id = *child.add_identifiers();
    id.set_scheme(v1::Identifier::SCHEME_NHS_NUMBER);
    id.set_value("9000000009");
    auto& address = *child.add_addresses();
    address.set_harm(v1::Address::HARM_SAFE);
    address.set_use(v1::Address::USE_HOME);
    address.add_lines("3 Larkspur Way");
    address.set_postcode("NN4 6AB");
    auto& plan = *child.mutable_case_status()->add_plans();
    plan.set_kind(v1::CaseStatus::Plan::KIND_CHILD_PROTECTION);
    *plan.mutable_from() = date(2026, 1, 20);
    child.mutable_case_status()->set_local_authority("Northshire");
    child.mutable_case_status()->set_worker_contact("01632 960201");
    child.mutable_education()->set_school_name("Oakfield Primary School");
}

void add_others(v1::Concern& c) {
    auto& carer = *c.add_persons();
    carer.set_ref("carer-1");
    carer.set_role(v1::SUBJECT_CARER);
    carer.add_names()->set_given("Petra");
    auto& relation = *carer.add_relations();
    relation.set_to_ref("child-1");
    relation.set_kind(v1::Relation::KIND_PARENT);
    auto& man = *c.add_persons();
    man.set_ref("man-1");
    man.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
}

v1::Notice example() {
    v1::Notice n;
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_thread(n.concern_id());
    n.set_desk("northshire-health/named");
    n.set_sender("northshire-police");
    n.set_kind(v1::CONCERN_KIND_NOTIFICATION);
    n.set_decided_at_us(1'795'305'600'000'000);
    auto& c = *n.mutable_content();
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.set_urgency(v1::URGENCY_SAME_DAY);
    add_child(c);
    add_others(c);
    auto& what = *c.mutable_notification();
    what.set_incident(v1::Notification::INCIDENT_INJURY);
    what.set_summary("Bruise seen\x01 at school.");
    what.add_requested()->set_kind(v1::RequestedAction::KIND_MEDICAL);
    c.mutable_risk()->set_level(v1::RISK_LEVEL_SIGNIFICANT_HARM);
    withhold(n, "carer-1", v1::CATEGORY_PROTECTED_ADDRESS);
    withhold(n, "man-1", v1::CATEGORY_IDENTITY);
    auto& veiled = *n.add_withheld();
    veiled.set_ask("the police, veiled");
    veiled.set_challenge_id("ffeeddccbbaa0011");
    return n;
}

constexpr delivery_info delivered{7, 1'795'305'601'000'000, 1'795'392'000'000'000};

json document(const v1::Notice& n) {
    return json::parse(profiles::notice_as_fhir(n, delivered));
}

std::vector<json> of_type(const json& bundle, std::string_view type) {
    std::vector<json> out;
    for (const auto& e : bundle["entry"])
        if (e["resource"]["resourceType"] == type) out.push_back(e["resource"]);
    return out;
}

const json& only(const std::vector<json>& list) {
    REQUIRE(list.size() == 1);
    return list.front();
}

json payloads(const json& bundle) {
    return of_type(bundle, "Communication").at(0).at("payload");
}

void count_references(const json& at, std::vector<std::string>& out) {
    if (at.is_object() && at.contains("reference")) out.push_back(at["reference"]);
    if (at.is_structured())
        for (const auto& inner : at) count_references(inner, out);
}

} // namespace

TEST_CASE("a notice as a FHIR document is the golden one") {
    const auto kept =
        test::golden("notice.fhir.json", profiles::notice_as_fhir(example(), delivered));
    INFO(kept.difference);
    CHECK(kept.same);
}

TEST_CASE("the child is a Patient with date, number and address as far as they are known") {
    const auto bundle = document(example());
    const auto patients = of_type(bundle, "Patient");
    const auto& p = only(patients);
    CHECK(p["birthDate"] == "2017-03");
    CHECK(p["gender"] == "female");
    CHECK(p["identifier"][0]["value"] == "9000000009");
    CHECK(p["address"][0]["postalCode"] == "NN4 6AB");
    CHECK_FALSE(p.contains("meta"));
}

TEST_CASE("others are related to the one child, and with no one child they are persons") {
    CHECK(of_type(document(example()), "RelatedPerson").size() == 2);
    auto n = example();
    auto& second = *n.mutable_content()->add_persons();
    second.set_ref("child-2");
    second.set_role(v1::SUBJECT_CHILD);
    const auto bundle = document(n);
    // The carer is said to be the first child's parent; the man is nobody's.
    CHECK(of_type(bundle, "RelatedPerson").size() == 1);
    CHECK(of_type(bundle, "Person").size() == 1);
    CHECK_FALSE(of_type(bundle, "Communication")[0].contains("subject"));
}

TEST_CASE("what is withheld is masked where it would stand and listed with whom to ask") {
    const auto bundle = document(example());
    const auto related = of_type(bundle, "RelatedPerson");
    const auto reason = [](const json& masked) { return masked["extension"][0]["valueCode"]; };
    CHECK(reason(related[0]["address"][0]) == "masked");
    CHECK(related[0]["meta"]["security"][0]["code"] == "R");
    CHECK(reason(related[1]["name"][0]) == "masked");
    CHECK(reason(related[1]["_birthDate"]) == "masked");
    int listed = 0;
    for (const auto& p : payloads(bundle))
        listed += p["extension"][0].value("valueCode", "") == "masked" ? 1 : 0;
    CHECK(listed == 2);
}

TEST_CASE("what is veiled leaves no trace in the document") {
    auto n = example();
    const auto with = profiles::notice_as_fhir(n, delivered);
    n.mutable_withheld()->RemoveLast();
    CHECK(profiles::notice_as_fhir(n, delivered) == with);
}

TEST_CASE("a protected address that a desk may see is marked restricted") {
    auto n = example();
    auto& child = *n.mutable_content()->mutable_persons(0);
    child.mutable_addresses(0)->set_harm(v1::Address::HARM_PROTECTED);
    const auto marked = of_type(document(n), "Patient");
    CHECK(only(marked)["meta"]["security"][0]["code"] == "R");
    child.mutable_addresses(0)->clear_harm();
    CHECK(only(of_type(document(n), "Patient")).contains("meta"));
}

TEST_CASE("what is owed is a task with its time, what is asked one without") {
    const auto tasks = of_type(document(example()), "Task");
    REQUIRE(tasks.size() == 2);
    CHECK(tasks[0]["status"] == "requested");
    CHECK(tasks[0]["restriction"]["period"]["end"] == "2026-11-23T00:00:00Z");
    CHECK_FALSE(tasks[1].contains("restriction"));
    auto nothing = delivered;
    nothing.acknowledge_by_us = 0;
    CHECK(of_type(json::parse(profiles::notice_as_fhir(example(), nothing)), "Task").size() == 1);
}

TEST_CASE("every reference of the document is to an entry of it") {
    const auto bundle = document(example());
    std::vector<std::string> urls;
    for (const auto& e : bundle["entry"]) urls.push_back(e["fullUrl"]);
    std::vector<std::string> references;
    count_references(bundle, references);
    CHECK(references.size() > 10);
    for (const auto& r : references) CHECK(std::count(urls.begin(), urls.end(), r) == 1);
}

TEST_CASE("every line that the page shows is in the document, in words") {
    const auto n = example();
    const auto& c = n.content();
    auto lines = outline_of_concern(c);
    for (const auto& p : c.persons())
        for (auto& l : outline_of_person(p, c)) lines.push_back(std::move(l));
    std::string said;
    for (const auto& p : payloads(document(n)))
        if (p.contains("contentString")) said += p["contentString"].get<std::string>() + "\n";
    CHECK(lines.size() > 20);
    for (auto& l : lines) {
        std::replace(l.value.begin(), l.value.end(), '\x01', ' ');
        CHECK(said.find(l.value) != std::string::npos);
    }
}

TEST_CASE("a notice without content is a document all the same") {
    v1::Notice n;
    n.set_concern_id("0123456789abcdef0123456789abcdef");
    n.set_desk("northshire-health/named");
    n.set_kind(v1::CONCERN_KIND_RECALL);
    const auto bundle = document(n);
    CHECK(of_type(bundle, "Communication").size() == 1);
    CHECK(of_type(bundle, "Flag").empty());
}
