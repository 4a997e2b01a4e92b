// Track, Explain, Preview: what a party may ask, and what no answer may tell.
#include "exchange.hpp"

#include "support/people.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

using namespace testing;

// The stand-in of a desk in conflict, and the officer's desk of the sender's own accused: hidden.
v1::Concern with_hidden(const std::vector<std::string>& desks) {
    v1::Concern c = referral(desks);
    auto& a = *c.add_assertions();
    a.set_ref("a-1");
    a.set_kind(v1::Assertion::KIND_ALLEGATION);
    a.mutable_allegation()->set_works_with_children(true);
    a.mutable_allegation()->set_employer_agency("oakfield");
    return c;
}

const v1::TrackResponse::Desk& row(const v1::TrackResponse& t, const std::string& desk) {
    for (const auto& d : t.desks()) {
        if (d.desk() == desk) return d;
    }
    FAIL("no row for " << desk);
    return t.desks(0);
}

std::string form_of(const v1::ExplainResponse& e, const std::string& category) {
    for (const auto& cell : e.desks(0).cells()) {
        if (cell.category() == category) return cell.form();
    }
    return "none";
}

} // namespace

TEST_CASE("all hidden desks are one row, the last, wherever the sender looks") {
    exchange x;
    // Policy adds the officer; the sender's own school is the employer, so it is not told.
    const auto c = with_hidden({ppu, named});
    const std::string seen = named + " " + ppu + " routed by policy";
    const auto sent = x.submit("oakfield", c);
    REQUIRE(sent);
    CHECK(told(sent) == seen);
    CHECK(x.waiting("lado", lado).size() == 1);
    CHECK(rows(x.track("oakfield", sent->concern_id())) == seen);
    CHECK(rows(x.explain("oakfield", sent->concern_id())) == seen);
    CHECK(rows(x.preview("oakfield", c)) == seen);
    const auto named_rows = x.explain("oakfield", sent->concern_id(), ppu);
    CHECK(rows(named_rows) == ppu);
}

TEST_CASE("to ask for a desk by name tells nothing of whether it was told") {
    exchange x;
    const auto sent = x.submit("oakfield", with_hidden({ppu}));
    REQUIRE(sent);
    for (const auto& desk : {lado, front_door, std::string("routed by policy"), std::string("?")}) {
        CHECK(rows(x.explain("oakfield", sent->concern_id(), desk)) == "not_found");
    }
}

TEST_CASE("a sender that names a hidden desk itself learns nothing by it") {
    exchange x;
    const auto sent = x.submit("oakfield", with_hidden({ppu, lado}));
    const auto other = x.submit("oakfield", with_hidden({ppu, camhs}));
    REQUIRE(sent);
    REQUIRE(other);
    // Policy's desk is the one named, and it is not: the same rows either way.
    CHECK(told(sent) == lado + " " + ppu + " routed by policy");
    CHECK(told(other) == camhs + " " + ppu + " routed by policy");
    CHECK(rows(x.track("oakfield", sent->concern_id())) == told(sent));
    CHECK(rows(x.explain("oakfield", sent->concern_id())) == told(sent));
    // And in a later concern of the thread.
    auto again = with_hidden({});
    again.set_thread(other->thread());
    again.set_in_reply_to(other->concern_id());
    again.mutable_correction();
    again.add_desks(lado);
    const auto followed = x.submit("oakfield", again);
    REQUIRE(followed);
    CHECK(told(followed) == lado + " " + camhs + " " + ppu + " routed by policy");
    CHECK(rows(x.track("oakfield", followed->concern_id())) == told(followed));
    // Nor in the one after it, which names nobody.
    again.clear_desks();
    for (const auto& first : {*sent, *followed}) {
        again.set_thread(first.thread());
        again.set_in_reply_to(first.concern_id());
        const auto next = x.submit("oakfield", again);
        REQUIRE(next);
        CHECK(told(next) == told(first));
        CHECK(rows(x.track("oakfield", next->concern_id())) == told(first));
    }
}

TEST_CASE("the row of the hidden desks is that of the one furthest behind") {
    exchange x;
    const auto sent = x.submit("oakfield", with_hidden({ppu}));
    REQUIRE(sent);
    const auto hidden = [&] {
        const auto t = x.track("oakfield", sent->concern_id());
        REQUIRE(t);
        return row(*t, "routed by policy");
    };
    CHECK(hidden().state() == v1::TrackResponse::STATE_PENDING);
    CHECK(hidden().acknowledged_at_us() == 0);
    REQUIRE(x.submit("lado", acknowledgement(*sent)));
    CHECK(hidden().acknowledged_at_us() != 0);
}

