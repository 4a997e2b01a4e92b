#include "unit/intake/concerns.hpp"

using namespace cairn;
using intake::validate;
using namespace cairn::intake::testing;

TEST_CASE("the school's referral is accepted") {
    CHECK(refused(change{[](auto&) {}}) == "accepted");
}

TEST_CASE("a concern without its header is refused by the field that is missing") {
    CHECK(refused([](auto& c) { c.clear_purpose(); }) == "required concern.purpose");
    CHECK(refused([](auto& c) { c.clear_bases(); }) == "required concern.bases");
    CHECK(refused([](auto& c) { c.clear_acting(); }) == "required concern.acting.role");
    CHECK(refused([](auto& c) {
              c.mutable_acting()->clear_staff_id();
          }) == "required concern.acting.staff_id");
    CHECK(refused([](auto& c) { c.clear_notification(); }) == "required concern.body");
    CHECK(refused([](auto& c) {
              c.set_purpose(static_cast<v1::Purpose>(99));
          }) == "bad concern.purpose");
    CHECK(refused([](auto& c) {
              c.add_bases(v1::LAWFUL_BASIS_UNSPECIFIED);
          }) == "bad concern.bases[2]");
}

TEST_CASE("a notification says what happened, how grave it is and to whom") {
    CHECK(refused([](auto& c) {
              c.mutable_notification()->clear_incident();
          }) == "required concern.notification.incident");
    CHECK(refused([](auto& c) { c.clear_risk(); }) == "required concern.risk.level");
    const auto nobody = [](v1::Notification::Incident incident) {
        return refused([incident](auto& c) {
            c.clear_persons();
            c.clear_assertions();
            c.mutable_notification()->set_incident(incident);
        });
    };
    CHECK(nobody(v1::Notification::INCIDENT_INJURY) == "required concern.persons");
    CHECK(nobody(v1::Notification::INCIDENT_ADULT_RISK) == "accepted");
}

TEST_CASE("replies name what they answer and their thread") {
    const std::function<void(v1::Concern&)> bodies[] = {
        [](auto& c) { c.mutable_answer()->set_result(v1::Answer::RESULT_HELD); },
        [](auto& c) { c.mutable_outcome()->set_decision(v1::Outcome::DECISION_S47); },
        [](auto& c) { c.mutable_feedback()->set_decision(v1::Outcome::DECISION_S47); },
        [](auto& c) { c.mutable_challenge()->set_challenge_id("0123456789abcdef"); },
        [](auto& c) { c.mutable_correction(); },
        [](auto& c) { c.mutable_recall(); },
        [](auto& c) { c.mutable_acknowledgement(); },
    };
    for (const auto& body : bodies) {
        v1::Concern c = reply();
        body(c);
        CAPTURE(c.body_case());
        CHECK(refused(c) == "accepted");
        c.clear_in_reply_to();
        CHECK(refused(c) == "required concern.in_reply_to");
        c.set_in_reply_to(std::string(32, 'b'));
        c.clear_thread();
        CHECK(refused(c) == "required concern.thread");
        c.set_thread(std::string(32, 'A'));
        CHECK(refused(c) == "bad concern.thread");
        c.set_thread(std::string(31, 'a'));
        CHECK(refused(c) == "bad concern.thread");
    }
}

TEST_CASE("each kind says what it is for") {
    v1::Concern c = reply();
    c.mutable_answer();
    CHECK(refused(c) == "required concern.answer.result");
    c.mutable_outcome();
    CHECK(refused(c) == "required concern.outcome.decision");
    c.mutable_feedback();
    CHECK(refused(c) == "required concern.feedback.decision");
    c.mutable_challenge();
    CHECK(refused(c) == "required concern.challenge.challenge_id");
    c.mutable_challenge()->set_challenge_id("xyz");
    CHECK(refused(c) == "bad concern.challenge.challenge_id");
    // A disagreement without a hidden cell: which decision, and on which rung.
    c.mutable_challenge()->clear_challenge_id();
    c.mutable_challenge()->set_level(v1::Challenge::LEVEL_MANAGERS);
    CHECK(refused(c) == "required concern.challenge.disputed");
    c.mutable_challenge()->set_disputed(v1::Outcome::DECISION_NFA);
    CHECK(refused(c) == "accepted");
    c.mutable_challenge()->clear_level();
    CHECK(refused(c) == "required concern.challenge.level");
    c.mutable_challenge()->set_level(static_cast<v1::Challenge::Level>(99));
    CHECK(refused(c) == "bad concern.challenge.level");
    c.mutable_information_request();
    CHECK(refused(c) == "required concern.information_request.wanted");
    c.mutable_information_request()->add_wanted(v1::CATEGORY_RISK);
    CHECK(refused(c) == "accepted");
    c.mutable_link();
    CHECK(refused(c) == "required concern.link.other_thread");
    c.mutable_link()->set_other_thread(c.thread());
    CHECK(refused(c) == "bad concern.link.other_thread");
    c.mutable_link()->set_other_thread(std::string(32, 'c'));
    CHECK(refused(c) == "accepted");
}

