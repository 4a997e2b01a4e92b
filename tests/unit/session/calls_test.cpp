// Calls between the two engines of this module, byte for byte.
#include "unit/session/engines.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;
using namespace cairn::session::test::engines;

TEST_CASE("a unary call is answered, and its handler closed once") {
    const std::size_t step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1} << 20U);
    pair p(method_kind::unary);
    p.s.on_message = echo;
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, 5s, p.now);
    c->send("hello");
    c->half_close();
    p.go(step);
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(o->got == std::vector<std::string>{"re:hello"});
    CHECK(p.s.closed == 1);
    CHECK(p.server->counters().calls == 1);
    CHECK(p.server->counters().messages_in == 1);
    CHECK(p.server->counters().messages_out == 1);
}

TEST_CASE("a failure travels with its number, sentence and advice") {
    pair p(method_kind::unary);
    p.s.on_message = [](call& c, bytes_view) {
        failure f = fail(errc::overloaded, "größer");
        f.retry_after_ms = 250;
        c.finish(f);
    };
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("x");
    c->half_close();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 8);
    CHECK(o->end->number == 1004);
    CHECK(o->end->retryable);
    CHECK(o->end->retry_after_ms == 250);
    CHECK(
        o->end->message == "The broker has as much work as it can hold (größer). "
                           "Try again after the time given"
    );
    CHECK(p.s.closed == 1);
}

TEST_CASE("an unknown method is UNIMPLEMENTED and makes no handler") {
    pair p(method_kind::unary);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/Other", o, {}, p.now);
    c->send("x");
    c->half_close();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 12);
    CHECK(o->end->number == 1002);
    CHECK(p.s.made == 0);
}

TEST_CASE("an answer given later, from outside, wakes the driver once") {
    pair p(method_kind::unary);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("x");
    c->half_close();
    int wakes = 0;
    p.server->on_output([&] { ++wakes; });
    p.go();
    CHECK(wakes == 0);
    CHECK(p.s.closed == 0);
    const auto call = p.s.calls.at(0).lock();
    REQUIRE(call);
    call->send("late");
    call->finish();
    CHECK(wakes == 1);
    CHECK_FALSE(call->alive());
    // Never from inside finish(): the handler may be on the stack.
    CHECK(p.s.closed == 0);
    p.go();
    CHECK(p.s.closed == 1);
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(o->got == std::vector<std::string>{"late"});
    call->send("after the end"); // does nothing
    call->read_more();
}

TEST_CASE("a stream gets its first message by itself and each other after read_more") {
    pair p(method_kind::bidi);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    for (const char* m : {"one", "two", "three"}) c->send(m);
    p.go();
    CHECK(p.s.got == std::vector<std::string>{"one"});
    const auto call = p.s.calls.at(0).lock();
    REQUIRE(call);
    call->read_more();
    CHECK(p.s.got.size() == 2);
    call->read_more();
    CHECK(p.s.got.size() == 3);
    call->read_more();
    CHECK(p.s.ended == 0);
    c->half_close();
    p.go();
    CHECK(p.s.ended == 1);
    call->finish();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
}

TEST_CASE("the end of a stream is told after its last message, not before") {
    pair p(method_kind::bidi);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("one");
    c->send("two");
    c->half_close();
    p.go();
    CHECK(p.s.ended == 0);
    p.s.calls.at(0).lock()->read_more();
    CHECK(p.s.got.size() == 2);
    CHECK(p.s.ended == 1);
}

TEST_CASE("many streamed messages arrive in order however the bytes are cut") {
    const std::size_t step = GENERATE(std::size_t{1}, std::size_t{13}, std::size_t{1} << 20U);
    pair p(method_kind::bidi);
    p.s.on_message = [](call& c, bytes_view m) {
        c.send(m);
        c.read_more();
    };
    p.s.on_end = [](call& c) { c.finish(); };
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < 3000; ++i) {
        all.push_back(std::to_string(i) + std::string(i % 97, 'x'));
        c->send(all.back());
    }
    c->half_close();
    for (int i = 0; i < 20 && !o->end; ++i) {
        p.go(step);
        // A turn hands over limits::messages_a_turn at most; the rest waits for the tick.
        if (p.server->next_deadline() <= p.now) p.server->tick(p.now);
    }
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(o->got == all);
    CHECK(p.s.got == all);
}

TEST_CASE("cancelling tells the handler that nobody waits any more") {
    pair p(method_kind::server_stream);
    p.s.on_message = [](call& c, bytes_view) { c.send("first"); };
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("go");
    c->half_close();
    p.go();
    CHECK(o->got.size() == 1);
    c->cancel();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 1);
    const auto call = p.s.calls.at(0).lock();
    p.go();
    CHECK(p.s.closed == 1);
    CHECK_FALSE(call->alive());
    call->send("into the void");
    CHECK(call->queued() == 0);
}

