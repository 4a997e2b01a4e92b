#include "agents/profiles/fhir_task.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;

namespace {

constexpr std::string_view id = "0123456789abcdef0123456789abcdef";

std::string task(const std::string& more) {
    return R"({"resourceType":"Task","intent":"order","focus":{"identifier":{"system":
        "urn:ietf:rfc:3986","value":"urn:uuid:01234567-89ab-cdef-0123-456789ABCDEF"}},)" +
           more + "}";
}

v1::Concern only(const std::string& file) {
    const auto all = answers_of_fhir(file);
    REQUIRE_OK(all);
    REQUIRE(all->size() == 1);
    return all->front();
}

std::string refused(const std::string& file) {
    const auto all = answers_of_fhir(file);
    REQUIRE_FAILS(all);
    return all.error().where;
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
    CHECK(refused(task(R"("status":"requested")")) == "line 1: Task.status answers nothing yet");
    CHECK(refused(task(R"("status":"rejected")")).find("cairn return") != std::string::npos);
    CHECK(
        refused(R"({"resourceType":"Task","status":"completed"})").find("Task.focus.identifier") !=
        std::string::npos
    );
    const auto odd = task(R"("status":"completed","output":[{"valueCodeableConcept":
        {"coding":[{"code":"MAYBE"}]}}])");
    CHECK(refused(odd).find("Task.output") != std::string::npos);
    CHECK(refused(R"({"resourceType":"Patient","id":"p"})") == "a Task");
}
