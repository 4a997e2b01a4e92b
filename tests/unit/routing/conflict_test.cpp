#include "unit/routing/world.hpp"

#include "routing/conflict.hpp"

using namespace cairn;
using namespace cairn::routing;
using namespace cairn::routing::testing;

namespace {

using incident = v1::Notification;

v1::Concern staff_allegation(const char* employer) {
    auto c = notification(incident::INCIDENT_STAFF_ALLEGATION, v1::PURPOSE_ALLEGATION);
    auto& accused = *c.add_persons();
    accused.set_ref("adult-1");
    accused.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    auto& a = *c.add_assertions()->mutable_allegation();
    a.set_accused("adult-1");
    a.set_employer_agency(employer);
    return c;
}

} // namespace

TEST_CASE("an allegation about a teacher reaches the LADO only, the school's desk stays empty") {
    auto c = staff_allegation("oakfield");
    child(c, "child-1", "9994001");
    c.add_desks("oakfield/dsl");
    c.add_desks("northshire-police/mash");
    const auto r = routed(c, "northshire-police");
    CHECK(desks(r) == "northshire-council/lado");
    CHECK(warned(r, "exclusive_route", "desks[0]"));
    CHECK(warned(r, "exclusive_route", "desks[1]"));
}

TEST_CASE("incident or purpose alone is enough for the LADO's route") {
    CHECK(
        desks(routed(notification(incident::INCIDENT_STAFF_ALLEGATION, v1::PURPOSE_S47))) ==
        "northshire-council/lado"
    );
    CHECK(
        desks(routed(notification(incident::INCIDENT_INJURY, v1::PURPOSE_ALLEGATION))) ==
        "northshire-council/lado"
    );
    auto both = notification(incident::INCIDENT_DOMESTIC_ABUSE, v1::PURPOSE_ALLEGATION);
    child(both, "child-1", "9994001");
    CHECK(desks(routed(both)) == "northshire-council/lado");
}

TEST_CASE("where the sender is the employer the sender sees only that policy routed it") {
    const auto employer = routed(staff_allegation("oakfield"), "oakfield");
    CHECK(at(employer, "northshire-council/lado").hidden_from_sender);
    const auto other = routed(staff_allegation("oakfield"), "st-marys");
    CHECK_FALSE(at(other, "northshire-council/lado").hidden_from_sender);
}

TEST_CASE("the council's LADO gets an allegation about the council's own worker") {
    CHECK(desks(routed(staff_allegation("northshire-council"))) == "northshire-council/lado");
}

TEST_CASE("the sender's list binds the LADO too, and with no other LADO there is no route") {
    auto c = staff_allegation("northshire-council");
    c.add_conflicts_of_interest("northshire-council/lado");
    CHECK(desks(routed(c)) == "no_route");
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) d.set_closed(false);
    const auto r = routed(c, "northshire-police", state);
    CHECK(desks(r) == "southshire-council/lado");
}

TEST_CASE("the accused's employer never learns, whichever way it is named") {
    auto by_allegation = notification(incident::INCIDENT_INJURY);
    by_allegation.add_assertions()->mutable_allegation()->set_employer_agency("royal-hospital");
    auto by_person = notification(incident::INCIDENT_INJURY);
    auto& p = *by_person.add_persons();
    p.set_ref("adult-1");
    p.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    p.mutable_professional()->set_employer_agency("royal-hospital");
    auto by_accused = notification(incident::INCIDENT_INJURY);
    auto& worker = *by_accused.add_persons();
    worker.set_ref("worker-1");
    worker.set_role(v1::SUBJECT_PROFESSIONAL);
    worker.mutable_professional()->set_employer_agency("royal-hospital");
    by_accused.add_assertions()->mutable_allegation()->set_accused("worker-1");
    auto by_list = notification(incident::INCIDENT_INJURY);
    by_list.add_conflicts_of_interest("royal-hospital");
    auto by_desk = notification(incident::INCIDENT_INJURY);
    by_desk.add_conflicts_of_interest("royal-hospital/named");
    for (auto* c : {&by_allegation, &by_person, &by_accused, &by_list, &by_desk}) {
        c->add_desks("royal-hospital/named");
        c->add_desks("northshire-police/ppu");
        const auto r = routed(*c);
        CHECK(desks(r) == "northshire-police/ppu");
        REQUIRE(warned(r, "desk_left_out", "desks[0]"));
        for (const auto& w : r->warnings) {
            for (const char* no : {"onflict", "mploy", "ccused", "hospital"}) {
                CHECK(w.text().find(no) == std::string::npos);
            }
        }
    }
}