TEST_CASE("a deadline ends the call at the server and at the client") {
    pair p(method_kind::unary);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, 3s, p.now);
    c->send("x");
    c->half_close();
    p.go();
    REQUIRE(p.s.calls.at(0).lock()->deadline() == p.now + 3s);
    SECTION("the server first") {
        REQUIRE(p.server->next_deadline() <= p.now + 3s);
        p.now += 3s;
        p.server->tick(p.now);
        CHECK(p.s.closed == 1);
        p.go();
        REQUIRE(o->end);
        CHECK(o->end->grpc_status == 4);
        CHECK(o->end->number == 1006);
    }
    SECTION("the client first") {
        REQUIRE(p.client->next_deadline() == p.now + 3s);
        p.now += 3s;
        p.client->tick(p.now);
        REQUIRE(o->end);
        CHECK(o->end->grpc_status == 4);
        CHECK(o->end->retryable);
        p.go();
        CHECK(p.s.closed == 1);
    }
}

TEST_CASE("a stopping server lets a call finish, takes no other, then is done") {
    pair p(method_kind::unary);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("x");
    c->half_close();
    p.go();
    p.server->shut_down(p.now);
    p.go();
    if (p.server->next_deadline() <= p.now) p.server->tick(p.now);
    p.go();
    CHECK(p.client->going_away());
    CHECK(p.client->start("/t.T/M", o, {}, p.now) == nullptr);
    CHECK_FALSE(p.server->finished());
    CHECK_FALSE(o->end);
    const auto call = p.s.calls.at(0).lock();
    call->send("done");
    call->finish();
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(p.server->finished());
    CHECK(p.client->finished());
}

TEST_CASE("a stopping server ends what has not ended when its time is over") {
    pair p(method_kind::server_stream);
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, {}, p.now);
    c->send("x");
    c->half_close();
    p.go();
    p.server->shut_down(p.now);
    p.go();
    p.now += limits::drain;
    p.server->tick(p.now);
    p.server->tick(p.now);
    CHECK(p.s.closed == 1);
    p.go();
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 14);
    CHECK(o->end->number == 1007);
    CHECK(o->end->retryable);
    CHECK(p.server->finished());
}

TEST_CASE("the time to drain is the server's to set") {
    router routes;
    script s;
    add(routes, "/t.T/M", method_kind::server_stream, s);
    auto server = make_http2_server(routes, {}, {.drain = 3s}, start_time);
    auto client = make_http2_client("broker.example", start_time);
    auto o = std::make_shared<observed>();
    auto c = client->start("/t.T/M", o, {}, start_time);
    c->send("x");
    c->half_close();
    run(*client, *server, start_time);
    server->shut_down(start_time);
    run(*client, *server, start_time);
    server->tick(start_time);
    server->tick(start_time + 2999ms);
    CHECK(s.closed == 0);
    server->tick(start_time + 3s);
    CHECK(s.closed == 1);
    run(*client, *server, start_time + 3s);
    REQUIRE(o->end);
    CHECK(o->end->number == 1007);
}

TEST_CASE("a lost connection ends every call once, on both sides") {
    pair p(method_kind::server_stream);
    std::vector<std::shared_ptr<observed>> all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(std::make_shared<observed>());
        auto c = p.client->start("/t.T/M", all.back(), {}, p.now);
        c->send("x");
        c->half_close();
    }
    p.go();
    CHECK(p.s.made == 5);
    p.server->closed();
    p.client->closed();
    CHECK(p.s.closed == 5);
    CHECK(p.server->finished());
    CHECK(p.client->finished());
    for (const auto& o : all) {
        REQUIRE(o->end);
        CHECK(o->end->grpc_status == 14);
        CHECK(o->end->number == 1003);
        CHECK(o->end->retryable);
    }
    CHECK(p.server->output().empty());
    CHECK_FALSE(p.server->next_deadline());
}

TEST_CASE("more calls than a connection has places wait their turn") {
    pair p(method_kind::unary);
    p.s.on_message = echo;
    std::vector<std::shared_ptr<observed>> all;
    for (int i = 0; i < 1000; ++i) {
        all.push_back(std::make_shared<observed>());
        auto c = p.client->start("/t.T/M", all.back(), {}, p.now);
        c->send(std::to_string(i));
        c->half_close();
    }
    p.go();
    int good = 0;
    for (const auto& o : all) good += o->end && o->end->grpc_status == 0 ? 1 : 0;
    // What is sent before our settings are known may be refused, and says so.
    for (const auto& o : all) {
        REQUIRE(o->end);
        if (o->end->grpc_status != 0) CHECK(o->end->retryable);
    }
    CHECK(good >= static_cast<int>(limits::streams));
    CHECK(p.s.closed == p.s.made);
}

TEST_CASE("a handler that refuses while it is made answers, and one that is not made is an error") {
    pair p(method_kind::unary);
    method refusing;
    refusing.path = "/t.T/Refusing";
    refusing.make = [&p](call& c) {
        c.finish(fail(errc::unauthenticated));
        return std::make_unique<scripted>(p.s);
    };
    p.routes.add(refusing);
    method none;
    none.path = "/t.T/None";
    none.make = [](call&) { return nullptr; };
    p.routes.add(none);
    for (const auto& [path, status] :
         {std::pair("/t.T/Refusing", 16), std::pair("/t.T/None", 13)}) {
        auto o = std::make_shared<observed>();
        auto c = p.client->start(path, o, {}, p.now);
        c->send("x");
        c->half_close();
        p.go();
        REQUIRE(o->end);
        CHECK(o->end->grpc_status == status);
    }
    CHECK(p.s.closed == 1);
    CHECK(p.s.got.empty());
}
