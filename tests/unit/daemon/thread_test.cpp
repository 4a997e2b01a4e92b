// What a reply may do and where it goes.
#include "exchange.hpp"

#include "daemon/accept.hpp"
#include "daemon/questions.hpp"
#include "support/people.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

using namespace testing;

bool flagged(const v1::ConcernRecord& r, const std::string& desk, v1::Flag f) {
    for (const auto& d : r.inputs().desks()) {
        if (d.desk() == desk) return (d.flags() & policy::bit(f)) != 0;
    }
    FAIL("no decision for " << desk);
    return false;
}

v1::Concern answer_of(const v1::SubmitResponse& first, v1::Purpose purpose = v1::PURPOSE_S47) {
    v1::Concern c = reply_to(first, purpose);
    c.mutable_answer()->set_result(v1::Answer::RESULT_NOTHING_HELD);
    return c;
}

v1::Concern correction_of(const v1::SubmitResponse& first) {
    v1::Concern c = referral({});
    c.set_thread(first.thread());
    c.set_in_reply_to(first.concern_id());
    c.mutable_correction();
    return c;
}

v1::TrackResponse::State state_of(exchange& x, const std::string& id, const std::string& desk) {
    const auto t = x.track("oakfield", id);
    REQUIRE(t);
    for (const auto& d : t->desks()) {
        if (d.desk() == desk) return d.state();
    }
    return v1::TrackResponse::STATE_UNSPECIFIED;
}

std::string symbol(const result<v1::SubmitResponse>& r) {
    return r ? "accepted" : std::string(describe(r.error().code).symbol);
}

void give_back(exchange& x, const std::string& id, v1::ReturnRequest::Reason why) {
    v1::ReturnRequest r;
    r.set_desk(named);
    r.set_reason(why);
    for (const auto& d : x.waiting("health", named)) {
        if (d.notice().concern_id() == id) r.set_position(d.position());
    }
    REQUIRE(x.call("health", "Return", r.SerializeAsString()));
}

} // namespace

TEST_CASE("nobody but its sender recalls or corrects a concern") {
    exchange x;
    const auto first = x.submit("oakfield", referral({front_door, mash}));
    REQUIRE(first);
    CHECK(symbol(x.submit("police", recall(*first))) == "kind_not_allowed");
    CHECK(symbol(x.submit("police", correction_of(*first))) == "kind_not_allowed");
    // Who was told of nothing is told nothing.
    CHECK(symbol(x.submit("elmwood", recall(*first))) == "reply_unknown");
    CHECK(x.waiting("front-door", front_door).size() == 1);
    CHECK(state_of(x, first->concern_id(), front_door) == v1::TrackResponse::STATE_PENDING);

    const auto taken_back = x.submit("oakfield", recall(*first));
    REQUIRE(taken_back);
    CHECK(told(taken_back) == front_door + " " + mash);
    CHECK(state_of(x, first->concern_id(), front_door) == v1::TrackResponse::STATE_WITHDRAWN);
    // The recall itself is what waits now.
    REQUIRE(x.waiting("front-door", front_door).size() == 1);
    CHECK(x.waiting("front-door", front_door)[0].notice().kind() == v1::CONCERN_KIND_RECALL);
}

TEST_CASE("a school's concern is recalled by the system that sent it for the school") {
    exchange x;
    const auto first = x.submit("vendor", referral(), "elmwood");
    REQUIRE(first);
    CHECK(symbol(x.submit("vendor", recall(*first), "elmwood")) == "accepted");
}

TEST_CASE("a correction that makes an address protected withdraws what was not confirmed") {
    exchange x;
    const auto first = x.submit("oakfield", referral({front_door, mash}));
    REQUIRE(first);
    auto plain = correction_of(*first);
    REQUIRE(x.submit("oakfield", plain));
    CHECK(state_of(x, first->concern_id(), mash) == v1::TrackResponse::STATE_PENDING);
    auto late = correction_of(*first);
    test::add_protected_address(*late.mutable_persons(0));
    const auto corrected = x.submit("oakfield", late);
    REQUIRE(corrected);
    CHECK(state_of(x, first->concern_id(), mash) == v1::TrackResponse::STATE_WITHDRAWN);
    CHECK(state_of(x, first->concern_id(), front_door) == v1::TrackResponse::STATE_WITHDRAWN);
    // The whole content comes with the correction.
    const auto n = x.notice("police", mash, corrected->concern_id());
    CHECK(n.content().persons_size() == 1);
    CHECK(n.SerializeAsString().find(test::protected_line) == std::string::npos);
}

