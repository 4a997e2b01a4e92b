// An agency that is testing reaches itself, and nobody reaches it.
#include "unit/routing/world.hpp"

using namespace cairn;
using namespace cairn::routing;
using namespace cairn::routing::testing;

namespace {

using incident = v1::Notification;

std::shared_ptr<const registry::snapshot> with_oakfield_at(v1::AgencyStage stage) {
    auto s = partnership();
    for (auto& a : *s.mutable_agencies()) {
        if (a.id() == "oakfield") a.set_stage(stage);
    }
    return built(s);
}

result<route> sent_by(const char* agency, v1::AgencyStage stage, const v1::Concern& c) {
    return find_route(c, {agency}, *with_oakfield_at(stage), shipped(), {});
}

} // namespace

TEST_CASE("while it is testing an agency reaches its own desks alone, whatever policy adds") {
    // An allegation and a referral: for both policy has desks of its own.
    for (const auto what : {incident::INCIDENT_STAFF_ALLEGATION, incident::INCIDENT_NEGLECT}) {
        auto c = notification(what);
        c.add_desks("oakfield/dsl");
        const auto r = sent_by("oakfield", v1::AGENCY_STAGE_TESTING, c);
        CHECK(desks(r) == "oakfield/dsl");
        CHECK(at(r, "oakfield/dsl").rule == 0);
        c.add_desks("northshire-council/front_door");
        const auto out = sent_by("oakfield", v1::AGENCY_STAGE_TESTING, c);
        REQUIRE_FALSE(out);
        CHECK(out.error().code == errc::test_only);
        CHECK(out.error().where == "desks[1]");
        c.clear_desks();
        CHECK(desks(sent_by("oakfield", v1::AGENCY_STAGE_TESTING, c)) == "test_only");
    }
}

TEST_CASE("a thread's desks of others are not reached by a test") {
    v1::Concern ack;
    ack.mutable_acknowledgement();
    thread_parties thread;
    thread.desks = {"northshire-council/front_door", "oakfield/dsl"};
    const auto registry = with_oakfield_at(v1::AGENCY_STAGE_TESTING);
    CHECK(desks(find_route(ack, {"oakfield"}, *registry, shipped(), thread)) == "oakfield/dsl");
    thread.desks = {"northshire-council/front_door"};
    CHECK(desks(find_route(ack, {"oakfield"}, *registry, shipped(), thread)) == "test_only");
}

TEST_CASE("nobody reaches a desk whose agency is not live, by name, by role or by a child's school"
) {
    for (const auto stage : {v1::AGENCY_STAGE_INVITED, v1::AGENCY_STAGE_TESTING}) {
        auto c = notification(incident::INCIDENT_NEGLECT);
        c.add_desks("oakfield/dsl");
        c.add_desks("northshire-police/mash");
        child(c, "child-1", "999/4001");
        const auto r = sent_by("royal-hospital", stage, c);
        REQUIRE(r);
        for (const auto& d : r->desks) CHECK(d.desk != "oakfield/dsl");
    }
    auto c = notification(incident::INCIDENT_NEGLECT);
    c.add_desks("oakfield/dsl");
    CHECK(at(sent_by("royal-hospital", v1::AGENCY_STAGE_LIVE, c), "oakfield/dsl").rule == 0);
}
