#include "unit/routing/world.hpp"

#include "core/limits.hpp"

using namespace cairn;
using namespace cairn::routing;
using namespace cairn::routing::testing;

namespace {

using incident = v1::Notification;

} // namespace

TEST_CASE("a referral nobody addressed goes to the front door, by its rule") {
    for (const auto p :
         {v1::PURPOSE_S47,
          v1::PURPOSE_CIN17,
          v1::PURPOSE_EARLY_HELP,
          v1::PURPOSE_MISSING,
          v1::PURPOSE_CSA_DUTY,
          v1::PURPOSE_SERIOUS_INCIDENT}) {
        const auto r = routed(notification(incident::INCIDENT_NEGLECT, p));
        CHECK(desks(r) == "northshire-council/front_door");
        CHECK(at(r, "northshire-council/front_door").rule == 20);
        CHECK_FALSE(at(r, "northshire-council/front_door").hidden_from_sender);
    }
}

TEST_CASE("a referral that is addressed goes where the sender says, each desk once and in order") {
    auto c = notification(incident::INCIDENT_INJURY);
    c.add_desks("royal-hospital/named");
    c.add_desks("northshire-police/mash");
    c.add_desks("royal-hospital/named");
    const auto r = routed(c, "oakfield");
    CHECK(desks(r) == "northshire-police/mash royal-hospital/named");
    CHECK(at(r, "royal-hospital/named").rule == 0);
    CHECK(at(r, "northshire-police/mash").role == v1::ROLE_MASH);
    CHECK(r->warnings.empty());
}

TEST_CASE("an unknown desk is refused and its place named") {
    auto c = notification(incident::INCIDENT_INJURY);
    c.add_desks("northshire-police/mash");
    for (const char* bad : {"royal-hospital/ed", "nobody/dsl", "oakfield", ""}) {
        auto d = c;
        d.add_desks(bad);
        const auto r = routed(d);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::unknown_desk);
        CHECK(r.error().where == "desks[1]");
    }
}

TEST_CASE("a concern to no desk is refused") {
    v1::Concern request;
    request.set_purpose(v1::PURPOSE_S47);
    request.mutable_information_request()->set_question("Is the child known to you?");
    CHECK(desks(routed(request)) == "no_route");
    CHECK(
        desks(routed(notification(incident::INCIDENT_OTHER, v1::PURPOSE_REVIEW_LEARNING))) ==
        "no_route"
    );
    v1::RegistryState none;
    CHECK(desks(routed(notification(incident::INCIDENT_OTHER), "x", none)) == "no_route");
}

TEST_CASE("more desks than allowed are refused with the limit") {
    auto state = partnership();
    auto c = notification(incident::INCIDENT_OTHER);
    for (std::size_t i = 0; i <= limits::desks; ++i) {
        const auto id = "school-" + std::to_string(i);
        agency(state, id.c_str(), v1::AGENCY_KIND_SCHOOL);
        desk(state, (id + "/dsl").c_str());
        c.add_desks(id + "/dsl");
    }
    const auto r = routed(c, "northshire-police", state);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::too_many);
    CHECK(r.error().where.find("64") != std::string::npos);
}

TEST_CASE("domestic abuse reaches the safeguarding lead of the child's school by its code") {
    for (const char* code : {"999/4001", "9994001", "999 4001"}) {
        auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE, v1::PURPOSE_ENCOMPASS);
        c.add_desks("northshire-police/ppu");
        child(c, "child-1", code);
        const auto r = routed(c);
        CHECK(desks(r) == "northshire-police/ppu oakfield/dsl");
        CHECK(at(r, "oakfield/dsl").rule == 10);
        CHECK(r->warnings.empty());
    }
}

TEST_CASE("an Encompass notice goes to the school alone") {
    auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE, v1::PURPOSE_ENCOMPASS);
    child(c, "child-1", "9994001");
    CHECK(desks(routed(c)) == "oakfield/dsl");
    CHECK(
        desks(routed(notification(incident::INCIDENT_OTHER, v1::PURPOSE_ENCOMPASS))) == "no_route"
    );
    // The same incident as a referral reaches the front door as well.
    c.set_purpose(v1::PURPOSE_S47);
    CHECK(desks(routed(c)) == "northshire-council/front_door oakfield/dsl");
}

TEST_CASE("children at two schools reach both, a brother's school is not told") {
    auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE);
    c.add_desks("northshire-council/front_door");
    child(c, "child-1", "9994001");
    auto& brother = child(c, "child-2", "9994002");
    CHECK(desks(routed(c)) == "northshire-council/front_door oakfield/dsl st-marys/dsl");
    brother.set_role(v1::SUBJECT_SIBLING);
    CHECK(desks(routed(c)) == "northshire-council/front_door oakfield/dsl");
}

