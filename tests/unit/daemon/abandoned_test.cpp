// A submission whose sender goes away between append and commit: the ledger has it by then, and the
// receipt decides.
#include "exchange.hpp"

#include <catch2/catch.hpp>

namespace cairn::daemon {
namespace {

using namespace testing;

std::size_t concerns(exchange& x) {
    return x.records(ledger::record_kind::concern).size();
}

bytes request() {
    v1::SubmitRequest r;
    r.set_key("0190-the-line-went-dead");
    *r.mutable_concern() = referral({front_door, mash});
    return r.SerializeAsString();
}

} // namespace

TEST_CASE("a sender gone before the commit loses nothing: the record stands, a retry is answered") {
    const std::string method = GENERATE(as<std::string>(), "Submit", "Publish");
    INFO(method);
    exchange x;
    std::size_t on_disk = 1;
    x.between = [&] { on_disk = concerns(x); };
    x.leave("oakfield", method, request());
    x.between = {};
    CHECK(on_disk == 0);
    REQUIRE(concerns(x) == 1);
    // Its desks were told, though nobody was there to be told that they are.
    const auto told = x.waiting("front-door", front_door);
    REQUIRE(told.size() == 1);
    CHECK(x.waiting("police", mash).size() == 1);

    const auto first = x.call("oakfield", "Submit", request());
    const auto second = x.call("oakfield", "Submit", request());
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first == *second);
    v1::SubmitResponse answer;
    REQUIRE(answer.ParseFromString(*first));
    CHECK(answer.concern_id() == told[0].notice().concern_id());
    const auto state = x.rt.store_->read().concern(answer.concern_id());
    REQUIRE(state);
    const auto receipt = x.rt.store_->read().proof(state->at, "oakfield");
    REQUIRE(receipt);
    CHECK(answer.receipt() == *receipt);
    // Neither retry was a second concern.
    CHECK(concerns(x) == 1);
    CHECK(x.waiting("front-door", front_door).size() == 1);
    REQUIRE(x.rt.store_->read().verify_all());
}

} // namespace cairn::daemon
