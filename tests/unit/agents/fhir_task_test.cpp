#include "agents/profiles/fhir_task.hpp"

#include "fhir_support.hpp"

using namespace cairn;
using namespace cairn::agents::profiles;
namespace fhir = agents_test::fhir;
namespace v1 = cairn::v1;

namespace {

constexpr std::string_view id = "0123456789abcdef0123456789abcdef";

std::string task(const std::string& more) {
    return R"({"resourceType":"Task","intent":"order","focus":{"identifier":{"system":
        "urn:ietf:rfc:3986","value":"urn:uuid:01234567-89ab-cdef-0123-456789ABCDEF"}},)" +
           more + "}";
}

v1::Concern only(const std::string& file) {
    const auto out = fhir::map(file);
    REQUIRE(out.concerns.size() == 1);
    CHECK(out.report.concerns == 1);
    CHECK(out.report.unmapped == 0);
    return out.concerns.front();
}

std::string refused(const std::string& file) {
    const auto out = fhir::try_map(file);
    REQUIRE_FAILS(out);
    CHECK(out.error().code == errc::format_malformed);
    return out.error().where;
}

} // namespace

TEST_CASE("a Task that was read acknowledges, with note and acting person") {
    for (const auto* status : {"received", "accepted", "in-progress", "completed"}) {
        const auto c = only(task(
            R"("groupIdentifier":{"value":"urn:uuid:01234567-89ab-cdef-0123-456789abcdef"},
            "status":")" +
            std::string(status) + R"(","performerType":[{"text":"named nurse"}],
            "owner":{"identifier":{"value":"nh-2210"}},"note":[{"text":"Seen."}])"
        ));
        CHECK(c.in_reply_to() == id);
        CHECK(c.thread() == id);
        CHECK(c.acknowledgement().note() == "Seen.");
        CHECK(c.acting().role() == "named nurse");
        CHECK(c.acting().staff_id() == "nh-2210");
    }
}

TEST_CASE("a Task completed with a decision is an outcome, in JSON and in XML") {
    const auto json = only(task(R"("status":"completed","output":[{"valueCodeableConcept":
        {"coding":[{"code":"NFA"}]}},{"valueString":"Known to the practice."}])"));
    CHECK(json.outcome().decision() == v1::Outcome::DECISION_NFA);
    CHECK(json.outcome().reason() == "Known to the practice.");
    const auto xml =
        only("<Task xmlns='http://hl7.org/fhir'><status value='completed'/><focus><identifier>"
             "<value value='urn:uuid:01234567-89ab-cdef-0123-456789abcdef'/></identifier></focus>"
             "<output><valueCodeableConcept><coding><code value='DECISION_S47'/></coding>"
             "</valueCodeableConcept></output></Task>");
    CHECK(xml.outcome().decision() == v1::Outcome::DECISION_S47);
    CHECK(xml.in_reply_to() == id);
}

TEST_CASE("a Task that answers nothing, sends back, or names no concern is refused with its line") {
    CHECK(
        refused(task(R"("status":"requested")")) ==
        "line 1, column 17: Task.status answers nothing yet"
    );
    CHECK(refused(task(R"("status":"rejected")")).find("cairn return") != std::string::npos);
    CHECK(
        refused(R"({"resourceType":"Task","status":"completed"})").find("Task.focus.identifier") !=
        std::string::npos
    );
    const auto odd = task(R"("status":"completed","output":[{"valueCodeableConcept":
        {"coding":[{"code":"MAYBE"}]}}])");
    CHECK(refused(odd).find("Task.output") != std::string::npos);
    CHECK(
        refused(task(R"("status":"completed","modifierExtension":[{"url":"u","valueCode":"x"}])"))
            .find("modifier extension") != std::string::npos
    );
}

TEST_CASE("of several codes the one that is a decision counts, and only a completed Task decides") {
    const auto codes = [](const std::string& status) {
        return fhir::map(
            task(R"("status":")" + status + R"(","output":[{"valueCodeableConcept":{"coding":[
            {"system":"http://snomed.info/sct","code":"710824005"},{"code":"ADVICE"}]}}])")
        );
    };
    const auto done = codes("completed");
    CHECK(done.concerns.at(0).outcome().decision() == v1::Outcome::DECISION_ADVICE);
    CHECK(fhir::at(done.report, "coding/code").note == "not a code of the set");
    CHECK(fhir::at(done.report, "coding[2]/code").status == leaf_status::mapped);
    const auto begun = codes("in-progress");
    CHECK(begun.concerns.at(0).has_acknowledgement());
    CHECK(fhir::at(begun.report, "coding[2]/code").status == leaf_status::unmapped);
}

TEST_CASE("Tasks of a Bundle answer beside identities, and not beside something that is told") {
    const auto answer = fhir::entry("urn:uuid:t", task(R"("status":"received")"));
    const auto beside = fhir::map(fhir::bundle(fhir::patient() + "," + answer));
    REQUIRE(beside.concerns.size() == 1);
    CHECK(beside.concerns[0].has_acknowledgement());
    const auto told = fhir::map(fhir::bundle(fhir::patient() + "," + fhir::told + "," + answer));
    REQUIRE(told.concerns.size() == 1);
    CHECK(told.concerns[0].has_notification());
    CHECK(
        fhir::at(told.report, "Task/status").note == "a Task answers in a file that tells of nobody"
    );
}