TEST_CASE("an unknown or missing school goes to the front door and the sender is told") {
    for (const char* code : {"9990000", ""}) {
        auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE, v1::PURPOSE_ENCOMPASS);
        c.add_desks("northshire-police/ppu");
        child(c, "child-1", "9994002");
        child(c, "child-2", code);
        const auto r = routed(c);
        CHECK(desks(r) == "northshire-council/front_door northshire-police/ppu st-marys/dsl");
        CHECK(warned(r, "school_unknown", "persons[1].education.school_code"));
    }
}

TEST_CASE("a code that is not a school's is no school") {
    auto state = partnership();
    state.mutable_agencies(3)->add_organisation_codes("RXX01");
    auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE);
    child(c, "child-1", "RXX01");
    const auto r = routed(c, "northshire-police", state);
    CHECK(desks(r) == "northshire-council/front_door");
    CHECK(warned(r, "school_unknown"));
}

TEST_CASE("domestic abuse with no child named goes to the front door") {
    CHECK(
        desks(routed(notification(incident::INCIDENT_DOMESTIC_ABUSE))) ==
        "northshire-council/front_door"
    );
}

TEST_CASE("other incidents tell no school of themselves") {
    auto c = notification(incident::INCIDENT_NEGLECT);
    child(c, "child-1", "9994001");
    CHECK(desks(routed(c)) == "northshire-council/front_door");
}

TEST_CASE("a reply reaches the parties of its thread") {
    const thread_parties thread{"oakfield", {"northshire-council/front_door", "oakfield/dsl"}};
    const auto reply = [](auto&& set) {
        v1::Concern c;
        c.set_purpose(v1::PURPOSE_S47);
        set(c);
        return c;
    };
    const v1::Concern kinds[] = {
        reply([](auto& c) { c.mutable_answer(); }),
        reply([](auto& c) { c.mutable_outcome(); }),
        reply([](auto& c) { c.mutable_feedback(); }),
        reply([](auto& c) { c.mutable_challenge(); }),
        reply([](auto& c) { c.mutable_correction(); }),
        reply([](auto& c) { c.mutable_recall(); }),
        reply([](auto& c) { c.mutable_acknowledgement(); }),
    };
    for (const auto& c : kinds) {
        const auto r = routed(c, "northshire-council", partnership(), thread);
        CHECK(desks(r) == "northshire-council/front_door oakfield/dsl");
        CHECK(at(r, "oakfield/dsl").rule == 40);
        CHECK(desks(routed(c, "northshire-council")) == "reply_unknown");
    }
}

TEST_CASE("a desk of the thread that is no more does not stop a reply") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.mutable_outcome();
    const thread_parties thread{"oakfield", {"closed-school/dsl", "oakfield/dsl"}};
    CHECK(desks(routed(c, "northshire-council", partnership(), thread)) == "oakfield/dsl");
}

TEST_CASE("a link goes to the desks named, otherwise to the thread's") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.mutable_link();
    const thread_parties thread{"oakfield", {"oakfield/dsl"}};
    CHECK(desks(routed(c, "northshire-council", partnership(), thread)) == "oakfield/dsl");
    c.add_desks("northshire-police/mash");
    CHECK(
        desks(routed(c, "northshire-council", partnership(), thread)) == "northshire-police/mash"
    );
    c.clear_desks();
    CHECK(desks(routed(c, "northshire-council")) == "no_route");
}

TEST_CASE("a status goes to the desks named, otherwise to health and police in the hub") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_CIN17);
    c.mutable_status();
    CHECK(desks(routed(c, "northshire-council")) == "northshire-police/mash royal-hospital/named");
    c.add_desks("oakfield/dsl");
    CHECK(desks(routed(c, "northshire-council")) == "oakfield/dsl");
}

TEST_CASE("a closed desk's deputy gets it, and the sender may know") {
    auto state = partnership();
    state.mutable_desks(0)->set_closed(true);
    const auto r = routed(notification(incident::INCIDENT_NEGLECT), "oakfield", state);
    CHECK(desks(r) == "northshire-council/allocated");
    CHECK(at(r, "northshire-council/allocated").deputy);
    CHECK(at(r, "northshire-council/allocated").role == v1::ROLE_ALLOCATED);
    CHECK_FALSE(at(r, "northshire-council/allocated").hidden_from_sender);
}