TEST_CASE("a professional who is not accused binds nobody") {
    auto c = notification(incident::INCIDENT_INJURY);
    auto& worker = *c.add_persons();
    worker.set_ref("worker-1");
    worker.set_role(v1::SUBJECT_PROFESSIONAL);
    worker.mutable_professional()->set_employer_agency("royal-hospital");
    c.add_desks("royal-hospital/named");
    CHECK(desks(routed(c)) == "royal-hospital/named");
}

TEST_CASE("a desk in conflict is replaced by its first deputy that is not") {
    auto c = notification(incident::INCIDENT_NEGLECT);
    c.add_conflicts_of_interest("northshire-council/front_door");
    const auto near = routed(c);
    CHECK(desks(near) == "northshire-council/allocated");
    CHECK(at(near, "northshire-council/allocated").hidden_from_sender);
    // The whole council: its deputies inside are passed over for the one outside.
    c.add_conflicts_of_interest("northshire-council");
    const auto far = routed(c);
    CHECK(desks(far) == "southshire-council/allocated");
    CHECK(at(far, "southshire-council/allocated").deputy);
}

TEST_CASE("a deputy of another desk inside the employer never learns") {
    // A desk elsewhere is closed, and its only deputy sits in the accused's agency.
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) {
        if (d.id() != "northshire-police/ppu") continue;
        d.set_closed(true);
        d.add_deputies("royal-hospital/named");
    }
    auto c = notification(incident::INCIDENT_INJURY);
    c.add_assertions()->mutable_allegation()->set_employer_agency("royal-hospital");
    c.add_desks("northshire-police/ppu");
    CHECK(desks(routed(c, "oakfield", state)) == "no_route");
    c.add_desks("northshire-council/front_door");
    const auto r = routed(c, "oakfield", state);
    CHECK(desks(r) == "northshire-council/front_door");
    CHECK(warned(r, "desk_closed", "desks[0]"));
}

TEST_CASE("a chain of deputies all in conflict leads nowhere and ends") {
    auto c = notification(incident::INCIDENT_NEGLECT);
    c.add_conflicts_of_interest("northshire-council");
    c.add_conflicts_of_interest("southshire-council/allocated");
    CHECK(desks(routed(c)) == "no_route");
    // Two schools that stand in for each other, one in conflict and one closed.
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) {
        if (d.id() == "st-marys/dsl") d.set_closed(true);
    }
    auto to_school = notification(incident::INCIDENT_NEGLECT);
    to_school.add_desks("oakfield/dsl");
    to_school.add_conflicts_of_interest("oakfield");
    CHECK(desks(routed(to_school, "northshire-police", state)) == "no_route");
}

TEST_CASE("a school in conflict gets no Encompass notice, the front door does") {
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) {
        if (d.id() == "oakfield/dsl") d.clear_deputies();
    }
    auto c = notification(incident::INCIDENT_DOMESTIC_ABUSE, v1::PURPOSE_ENCOMPASS);
    child(c, "child-1", "9994001");
    c.add_desks("northshire-police/ppu");
    auto& accused = *c.add_persons();
    accused.set_ref("adult-1");
    accused.set_role(v1::SUBJECT_ALLEGED_PERPETRATOR);
    accused.mutable_professional()->set_employer_agency("oakfield");
    const auto r = routed(c, "northshire-police", state);
    CHECK(desks(r) == "northshire-council/front_door northshire-police/ppu");
    CHECK_FALSE(warned(r, "school_unknown"));
}

TEST_CASE("replies are bound as well") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_ALLEGATION);
    c.mutable_outcome();
    c.add_conflicts_of_interest("oakfield");
    c.add_desks("st-marys/dsl");
    const thread_parties thread{"northshire-police", {"northshire-police/ppu", "oakfield/dsl"}};
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) {
        if (d.id() == "oakfield/dsl") d.clear_deputies();
    }
    const auto r = routed(c, "northshire-council", state, thread);
    // And what a reply on an allegation addresses beside its thread is dropped.
    CHECK(desks(r) == "northshire-police/ppu");
    CHECK(warned(r, "exclusive_route", "desks[0]"));
}

TEST_CASE("the conflicts of the thread bind a reply that says nothing of them") {
    v1::Concern first;
    first.add_conflicts_of_interest("oakfield/dsl");
    first.add_assertions()->mutable_allegation()->set_employer_agency("royal-hospital");
    thread_parties thread{
        "st-marys", {"northshire-police/ppu", "oakfield/dsl", "royal-hospital/named"}};
    thread.conflicts = conflict_set::of(first);
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) d.clear_deputies();
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.mutable_correction();
    CHECK(desks(routed(c, "st-marys", state, thread)) == "northshire-police/ppu");
    c.add_desks("royal-hospital/named");
    const auto r = routed(c, "st-marys", state, thread);
    CHECK(desks(r) == "northshire-police/ppu");
    CHECK(warned(r, "desk_left_out", "desks[0]"));
}