TEST_CASE("no notice names another desk but the front door and the police, and none that is hidden"
) {
    exchange x;
    const auto sent = x.submit("oakfield", with_hidden({front_door, mash, named, camhs, elmwood}));
    REQUIRE(sent);
    for (const auto& [who, desk] : std::vector<std::pair<std::string, std::string>>{
             {"elmwood", elmwood}, {"health", named}, {"lado", lado}}) {
        const auto n = x.notice(who, desk, sent->concern_id());
        CHECK(
            std::vector<std::string>(n.also_told().begin(), n.also_told().end()) ==
            std::vector<std::string>{front_door, mash}
        );
    }
    // Nor do the notices of what follows in the thread.
    auto again = with_hidden({});
    again.set_thread(sent->thread());
    again.set_in_reply_to(sent->concern_id());
    again.mutable_correction();
    const auto followed = x.submit("oakfield", again);
    REQUIRE(followed);
    CHECK(x.waiting("lado", lado).size() == 2);
    for (const auto& [who, desk] : std::vector<std::pair<std::string, std::string>>{
             {"police", mash}, {"front-door", front_door}}) {
        const auto n = x.notice(who, desk, followed->concern_id());
        CHECK(n.SerializeAsString().find(lado) == std::string::npos);
        CHECK(n.SerializeAsString().find(camhs) == std::string::npos);
    }
}

TEST_CASE("a preview is a record, written with the request, and shows what the submit would do") {
    exchange x;
    const auto before = x.records(ledger::record_kind::preview).size();
    const auto c = referral({front_door, mash});
    const auto seen = x.preview("oakfield", c);
    REQUIRE(seen);
    CHECK(rows(seen) == front_door + " " + mash);
    const auto records = x.records(ledger::record_kind::preview);
    REQUIRE(records.size() == before + 1);
    CHECK(records.back().parties == std::vector<std::string>{"oakfield"});
    const auto sent = x.submit("oakfield", c);
    REQUIRE(sent);
    auto shown = seen->desks(1).notice();
    auto real = x.notice("police", mash, sent->concern_id());
    CHECK(shown.content().SerializeAsString() == real.content().SerializeAsString());
    CHECK(x.waiting("police", mash).size() == 1);
}

TEST_CASE("a preview of a reply goes the reply's own way") {
    exchange x;
    const auto first = x.submit("oakfield", referral({mash, named}));
    REQUIRE(first);
    auto answer = reply_to(*first);
    answer.mutable_answer()->set_result(v1::Answer::RESULT_NOTHING_HELD);
    CHECK(rows(x.preview("police", answer)) == oakfield);
    CHECK(x.waiting("oakfield", oakfield).empty());
    const auto refused = x.preview("elmwood", answer);
    REQUIRE(refused);
    CHECK(refused->desks().empty());
    CHECK(refused->refused().symbol() == "reply_unknown");
    CHECK(x.preview("police", recall(*first))->refused().symbol() == "kind_not_allowed");
}

TEST_CASE("an explanation speaks by the policy that decided, whatever is in force later") {
    exchange x;
    const auto sent = x.submit("oakfield", referral({mash}));
    REQUIRE(sent);
    const auto before = x.explain("oakfield", sent->concern_id());
    REQUIRE(before);
    std::string text(policy::template_policy());
    const auto titles = [&] {
        const auto at = text.find("  title: \"");
        text.insert(at + 10, "Rewritten: ");
    };
    titles();
    for (auto at = text.find("  title: \""); at != std::string::npos;
         at = text.find("  title: \"", at + 1)) {
        if (text.compare(at + 10, 9, "Rewritten") != 0) text.insert(at + 10, "Rewritten: ");
    }
    x.change_policy(text);
    const auto after = x.explain("oakfield", sent->concern_id());
    REQUIRE(after);
    CHECK(after->SerializeAsString() == before->SerializeAsString());
    const auto later = x.submit("oakfield", referral({mash}));
    REQUIRE(later);
    const auto rewritten = x.explain("oakfield", later->concern_id());
    REQUIRE(rewritten);
    CHECK(rewritten->SerializeAsString().find("Rewritten: ") != std::string::npos);
}