TEST_CASE("a closed desk with nobody to stand in is left out with a warning, alone it is no route"
) {
    auto state = partnership();
    state.mutable_desks(7)->set_closed(true);
    auto c = notification(incident::INCIDENT_NEGLECT);
    c.add_desks("royal-hospital/named");
    CHECK(desks(routed(c, "oakfield", state)) == "no_route");
    c.add_desks("northshire-police/ppu");
    const auto r = routed(c, "oakfield", state);
    CHECK(desks(r) == "northshire-police/ppu");
    CHECK(warned(r, "desk_closed", "desks[0]"));
}

TEST_CASE("a suspended agency's desk counts as closed") {
    auto state = partnership();
    state.mutable_agencies(0)->set_suspended(true);
    CHECK(
        desks(routed(notification(incident::INCIDENT_NEGLECT), "oakfield", state)) ==
        "southshire-council/allocated"
    );
}

TEST_CASE("of two councils the one whose area the child is of is told, by code or by id") {
    auto state = partnership();
    desk(state, "southshire-council/front_door");
    state.mutable_agencies(1)->add_organisation_codes("E10000099");
    const auto to = [&](auto&& say) {
        auto c = notification(incident::INCIDENT_NEGLECT);
        say(child(c, "child-1", ""));
        return routed(c, "oakfield", state);
    };
    const auto both = "northshire-council/front_door southshire-council/front_door";
    const auto unsaid = to([](v1::Person&) {});
    CHECK(desks(unsaid) == both);
    CHECK(warned(unsaid, "area_unknown"));
    const auto by_case =
        to([](v1::Person& p) { p.mutable_case_status()->set_local_authority("e10000099"); });
    CHECK(desks(by_case) == "southshire-council/front_door");
    CHECK(by_case->warnings.empty());
    CHECK(desks(to([](v1::Person& p) {
              auto& a = *p.add_addresses();
              a.set_harm(v1::Address::HARM_SAFE);
              a.set_local_authority("northshire-council");
          })) == "northshire-council/front_door");
    // Where somebody hides is not told by whom it is sent to.
    CHECK(desks(to([](v1::Person& p) {
              p.add_addresses()->set_local_authority("southshire-council");
          })) == both);
    CHECK(desks(to([](v1::Person& p) {
              p.mutable_case_status()->set_local_authority("elsewhere");
          })) == both);
}

TEST_CASE("where the child's council is in conflict another one is told") {
    auto state = partnership();
    desk(state, "southshire-council/front_door");
    state.mutable_desks(0)->clear_deputies();
    auto c = notification(incident::INCIDENT_NEGLECT);
    child(c, "child-1", "").mutable_case_status()->set_local_authority("northshire-council");
    c.add_conflicts_of_interest("northshire-council");
    CHECK(desks(routed(c, "oakfield", state)) == "southshire-council/front_door");
}

TEST_CASE("who stands in for a front door counts as the front door") {
    auto state = partnership();
    state.mutable_desks(0)->set_closed(true);
    const auto r = routed(notification(incident::INCIDENT_NEGLECT), "oakfield", state);
    CHECK(at(r, "northshire-council/allocated").for_front_door);
    auto c = notification(incident::INCIDENT_NEGLECT);
    c.add_desks("northshire-council/allocated");
    CHECK_FALSE(at(routed(c), "northshire-council/allocated").for_front_door);
}

TEST_CASE("a desk that is named and added is told by name, and the addition stays hidden") {
    auto c = notification(incident::INCIDENT_INJURY);
    c.add_desks("northshire-council/lado");
    c.add_desks("northshire-police/ppu");
    auto& a = *c.add_assertions()->mutable_allegation();
    a.set_works_with_children(true);
    a.set_employer_agency("oakfield");
    const auto r = routed(c, "oakfield");
    CHECK(at(r, "northshire-council/lado").named);
    CHECK(at(r, "northshire-council/lado").hidden_from_sender);
    CHECK(shown_to_sender(at(r, "northshire-council/lado")));
    CHECK_FALSE(at(r, "northshire-police/ppu").hidden_from_sender);
}

TEST_CASE("the same concern has the same route whatever the order of the registry") {
    auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE);
    child(c, "child-1", "9994001");
    c.add_desks("royal-hospital/named");
    auto turned = partnership();
    std::reverse(turned.mutable_desks()->begin(), turned.mutable_desks()->end());
    std::reverse(turned.mutable_agencies()->begin(), turned.mutable_agencies()->end());
    CHECK(desks(routed(c)) == desks(routed(c, "northshire-police", turned)));
}
