// What a person declares below a floor and above a ceiling: it stays in the record of the concern,
// and no desk reads of it.
#include "exchange.hpp"

namespace cairn::daemon {
namespace {

using namespace testing;

void on(v1::PartialDate& d, unsigned day) {
    d.set_year(2026);
    d.set_month(11);
    d.set_day(day);
}

v1::Concern declared() {
    v1::Concern c = against_a_man();
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_CONVICTION);
    d.set_person_ref("man-1");
    d.set_reason("canary-detriment: he would kill her if it were known");
    d.set_decided_by_role("team manager");
    on(*d.mutable_review_on(), 25);
    v1::BreakGlass& b = *c.mutable_break_glass();
    b.set_told(mash);
    b.set_category(v1::CATEGORY_PROTECTED_ADDRESS);
    b.set_reason("canary-glass: officers stood at the wrong door");
    b.set_decided_by_role("duty manager");
    on(*b.mutable_review_on(), 23);
    return c;
}

} // namespace

TEST_CASE("a declared harm and broken glass are on record: why, who, and when it is looked at") {
    exchange x;
    const v1::Concern sent = declared();
    const auto answer = x.submit("oakfield", sent);
    REQUIRE(answer);
    v1::SubmitRequest kept;
    REQUIRE(kept.ParseFromString(x.record(answer->concern_id()).submitted()));
    REQUIRE(kept.concern().detriments_size() == 1);
    const auto& d = kept.concern().detriments(0);
    CHECK(d.reason() == sent.detriments(0).reason());
    CHECK(d.decided_by_role() == "team manager");
    CHECK(d.review_on().day() == 25);
    const auto& b = kept.concern().break_glass();
    CHECK(b.reason() == sent.break_glass().reason());
    CHECK(b.told() == mash);
    CHECK(b.decided_by_role() == "duty manager");
    CHECK(b.review_on().day() == 23);
    // The person, by the agency's own word for them.
    CHECK(kept.concern().acting().staff_id() == "oak-7731");
    for (const auto& [who, desk] :
         {std::pair("front-door", front_door),
          std::pair("police", mash),
          std::pair("health", named)}) {
        const auto read = x.notice(who, desk, answer->concern_id()).SerializeAsString();
        INFO(desk);
        CHECK(read.find("canary") == std::string::npos);
        CHECK(read.find("actual bodily harm") == std::string::npos);
    }
}

TEST_CASE("without a name, a reason or a day nothing is declared, and nothing is on record") {
    exchange x;
    const auto refused = [&](auto change) {
        v1::Concern c = declared();
        change(c);
        const auto answer = x.submit("oakfield", std::move(c));
        REQUIRE_FALSE(answer);
        return answer.error().where;
    };
    CHECK(refused([](auto& c) {
              c.mutable_detriments(0)->clear_reason();
          }) == "concern.detriments[0].reason");
    CHECK(refused([](auto& c) {
              c.mutable_detriments(0)->clear_decided_by_role();
          }) == "concern.detriments[0].decided_by_role");
    CHECK(refused([](auto& c) {
              c.mutable_detriments(0)->clear_review_on();
          }) == "concern.detriments[0].review_on");
    CHECK(refused([](auto& c) {
              c.mutable_acting()->clear_staff_id();
          }) == "concern.acting.staff_id");
    CHECK(refused([](auto& c) {
              on(*c.mutable_break_glass()->mutable_review_on(), 24);
          }) == "concern.break_glass.review_on, a day, 2026-11-23 at the latest");
    CHECK(x.records(ledger::record_kind::concern).empty());
}

} // namespace cairn::daemon