TEST_CASE("the employer's desk that sent an allegation is answered, unless it listed itself") {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_ALLEGATION);
    c.mutable_answer();
    thread_parties thread{"oakfield", {"oakfield/dsl"}};
    thread.conflicts = conflict_set::of(staff_allegation("oakfield"));
    thread.exclusive = true;
    auto state = partnership();
    for (auto& d : *state.mutable_desks()) d.clear_deputies();
    CHECK(desks(routed(c, "northshire-council", state, thread)) == "no_route");
    thread.reply_desk = "oakfield/dsl";
    CHECK(desks(routed(c, "northshire-council", state, thread)) == "oakfield/dsl");
    c.add_conflicts_of_interest("oakfield");
    CHECK(desks(routed(c, "northshire-council", state, thread)) == "no_route");
}

TEST_CASE("an allegation stays on its route whatever a later concern of its thread says") {
    thread_parties thread{"st-marys", {"northshire-council/lado"}};
    thread.exclusive = true;
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_FEEDBACK);
    c.mutable_acknowledgement();
    c.add_desks("northshire-council/front_door");
    const auto r = routed(c, "st-marys", partnership(), thread);
    CHECK(desks(r) == "northshire-council/lado");
    CHECK(warned(r, "exclusive_route", "desks[0]"));
    // Not a reply by kind, and yet of the thread.
    auto more = notification(incident::INCIDENT_INJURY);
    more.add_desks("northshire-council/front_door");
    CHECK(desks(routed(more, "st-marys", partnership(), thread)) == "northshire-council/lado");
}

TEST_CASE("an accused who works with children is the officer's matter beside what else it is") {
    auto c = notification(incident::INCIDENT_INJURY);
    c.add_desks("northshire-police/ppu");
    auto& a = *c.add_assertions()->mutable_allegation();
    CHECK(desks(routed(c)) == "northshire-police/ppu");
    a.set_works_with_children(true);
    const auto r = routed(c);
    CHECK(desks(r) == "northshire-council/lado northshire-police/ppu");
    CHECK(at(r, "northshire-council/lado").rule == 1);
    CHECK_FALSE(at(r, "northshire-council/lado").hidden_from_sender);
    // Nobody addressed: the front door keeps it.
    c.clear_desks();
    CHECK(desks(routed(c)) == "northshire-council/front_door northshire-council/lado");
    a.set_employer_agency("northshire-police");
    CHECK(at(routed(c), "northshire-council/lado").hidden_from_sender);
}

TEST_CASE("the officer for allegations writes to police and to the other side, nobody else") {
    const auto by_officer = [](const v1::Concern& c, const thread_parties& thread = {}) {
        const origin from{"northshire-council", {"northshire-council/lado"}};
        return find_route(c, from, *built(partnership()), shipped(), thread);
    };
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_ALLEGATION);
    c.mutable_information_request();
    c.add_desks("northshire-police/ppu");
    c.add_desks("northshire-council/front_door");
    const auto r = by_officer(c);
    CHECK(desks(r) == "northshire-police/ppu");
    CHECK(warned(r, "exclusive_route", "desks[1]"));
    CHECK(
        desks(by_officer(c, {"st-marys", {"st-marys/dsl"}})) == "northshire-police/ppu st-marys/dsl"
    );
    c.add_conflicts_of_interest("northshire-police");
    CHECK(desks(by_officer(c, {"st-marys", {"st-marys/dsl"}})) == "st-marys/dsl");
    // A certificate of other desks too may be anybody's there: on to the officer, and to nobody.
    const origin both{
        "northshire-council", {"northshire-council/front_door", "northshire-council/lado"}};
    CHECK(
        desks(find_route(c, both, *built(partnership()), shipped(), {})) ==
        "northshire-council/lado"
    );
}

TEST_CASE("a conflict set binds listed desks, agencies and employers, and the LADO by the list only"
) {
    v1::Concern c;
    c.add_conflicts_of_interest("oakfield/dsl");
    c.add_conflicts_of_interest("royal-hospital");
    c.add_assertions()->mutable_allegation()->set_employer_agency("northshire-council");
    const auto set = conflict_set::of(c);
    CHECK(set.binds("oakfield/dsl"));
    CHECK(set.binds("royal-hospital/ed"));
    CHECK(set.binds("northshire-council/front_door"));
    CHECK_FALSE(set.binds("northshire-council/lado"));
    CHECK_FALSE(set.binds("oakfield-two/dsl"));
    CHECK_FALSE(set.binds("northshire-police/mash"));
    CHECK(set.binds_agency("royal-hospital"));
    CHECK(set.binds_agency("northshire-council"));
    CHECK_FALSE(set.binds_agency("oakfield"));
    CHECK_FALSE(conflict_set::of({}).binds("oakfield/dsl"));
}
