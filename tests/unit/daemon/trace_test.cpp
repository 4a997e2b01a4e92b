// Which trace travels: the concern's field does, the call's header stays (docs/formats/log.md).
#include "exchange.hpp"

#include <catch2/catch.hpp>

namespace cairn::daemon {
namespace {

using namespace testing;

v1::Concern traced(const std::string& trace) {
    v1::Concern c = referral({front_door, mash});
    c.set_traceparent(trace);
    return c;
}

// As the record holds the request of then.
v1::Concern stored(exchange& x, const std::string& id) {
    v1::SubmitRequest r;
    REQUIRE(r.ParseFromString(x.record(id).submitted()));
    return r.concern();
}

} // namespace

TEST_CASE("a trace stands unchanged in the record and in every notice, well-formed or not") {
    exchange x;
    for (const std::string trace :
         {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
          "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
          " no trace "}) {
        INFO(trace);
        const auto sent = x.submit("oakfield", traced(trace));
        REQUIRE(sent);
        CHECK(stored(x, sent->concern_id()).traceparent() == trace);
        for (const auto& [who, desk] : {std::pair{"front-door", front_door}, {"police", mash}})
            CHECK(x.notice(who, desk, sent->concern_id()).content().traceparent() == trace);
    }
}

TEST_CASE("a call's own trace is in no byte of the record and of no notice") {
    exchange x;
    const auto sent = x.submit("oakfield", traced({}));
    REQUIRE(sent);
    const std::string id = call_trace.substr(3, 32);
    CHECK(x.record(sent->concern_id()).SerializeAsString().find(id) == std::string::npos);
    CHECK(stored(x, sent->concern_id()).traceparent().empty());
    for (const auto& [who, desk] : {std::pair{"front-door", front_door}, {"police", mash}}) {
        const auto notice = x.notice(who, desk, sent->concern_id());
        CHECK(notice.SerializeAsString().find(id) == std::string::npos);
    }
}

} // namespace cairn::daemon