TEST_CASE("a late harm flag withdraws every correction that said the same without it") {
    exchange x;
    const auto first = x.submit("oakfield", referral({front_door, mash}));
    REQUIRE(first);
    const auto plain = x.submit("oakfield", correction_of(*first));
    REQUIRE(plain);
    const auto again = x.submit("oakfield", correction_of(*plain));
    REQUIRE(again);
    auto other = referral({mash});
    other.set_thread(first->thread());
    const auto news = x.submit("oakfield", other);
    REQUIRE(news);
    // Whichever of them it names.
    const std::size_t which = GENERATE(0U, 1U, 2U);
    auto late = correction_of(*std::array{first, plain, again}[which]);
    test::add_protected_address(*late.mutable_persons(0));
    REQUIRE(x.submit("oakfield", late));
    for (const auto& gone : {*first, *plain, *again}) {
        CHECK(state_of(x, gone.concern_id(), mash) == v1::TrackResponse::STATE_WITHDRAWN);
    }
    CHECK(state_of(x, news->concern_id(), mash) == v1::TrackResponse::STATE_PENDING);
    CHECK(x.waiting("police", mash).size() == 2);
    REQUIRE(x.rt.store_->read().verify_all());
}

TEST_CASE("only the desk of the agency that asked reads a reply as a reply") {
    exchange x;
    auto question = reply_to({});
    question.mutable_information_request()->set_question("Is the child known to you?");
    question.add_desks(named);
    const auto asked = x.submit("front-door", question);
    REQUIRE(asked);
    auto answer = answer_of(*asked);
    answer.add_desks(mash);
    const auto given = x.submit("health", answer);
    REQUIRE(given);
    CHECK(told(given) == front_door + " " + mash);
    const auto r = x.record(given->concern_id());
    CHECK(flagged(r, front_door, v1::FLAG_IN_REPLY));
    CHECK_FALSE(flagged(r, mash, v1::FLAG_IN_REPLY));
    // A notification in the thread is no reply either to whom it was not asked.
    auto more = referral({mash});
    more.set_thread(asked->thread());
    more.set_in_reply_to(asked->concern_id());
    const auto further = x.submit("health", more);
    REQUIRE(further);
    CHECK_FALSE(flagged(x.record(further->concern_id()), mash, v1::FLAG_IN_REPLY));
}

TEST_CASE("an answer goes to the desk the question came from") {
    exchange x;
    auto question = reply_to({});
    question.mutable_information_request()->set_question("Is the child known to you?");
    question.add_desks(mash);
    // The agency's first open desk would be camhs, or the front door.
    for (const auto& [who, desk] :
         {std::pair<std::string, std::string>{"health", named}, {"lado", lado}}) {
        const auto asked = x.submit(who, question);
        REQUIRE(asked);
        const auto given = x.submit("police", answer_of(*asked));
        REQUIRE(given);
        CHECK(told(given) == desk);
    }
}

TEST_CASE("the conflicts of a concern bind its thread, whatever a reply says of them") {
    exchange x;
    auto c = referral({front_door, mash});
    c.add_conflicts_of_interest(named);
    const auto first = x.submit("oakfield", c);
    REQUIRE(first);
    auto answer = answer_of(*first);
    answer.add_desks(named);
    const auto given = x.submit("police", answer);
    REQUIRE(given);
    CHECK(told(given).find(named) == std::string::npos);
    CHECK(x.waiting("health", named).empty());
    // A later word on it binds as well, though nobody repeats it.
    auto correction = correction_of(*first);
    correction.add_conflicts_of_interest(mash);
    REQUIRE(x.submit("oakfield", correction));
    auto last = correction_of(*first);
    const auto sent = x.submit("oakfield", last);
    REQUIRE(sent);
    CHECK(told(sent).find(mash) == std::string::npos);
}

TEST_CASE("what follows an allegation stays on its route, whatever its purpose") {
    exchange x;
    const auto first = x.submit("oakfield", allegation("oakfield"));
    REQUIRE(first);
    CHECK(told(first) == "routed by policy");
    auto follow_up = referral({named});
    follow_up.set_thread(first->thread());
    follow_up.set_in_reply_to(first->concern_id());
    const auto more = x.submit("oakfield", follow_up);
    REQUIRE(more);
    CHECK(told(more) == "routed by policy");
    CHECK(x.waiting("health", named).empty());
    CHECK(x.waiting("lado", lado).size() == 2);
    // The officer's answer reaches the very desk that wrote, though its agency is the employer.
    auto ack = acknowledgement(*first);
    ack.add_desks(front_door);
    const auto read = x.submit("lado", ack);
    REQUIRE(read);
    CHECK(told(read) == oakfield);
    CHECK(x.waiting("front-door", front_door).empty());
}

TEST_CASE("the officer for allegations tells the police, not itself and no default inbox") {
    exchange x;
    const auto first = x.submit("elmwood", allegation("oakfield"));
    REQUIRE(first);
    auto question = reply_to(*first, v1::PURPOSE_ALLEGATION);
    question.mutable_information_request()->set_question("Is the person known to you?");
    question.add_desks(ppu);
    question.add_desks(front_door);
    const auto asked = x.submit("lado", question);
    REQUIRE(asked);
    CHECK(told(asked) == elmwood + " " + ppu);
    CHECK(x.waiting("front-door", front_door).empty());
}