TEST_CASE("a status report of a system needs nobody who acted, every human act does") {
    v1::Concern c = reply();
    c.clear_acting();
    c.mutable_status();
    CHECK(refused(c) == "accepted");
    c.mutable_acknowledgement();
    CHECK(refused(c) == "required concern.acting.role");
}

TEST_CASE("keys have 8 to 64 plain characters") {
    v1::SubmitRequest r;
    *r.mutable_concern() = test::school_concern();
    const auto key = [&](std::string k) {
        r.set_key(std::move(k));
        const auto got = validate(r, today);
        return got ? "accepted" : got.error().code == errc::required ? "required" : "bad";
    };
    CHECK(key("") == std::string{"required"});
    CHECK(key("1234567") == std::string{"bad"});
    CHECK(key("12345678") == std::string{"accepted"});
    CHECK(key("AZaz09_-") == std::string{"accepted"});
    CHECK(key(std::string(64, 'k')) == std::string{"accepted"});
    CHECK(key(std::string(65, 'k')) == std::string{"bad"});
    CHECK(key("key with spaces") == std::string{"bad"});
    r.set_key("12345678");
    r.clear_concern();
    CHECK(validate(r, today).error().code == errc::required);
}

TEST_CASE("what is too much is refused with the limit") {
    CHECK(refused([](auto& c) {
              for (int i = 0; i < 200; ++i) c.add_persons();
          }) == "many concern.persons, at most 200");
    CHECK(refused([](auto& c) {
              for (int i = 0; i < 64; ++i) c.add_desks("a/b");
          }) == "many concern.desks, at most 64");
    CHECK(refused([](auto& c) {
              c.mutable_notification()->set_summary(std::string(limits::text_field_bytes + 1, 'x'));
          }) == "large concern.notification.summary, at most 8192 bytes");
    CHECK(refused([](auto& c) {
              c.mutable_notification()->set_narrative(std::string(limits::narrative_bytes, 'x'));
          }) == "accepted");
    CHECK(refused([](auto& c) {
              c.mutable_notification()->set_narrative(std::string(limits::narrative_bytes + 1, 'x')
              );
          }) == "large concern.notification.narrative, at most 262144 bytes");
    CHECK(refused([](auto& c) {
              for (int i = 0; i < 5; ++i) {
                  c.add_assertions()->set_text(std::string(limits::narrative_bytes, 'x'));
              }
          }).substr(0, 13) == "large concern");
}

TEST_CASE("refs are short, unique and point at somebody") {
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->clear_ref();
          }) == "required concern.persons[0].ref");
    for (const char* bad : {"Child", "child 1", "kind\xC3\xA9", "a_b", "child.1"}) {
        CAPTURE(bad);
        CHECK(refused([bad](auto& c) {
                  c.mutable_persons(1)->set_ref(bad);
              }) == "bad concern.persons[1].ref");
    }
    CHECK(refused([](auto& c) {
              c.mutable_persons(1)->set_ref(std::string(33, 'a'));
          }) == "bad concern.persons[1].ref");
    CHECK(refused([](auto& c) {
              c.mutable_persons(1)->set_ref("child-1");
          }) == "bad concern.persons[1].ref");
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->mutable_relations(1)->set_to_ref("nobody");
          }) == "bad concern.persons[0].relations[1].to_ref");
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->mutable_household()->add_members()->set_ref("nobody");
          }) == "bad concern.persons[0].household.members[0].ref");
    CHECK(refused([](auto& c) {
              c.mutable_assertions(0)->set_about("nobody");
          }) == "bad concern.assertions[0].about");
    CHECK(refused([](auto& c) {
              c.mutable_assertions(0)->mutable_allegation()->set_accused("nobody");
          }) == "bad concern.assertions[0].allegation.accused");
    CHECK(refused([](auto& c) {
              c.mutable_assertions(0)->add_corroborates("a-9");
          }) == "bad concern.assertions[0].corroborates[0]");
    CHECK(refused([](auto& c) {
              c.mutable_assertions(1)->set_ref("a-1");
          }) == "bad concern.assertions[1].ref");
}

TEST_CASE("a person has one of the roles people have") {
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->clear_role();
          }) == "required concern.persons[0].role");
    for (const auto role :
         {v1::SUBJECT_CONCERN, v1::SUBJECT_OF_PERSON, static_cast<v1::Subject>(77)}) {
        CHECK(refused([role](auto& c) {
                  c.mutable_persons(0)->set_role(role);
              }) == "bad concern.persons[0].role");
    }
}

