// Time: stalls, idleness, keepalive, age, the end. No wall clock: the tests own the time.
#include "unit/session/pipe.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

struct timed : bench {
    script s;
    explicit timed(method_kind kind = method_kind::unary, server_settings settings = {}) {
        add(routes, "/t.T/M", kind, s);
        open(settings);
        take();
    }
};

} // namespace

TEST_CASE("a zero window does not hold a place for ever") {
    timed t(method_kind::server_stream);
    // SETTINGS_INITIAL_WINDOW_SIZE of zero: nothing of a body may be sent.
    t.put(frame(f_settings, 0, 0, bytes("\0\x04\0\0\0\0", 6)));
    t.s.on_message = [](call& c, bytes_view) { c.send("cannot leave"); };
    t.call(1, "x", true);
    t.live(limits::write_stall - 3s);
    CHECK(t.s.closed == 0);
    t.live(10s);
    CHECK(t.s.closed == 1);
    CHECK_FALSE(t.server->finished());
}

TEST_CASE("a slow reader that moves is not a stalled one") {
    timed t(method_kind::server_stream);
    t.put(frame(f_settings, 0, 0, bytes("\0\x04\0\0\0\0", 6)));
    t.s.on_message = [](call& c, bytes_view) { c.send("one byte at a time"); };
    t.call(1, "x", true);
    for (int i = 0; i < 6; ++i) {
        t.live(limits::write_stall - 5s);
        t.put(frame(f_window, 0, 1, bytes("\0\0\0\x01", 4)));
        t.take();
    }
    CHECK(t.s.closed == 0);
}

TEST_CASE("a quiet stream with nothing to say lives on") {
    timed t(method_kind::server_stream);
    t.call(1, "x", true);
    t.live(1h);
    CHECK(t.s.closed == 0);
    CHECK_FALSE(t.server->finished());
}

TEST_CASE("a peer that does not take our bytes is dropped") {
    timed t(method_kind::server_stream);
    t.s.on_message = [](call& c, bytes_view) { c.send("x"); };
    t.call(1, "x", true);
    REQUIRE_FALSE(t.server->output().empty()); // handed to the socket, never sent
    t.pass(limits::write_stall + 5s);
    CHECK(t.server->finished());
    CHECK(t.s.closed == 1);
}

TEST_CASE("a request body that stops arriving is refused, a stream that waits is not") {
    const bool partial = GENERATE(true, false);
    timed t(method_kind::bidi);
    t.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M")));
    const bytes m = enveloped("message");
    t.put(frame(f_data, 0, 1, bytes_view(m).substr(0, m.size() - (partial ? 1 : 0))));
    t.live(limits::body_progress + 10s);
    CHECK(t.s.closed == (partial ? 1 : 0));
    CHECK_FALSE(t.server->finished());
}

TEST_CASE("a unary request that never ends is refused") {
    timed t(method_kind::unary);
    t.call(1, "x", false);
    t.live(limits::body_progress + 10s);
    CHECK(t.s.closed == 1);
    CHECK(t.s.got.empty());
}

TEST_CASE("a header block that never ends drops the connection") {
    timed t;
    t.put(frame(f_headers, 0, 1, hpack({{":method", "POST"}})));
    t.pass(limits::body_progress + 5s);
    CHECK(t.server->finished());
}

TEST_CASE("a peer that never greets is dropped after the time of a handshake") {
    bench b;
    b.open({}, false);
    b.put(bytes_view(preface).substr(0, 10));
    b.pass(limits::handshake + 1s);
    CHECK(b.server->finished());
}

TEST_CASE("a silent peer is pinged, and dropped when it does not answer") {
    timed t(method_kind::server_stream);
    t.call(1, "x", true);
    t.pass(limits::keepalive_ping + 3s);
    CHECK(find(t.take(), f_ping) != nullptr);
    CHECK_FALSE(t.server->finished());
    // Bytes that never make a frame are no sign of life.
    t.put(bytes(1, '\0'));
    t.pass(limits::ping_answer + 3s);
    CHECK(t.server->finished());
    CHECK(t.s.closed == 1);
}

TEST_CASE("an idle connection is ended kindly") {
    timed t;
    t.live(limits::idle - 10s);
    CHECK_FALSE(t.server->finished());
    t.live(20s, 1s);
    CHECK(t.server->finished());
}

TEST_CASE("an old connection is ended kindly, its streams told to come again") {
    timed t(method_kind::server_stream, {.max_streams = 0, .max_age = 1h});
    t.call(1, "x", true);
    t.live(1h - 5s);
    CHECK(t.s.closed == 0);
    t.live(10s, 1s);
    CHECK(t.s.closed == 0);
    t.live(limits::drain + 5s, 1s);
    CHECK(t.s.closed == 1);
    CHECK(t.server->finished());
}

TEST_CASE("the end is announced first, then said, after a round trip or a second") {
    timed t(method_kind::server_stream);
    t.call(1, "x", true);
    t.server->shut_down(t.now);
    auto all = t.take();
    const seen_frame* notice = find(all, f_goaway);
    REQUIRE(notice != nullptr);
    CHECK(notice->payload.substr(0, 4) == bytes("\x7f\xff\xff\xff", 4));
    // A stream that raced the announcement is served.
    t.call(3, "raced", true);
    CHECK(t.s.made == 2);
    SECTION("a round trip") {
        t.put(frame(f_ping, ack, 0, find(all, f_ping)->payload));
    }
    SECTION("a second") {
        t.pass(limits::shutdown_notice);
    }
    all = t.take();
    const seen_frame* last = find(all, f_goaway);
    REQUIRE(last != nullptr);
    CHECK(last->payload.substr(0, 4) == bytes("\0\0\0\x03", 4));
    t.call(5, "too late", true);
    CHECK(t.s.made == 2);
    // A peer that reads nothing of the end does not hold us up.
    t.pass(limits::drain + 5s);
    CHECK(t.server->finished());
    CHECK(t.s.closed == 2);
}

TEST_CASE("a client whose broker falls silent ends its calls") {
    auto client = make_http2_client("broker.example", start_time);
    auto o = std::make_shared<observed>();
    auto c = client->start("/t.T/M", o, {}, start_time);
    mono_time now = start_time;
    for (int i = 0; i < 300 && !o->end; ++i) {
        now += 1s;
        client->tick(now);
        client->sent(client->output().size(), now);
    }
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 14);
    CHECK(client->finished());
    CHECK(now - start_time <= limits::keepalive_ping + limits::ping_answer + 5s);
}
