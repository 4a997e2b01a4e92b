// Submit and Publish where the ledger has no room, and where the broker stops.
#include "flow.hpp"

namespace cairn::daemon {
namespace {

using testing::flow_world;

v1::SubmitRequest request(const std::string& key) {
    v1::SubmitRequest r;
    r.set_key(key);
    *r.mutable_concern() = test::plain_concern();
    return r;
}

failure full() {
    failure f = fail(errc::overloaded, "ledger queue");
    f.retry_after_ms = 100;
    return f;
}

std::vector<std::string> keys_accepted(const testing::noted_call& c) {
    std::vector<std::string> out;
    for (const bytes& m : c.sent) {
        v1::PublishResponse r;
        REQUIRE(r.ParseFromString(m));
        INFO(r.ShortDebugString());
        CHECK(r.has_accepted());
        out.push_back(r.key());
    }
    return out;
}

} // namespace

TEST_CASE("one call on a full queue is refused with the time after which to try again") {
    flow_world w;
    w.rt.ledger_.refuses = full();
    const auto c = w.call("Submit", 'a');
    c->message(request("0190-first-try"));
    w.run();
    REQUIRE(c->ended);
    REQUIRE_FALSE(*c->ended);
    CHECK(c->ended->error().code == errc::overloaded);
    CHECK(c->ended->error().retry_after_ms == 100);
    CHECK(w.s.count.refused == 1);
}

TEST_CASE("a stream on a full queue is not read, and what was read goes in when there is room") {
    flow_world w;
    const auto c = w.call("Publish", 'a');
    c->message(request("0190-first-try"));
    CHECK(c->asked_for_more);
    w.rt.ledger_.refuses = full();
    c->message(request("0190-second-try"));
    CHECK_FALSE(c->asked_for_more);
    // A turn of the writer that makes no room for it.
    w.rt.ledger_.run_all();
    w.committed();
    CHECK_FALSE(c->asked_for_more);
    CHECK(keys_accepted(*c) == std::vector<std::string>{"0190-first-try"});
    w.rt.ledger_.refuses.reset();
    w.committed();
    CHECK(c->asked_for_more);
    w.rt.ledger_.run_all();
    w.committed();
    CHECK(keys_accepted(*c) == std::vector<std::string>{"0190-first-try", "0190-second-try"});
    CHECK(w.s.count.refused == 0);
    CHECK_FALSE(c->ended);
}

TEST_CASE("a stream whose client has ended waits for what is held, then ends well") {
    flow_world w;
    w.rt.ledger_.refuses = full();
    const auto c = w.call("Publish", 'a');
    c->message(request("0190-first-try"));
    c->handler->on_end(*c);
    CHECK_FALSE(c->ended);
    w.rt.ledger_.refuses.reset();
    w.committed();
    w.rt.ledger_.run_all();
    w.committed();
    CHECK(keys_accepted(*c) == std::vector<std::string>{"0190-first-try"});
    REQUIRE(c->ended);
    CHECK(*c->ended);
}

TEST_CASE("a broken ledger is told to a stream at once") {
    flow_world w;
    w.rt.ledger_.refuses = fail(errc::storage_failed);
    const auto c = w.call("Publish", 'a');
    c->message(request("0190-first-try"));
    REQUIRE(c->sent.size() == 1);
    v1::PublishResponse r;
    REQUIRE(r.ParseFromString(c->sent[0]));
    CHECK(r.refused().symbol() == "storage_failed");
}

TEST_CASE("a stopping broker ends an idle client stream at once, a busy one after its answers") {
    flow_world w;
    const auto idle = w.call("Publish", 'a');
    const auto busy = w.call("Publish", 'a');
    busy->message(request("0190-first-try"));
    w.s.clients.close();
    w.run();
    REQUIRE(idle->ended);
    CHECK(idle->ended->error().code == errc::shutting_down);
    CHECK_FALSE(busy->ended);
    w.rt.ledger_.run_all();
    w.committed();
    CHECK(keys_accepted(*busy) == std::vector<std::string>{"0190-first-try"});
    REQUIRE(busy->ended);
    CHECK(busy->ended->error().code == errc::shutting_down);
    // One that comes while it stops.
    const auto late = w.call("Publish", 'a');
    w.run();
    CHECK(late->ended);
}

} // namespace cairn::daemon