TEST_CASE("dates are dates that can be") {
    const auto born = [](unsigned y, unsigned m, unsigned d) {
        return refused([=](auto& c) {
            v1::PartialDate& date = *c.mutable_persons(0)->mutable_birth()->mutable_born();
            date.set_year(y);
            date.set_month(m);
            date.set_day(d);
        });
    };
    const std::string bad = "bad concern.persons[0].birth.born";
    CHECK(born(2016, 2, 29) == "accepted");
    CHECK(born(2017, 0, 0) == "accepted");
    CHECK(born(0, 0, 0) == "accepted");
    CHECK(born(2026, 11, 22) == "accepted");
    CHECK(born(2026, 11, 0) == "accepted");
    CHECK(born(2026, 0, 0) == "accepted");
    CHECK(born(2017, 2, 29) == bad);
    CHECK(born(1900, 2, 29) == bad);
    CHECK(born(2017, 13, 1) == bad);
    CHECK(born(2017, 4, 31) == bad);
    CHECK(born(2017, 0, 3) == bad);
    CHECK(born(0, 3, 3) == bad);
    CHECK(born(1849, 1, 1) == bad);
    CHECK(born(2201, 1, 1) == bad);
    CHECK(born(4000000000U, 1, 1) == bad);
    CHECK(born(2026, 11, 23) == bad); // tomorrow
    CHECK(born(2026, 12, 0) == bad);
    CHECK(born(2027, 0, 0) == bad);
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->mutable_birth()->clear_born();
              c.mutable_persons(0)->mutable_birth()->mutable_expected()->set_year(2027);
          }) == "accepted");
    CHECK(refused([](auto& c) {
              c.mutable_persons(2)->mutable_convictions(0)->mutable_on()->set_day(32);
          }) == "bad concern.persons[2].convictions[0].on");
}

TEST_CASE("moments are RFC 3339 where that is asked for") {
    const auto happened = [](std::string at) {
        return refused([&](auto& c) { c.mutable_notification()->set_happened_at(at); });
    };
    for (const char* good :
         {"",
          "2026-11-21",
          "2026-11-21T15:10:00Z",
          "2026-11-21 15:10:00.25+01:00",
          "2016-12-31T23:59:60Z"}) {
        CAPTURE(good);
        CHECK(happened(good) == "accepted");
    }
    for (const char* bad :
         {"yesterday",
          "21/11/2026",
          "2026-11-31",
          "2026-11-21T25:00:00Z",
          "2026-11-21T15:10:00",
          "2026-11-21T15:10Z",
          "2026-11-21T15:10:00+25:00",
          "2026-11-21T15:10:00.Z",
          "2026-1-1"}) {
        CAPTURE(bad);
        CHECK(happened(bad) == "bad concern.notification.happened_at");
    }
    CHECK(refused([](auto& c) {
              c.mutable_risk()->set_assessed_at("2026-11-21");
          }) == "bad concern.risk.assessed_at");
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->mutable_health()->add_conditions()->set_needs_treatment_by(
                  "soon"
              );
          }) == "bad concern.persons[0].health.conditions[0].needs_treatment_by");
}

TEST_CASE("every text is UTF-8") {
    const auto summary = [](std::string text) {
        return refused([&](auto& c) { c.mutable_notification()->set_summary(text); });
    };
    CHECK(summary("na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x90\xA6") == "accepted");
    for (const char* bad :
         {"\xff",
          "\xC3",
          "\xC0\x80",
          "\xE0\x80\x80",
          "\xED\xA0\x80",
          "\xF4\x90\x80\x80",
          "\xF0\x80\x80\x80",
          "\x80",
          "caf\xE9",
          "\xE2\x82"}) {
        CHECK(summary(bad) == "text concern.notification.summary");
    }
    CHECK(refused([](auto& c) {
              c.mutable_persons(0)->mutable_addresses(1)->set_lines(0, "\xff");
          }) == "text concern.persons[0].addresses[1].lines[0]");
}

TEST_CASE("desks and agencies are named as the registry names them") {
    for (const char* bad :
         {"front door", "oakfield", "a/b/c", "/dsl", "oakfield/", "Oak/dsl", ""}) {
        CAPTURE(bad);
        CHECK(refused([bad](auto& c) { c.set_desks(0, bad); }) == "bad concern.desks[0]");
    }
    CHECK(refused([](auto& c) { c.add_conflicts_of_interest("oakfield"); }) == "accepted");
    CHECK(refused([](auto& c) { c.add_conflicts_of_interest("oakfield/dsl"); }) == "accepted");
    CHECK(refused([](auto& c) {
              c.add_conflicts_of_interest("Mr Smith");
          }) == "bad concern.conflicts_of_interest[0]");
}
