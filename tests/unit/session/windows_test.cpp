// Limits and windows between the two engines: who waits for whom.
#include "unit/session/engines.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;
using namespace cairn::session::test::engines;

TEST_CASE("one stream hands over a bounded number of messages a turn and goes on by the clock") {
    bench b;
    script s;
    s.on_message = [](call& c, bytes_view) { c.read_more(); };
    add(b.routes, "/t.T/M", method_kind::bidi, s);
    b.open();
    bytes many;
    const std::size_t n = limits::messages_a_turn + 500;
    for (std::size_t i = 0; i < n; ++i) many += enveloped("");
    b.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M")));
    b.put(frame(f_data, 0, 1, many));
    CHECK(s.got.size() == limits::messages_a_turn);
    REQUIRE(b.server->next_deadline());
    CHECK(*b.server->next_deadline() <= b.now);
    b.server->tick(b.now);
    CHECK(s.got.size() == n);
    CHECK(*b.server->next_deadline() > b.now);
}

TEST_CASE("a message larger than the stream window arrives whole, both ways") {
    const method_kind kind = GENERATE(method_kind::unary, method_kind::bidi);
    pair p(kind);
    p.s.on_message = [](call& c, bytes_view m) {
        c.send(m);
        c.finish();
    };
    const std::string big(limits::message_bytes - 1000, 'b');
    REQUIRE(big.size() > 4 * limits::stream_window);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send(big);
    c->half_close();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    REQUIRE(o->got.size() == 1);
    CHECK(o->got[0] == big);
}

TEST_CASE("a message over the limit is refused before it arrives") {
    const method_kind kind = GENERATE(method_kind::unary, method_kind::bidi);
    pair p(kind);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send(std::string(limits::message_bytes + 1, 'b'));
    c->half_close();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 8);
    CHECK(o->end->number == 1203);
    CHECK(o->end->message.find("4194304") != std::string::npos);
    CHECK(p.s.got.empty());
    CHECK(p.s.closed == 1);
}

TEST_CASE("a reader that lags holds back what waits, and the handler is told when it may go on") {
    pair p(method_kind::server_stream);
    std::size_t sent = 0;
    const std::string part(10'000, 's');
    const auto fill = [&](call& c) {
        while (c.alive() && c.queued() <= limits::queued_output_bytes) {
            if (sent == 1000) return c.finish();
            c.send(part);
            ++sent;
        }
    };
    p.s.on_message = [&](call& c, bytes_view) { fill(c); };
    p.s.on_writable = fill;
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("go");
    c->half_close();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(o->got.size() == 1000);
}

TEST_CASE("a client that does not ask for more is not let further than its window") {
    pair p(method_kind::bidi);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    const std::string m(10'000, 'm');
    for (int i = 0; i < 1000; ++i) c->send(m);
    p.go();
    CHECK(p.s.got.size() == 1);
    CHECK(c->pending() > 10'000'000 - limits::stream_window - 100'000);
    // Another stream is not stalled by it.
    p.s.on_message = echo;
    auto o2 = std::make_shared<observed>();
    auto c2 = p.client->start("/t.T/M", o2, {}, p.now);
    c2->send("other");
    p.go();
    REQUIRE(o2->end);
    CHECK(o2->end->grpc_status == 0);
    // And it goes on when asked.
    p.s.on_message = [](call& call, bytes_view) { call.read_more(); };
    p.s.calls.at(0).lock()->read_more();
    p.go();
    CHECK(p.s.got.size() == 1001);
    CHECK(o->writable >= 1);
}

TEST_CASE("unread streams do not take the window of the connection from the others") {
    pair p(method_kind::bidi);
    const std::string m(10'000, 'm');
    std::vector<std::shared_ptr<observed>> waiting;
    // Together more than the connection's window.
    const std::size_t streams = limits::connection_window / limits::stream_window + 3;
    for (std::size_t i = 0; i < streams; ++i) {
        waiting.push_back(std::make_shared<observed>());
        auto c = p.client->start("/t.T/M", waiting.back(), {}, p.now);
        for (std::uint32_t sent = 0; sent < 2 * limits::stream_window; sent += 10'000) c->send(m);
    }
    p.go();
    CHECK(p.s.got.size() == streams);
    p.s.on_message = echo;
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send(std::string(100'000, 'o'));
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
}