TEST_CASE("a school sees its own pupil, and the other child of the same notice is not named") {
    exchange x;
    v1::Concern c = referral({});
    c.set_purpose(v1::PURPOSE_ENCOMPASS);
    c.mutable_notification()->set_incident(v1::Notification::INCIDENT_DOMESTIC_ABUSE);
    auto& boy = *c.add_persons() = test::child(2);
    boy.clear_voice();
    boy.mutable_education()->set_school_code("100043");
    const auto sent = x.submit("police", c);
    REQUIRE(sent);
    CHECK(told(sent) == elmwood + " " + oakfield);
    const auto ours = x.notice("oakfield", oakfield, sent->concern_id()).SerializeAsString();
    CHECK(ours.find("Oakley1") != std::string::npos);
    CHECK(ours.find("Oakley2") == std::string::npos);
    const auto theirs = x.notice("elmwood", elmwood, sent->concern_id()).SerializeAsString();
    CHECK(theirs.find("Oakley2") != std::string::npos);
    CHECK(theirs.find("Oakley1") == std::string::npos);
}

TEST_CASE("the desk that leads early help sees whom it leads it for") {
    exchange x;
    v1::Concern c = referral({named, front_door});
    c.set_purpose(v1::PURPOSE_EARLY_HELP);
    c.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
    const auto without = x.submit("oakfield", c);
    REQUIRE(without);
    CHECK(
        x.notice("health", named, without->concern_id()).SerializeAsString().find("Oakley1") ==
        std::string::npos
    );
    c.set_lead_practitioner_desk(named);
    const auto leads = x.submit("oakfield", c);
    REQUIRE(leads);
    CHECK(
        x.notice("health", named, leads->concern_id()).SerializeAsString().find("Oakley1") !=
        std::string::npos
    );
}

TEST_CASE("what nobody read in time is overdue, unless it was taken back") {
    exchange x;
    const auto sent = x.submit("oakfield", referral({front_door, mash}));
    REQUIRE(sent);
    const auto overdue = [&](const std::string& desk) {
        const auto t = x.track("oakfield", sent->concern_id());
        REQUIRE(t);
        return row(*t, desk).overdue();
    };
    CHECK_FALSE(overdue(mash));
    x.rt.clock_.wall += std::chrono::hours(24 * 14);
    CHECK(overdue(mash));
    CHECK(overdue(front_door));
    REQUIRE(x.submit("police", acknowledgement(*sent)));
    CHECK_FALSE(overdue(mash));
    REQUIRE(x.submit("oakfield", recall(*sent)));
    CHECK_FALSE(overdue(front_door));
}

TEST_CASE("who sends for a school may ask after what it sent, and nothing else of the school") {
    exchange x;
    const auto sent = x.submit("vendor", referral(), "elmwood");
    const auto own = x.submit("elmwood", referral());
    REQUIRE(sent);
    REQUIRE(own);
    CHECK(rows(x.track("vendor", sent->concern_id())) == front_door);
    CHECK(rows(x.explain("vendor", sent->concern_id())) == front_door);
    CHECK(rows(x.track("elmwood", sent->concern_id())) == front_door);
    CHECK(rows(x.track("vendor", own->concern_id())) == "not_found");
    CHECK(x.track("vendor", sent->concern_id())->receipt() == sent->receipt());
    // What comes back is the desk's, which it holds for the school.
    const auto ack = x.submit("front-door", acknowledgement(*sent));
    REQUIRE(ack);
    CHECK(rows(x.track("vendor", ack->concern_id())) == elmwood);
}

TEST_CASE("to somebody not told a concern is one that is not held") {
    exchange x;
    const auto sent = x.submit("oakfield", referral({mash}));
    REQUIRE(sent);
    const auto of_nothing = x.track("elmwood", std::string(32, 'a'));
    const auto of_others = x.track("elmwood", sent->concern_id());
    REQUIRE_FALSE(of_nothing);
    REQUIRE_FALSE(of_others);
    CHECK(of_nothing.error().code == of_others.error().code);
    CHECK(of_nothing.error().where == of_others.error().where);
    CHECK(rows(x.track("police", sent->concern_id())) == mash);
    CHECK(x.track("police", sent->concern_id())->receipt().empty());
    CHECK(form_of(*x.explain("police", sent->concern_id()), "none at all") == "none");
}

} // namespace cairn::daemon