TEST_CASE("an acknowledgement is one desk's, not its agency's") {
    exchange x;
    auto c = referral({mash, ppu});
    const auto first = x.submit("oakfield", c);
    REQUIRE(first);
    REQUIRE(x.submit("police", acknowledgement(*first)));
    const auto t = x.track("oakfield", first->concern_id());
    REQUIRE(t);
    for (const auto& d : t->desks()) CHECK((d.acknowledged_at_us() != 0) == (d.desk() == mash));
    REQUIRE(x.rt.store_->read().verify_all());
}

TEST_CASE("the front door can do nothing with what its own agency's officer was sent") {
    exchange x;
    const auto first = x.submit("elmwood", allegation("oakfield"));
    REQUIRE(first);
    const std::string& id = first->concern_id();
    CHECK(rows(x.track("lado", id)) == lado);
    CHECK(rows(x.explain("lado", id)) == lado);
    CHECK(rows(x.track("front-door", id)) == "not_found");
    CHECK(rows(x.explain("front-door", id)) == "not_found");
    CHECK(symbol(x.submit("front-door", acknowledgement(*first))) == "reply_unknown");
    // Nor with what the officer wrote.
    auto question = reply_to(*first, v1::PURPOSE_ALLEGATION);
    question.mutable_information_request()->set_question("Is the person known to you?");
    question.add_desks(ppu);
    const auto asked = x.submit("lado", question);
    REQUIRE(asked);
    CHECK(rows(x.track("front-door", asked->concern_id())) == "not_found");
    CHECK(symbol(x.submit("front-door", recall(*asked))) == "reply_unknown");
    CHECK(rows(x.track("lado", asked->concern_id())) == elmwood + " " + ppu);
}

TEST_CASE("a thread is joined by its parties only") {
    exchange x;
    const auto first = x.submit("oakfield", referral());
    const auto other = x.submit("elmwood", referral());
    REQUIRE(first);
    REQUIRE(other);
    auto c = referral({mash});
    c.set_thread(first->thread());
    CHECK(symbol(x.submit("elmwood", c)) == "reply_unknown");
    CHECK(symbol(x.submit("oakfield", c)) == "accepted");
    c.set_thread(std::string(32, 'b'));
    CHECK(symbol(x.submit("oakfield", c)) == "reply_unknown");

    v1::Concern link = reply_to({});
    link.set_thread(first->thread());
    link.clear_in_reply_to();
    link.mutable_link()->set_other_thread(other->thread());
    link.add_desks(mash);
    CHECK(symbol(x.submit("oakfield", link)) == "reply_unknown");
    CHECK(symbol(x.submit("elmwood", link)) == "reply_unknown");
    // The front door was told of both.
    CHECK(symbol(x.submit("front-door", link)) == "accepted");
    link.mutable_link()->set_other_thread(std::string(32, 'b'));
    CHECK(symbol(x.submit("front-door", link)) == "reply_unknown");
}

TEST_CASE("a challenge goes back to who sent the notice") {
    exchange x;
    const auto first = x.submit("oakfield", referral({mash}));
    REQUIRE(first);
    auto c = reply_to(*first);
    c.mutable_challenge()->set_challenge_id("0123456789abcdef");
    CHECK(told(x.submit("police", c)) == oakfield);
}

TEST_CASE("a desk that does not know the child gets no follow-up, but hears of a recall") {
    exchange x;
    const auto first = x.submit("oakfield", referral({named, mash}));
    REQUIRE(first);
    give_back(x, first->concern_id(), v1::ReturnRequest::REASON_NOT_OUR_PERSON);
    CHECK(told(x.submit("oakfield", correction_of(*first))) == mash);
    CHECK(told(x.submit("oakfield", recall(*first))) == named + " " + mash);
    const auto second = x.submit("oakfield", referral({named, mash}));
    REQUIRE(second);
    give_back(x, second->concern_id(), v1::ReturnRequest::REASON_CANNOT_IMPORT);
    CHECK(told(x.submit("oakfield", correction_of(*second))) == named + " " + mash);
}

TEST_CASE("an error of the disk stays what it is, so that the sender tries again") {
    exchange x;
    const auto first = x.submit("oakfield", referral());
    REQUIRE(first);
    submission s;
    s.sender = "northshire-council";
    s.caller = agency_caller(s.sender);
    s.registry = x.rt.registry.now();
    s.policy = x.rt.policy.now();
    *s.request.mutable_concern() = acknowledgement(*first);
    // The certificate is nobody's: no party.
    CHECK(look_up(x.rt, s).error().code == errc::reply_unknown);
    // What the last look left in memory is out of date after another commit.
    REQUIRE(x.submit("oakfield", referral()));
    x.disk.crash_now();
    const auto r = look_up(x.rt, s);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::storage_failed);
}

} // namespace cairn::daemon
