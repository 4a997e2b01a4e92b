#include "has.hpp"
#include "raw_client.hpp"
#include "world.hpp"

#include "core/system.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <thread>

using namespace cairn;
using namespace cairn::test;

namespace {

transport::server_options threads(unsigned n) {
    transport::server_options options;
    options.threads = n;
    return options;
}

std::shared_ptr<transport::client> dial(world& w, const issued& who) {
    const auto c = transport::connect(*w.dialer, w.as(who));
    REQUIRE(c.has_value());
    return *c;
}

bool watching(world& w, int n) {
    return w.service.seen.wait([&](const auto& s) { return s.watching == n; });
}

} // namespace

TEST_CASE("answers given later leave on the thread of their connection", "[transport]") {
    world w(threads(3));
    std::vector<std::shared_ptr<transport::client>> clients;
    std::vector<std::shared_ptr<stream_observer>> calls;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(dial(w, agency()));
        for (int k = 0; k < 20; ++k) {
            calls.push_back(begin(*w.dialer, clients.back(), "/t.T/Later", std::to_string(k)));
        }
    }
    REQUIRE(w.service.pending.wait([](const auto& all) { return all.size() == 120; }));
    std::thread elsewhere([&] { w.service.release(); });
    elsewhere.join();
    for (const auto& c : calls) {
        REQUIRE(c->state.wait([](const auto& s) { return s.ended; }));
        CHECK(c->state.copy().end.grpc_status == 0);
    }
    const auto seen = w.service.seen.copy();
    CHECK(std::set(seen.opened_on.begin(), seen.opened_on.end()).size() == 3);
    CHECK(
        std::multiset(seen.opened_on.begin(), seen.opened_on.end()) ==
        std::multiset(seen.answered_on.begin(), seen.answered_on.end())
    );
}

TEST_CASE("posted work runs on the thread it names", "[transport]") {
    world w(threads(3));
    watched<std::vector<unsigned>> ran;
    for (unsigned i = 0; i < 3; ++i) {
        w.server->post(i, [&] {
            ran.change([&](auto& r) { r.push_back(w.server->current_thread()); });
        });
    }
    REQUIRE(ran.wait([](const auto& r) { return r.size() == 3; }));
    auto r = ran.copy();
    std::sort(r.begin(), r.end());
    CHECK(r == std::vector<unsigned>{0, 1, 2});
}

TEST_CASE("an exception out of posted work ends nothing", "[transport]") {
    world w;
    const auto c = dial(w, agency());
    w.server->post(0, [] { throw std::runtime_error("planted"); });
    CHECK(w.logged("network_work_failed", "planted"));
    CHECK(
        transport::call_unary(*w.dialer, *c, "/t.T/Echo", message("x"), patience).end.grpc_status ==
        0
    );
}

TEST_CASE("a message of three megabytes goes there and back", "[transport]") {
    world w;
    const auto c = dial(w, agency());
    const std::string big(3'000'000, 'n');
    const auto r = transport::call_unary(*w.dialer, *c, "/t.T/Echo", message(big), patience);
    REQUIRE(r.end.grpc_status == 0);
    REQUIRE(r.messages.size() == 1);
    CHECK(text_of(r.messages[0]) == big);
}

TEST_CASE("cutting a certificate ends its streams and no other's", "[transport]") {
    world w(threads(2));
    const auto doomed = dial(w, agency());
    const auto doomed_too = dial(w, agency());
    const auto spared = dial(w, another());
    const auto a = begin(*w.dialer, doomed, "/t.T/Watch", "a");
    const auto b = begin(*w.dialer, doomed_too, "/t.T/Watch", "b");
    const auto c = begin(*w.dialer, spared, "/t.T/Watch", "c");
    REQUIRE(watching(w, 3));
    w.server->cut(agency().sha256_hex);
    for (const auto& o : {a, b}) {
        REQUIRE(o->state.wait([](const auto& s) { return s.ended; }));
        CHECK(o->state.copy().end.grpc_status == 14);
    }
    REQUIRE(watching(w, 1));
    CHECK_FALSE(c->state.copy().ended);
    CHECK(
        transport::call_unary(*w.dialer, *spared, "/t.T/Echo", message("x"), patience)
            .end.grpc_status == 0
    );
}

TEST_CASE("a client is told once when its connection is lost", "[transport]") {
    world w;
    watched<int> lost;
    watched<std::shared_ptr<transport::client>> made;
    w.dialer->dial(
        w.as(agency()),
        [&](auto c) { made.change([&](auto& m) { m = c ? *c : nullptr; }); },
        [&] { lost.change([](int& n) { ++n; }); }
    );
    REQUIRE(made.wait([](const auto& m) { return m != nullptr; }));
    w.server->cut(agency().sha256_hex);
    CHECK(lost.wait([](int n) { return n == 1; }));
    const auto c = made.copy();
    const auto r = transport::call_unary(*w.dialer, *c, "/t.T/Echo", message("x"), patience);
    CHECK(r.end.grpc_status == 14);
    CHECK(r.end.retryable);
}

TEST_CASE("a call in flight is answered while the server stops", "[transport]") {
    world w(threads(2));
    const auto c = dial(w, agency());
    const auto call = begin(*w.dialer, c, "/t.T/Later", "finish me");
    REQUIRE(w.service.pending.wait([](const auto& all) { return all.size() == 1; }));
    std::thread stopping([&] { w.server->stop(); });
    w.service.release();
    REQUIRE(call->state.wait([](const auto& s) { return s.ended; }));
    stopping.join();
    CHECK(call->state.copy().end.grpc_status == 0);
    CHECK(call->state.copy().messages == std::vector<std::string>{"finish me"});
    CHECK(w.server->counters().open == 0);
}

TEST_CASE("a stream is ended when the time to drain has passed", "[transport]") {
    auto options = threads(2);
    options.times.drain = std::chrono::milliseconds(50);
    world w(options);
    const auto c = dial(w, agency());
    const auto stream = begin(*w.dialer, c, "/t.T/Watch", "on and on");
    REQUIRE(watching(w, 1));
    w.server->stop();
    REQUIRE(stream->state.wait([](const auto& s) { return s.ended; }));
    // In words, not by the loss of the connection.
    CHECK(stream->state.copy().end.number == static_cast<std::uint32_t>(errc::shutting_down));
    CHECK(w.service.seen.copy().watching == 0);
}

TEST_CASE("a stopped server does not accept", "[transport]") {
    world w;
    const auto options = w.as(agency());
    w.server->stop();
    const auto c = transport::connect(*w.dialer, options);
    REQUIRE_FALSE(c.has_value());
    CHECK(c.error().code == errc::connect_failed);
}

TEST_CASE("reload changes the certificate of new handshakes only", "[transport]") {
    world w;
    const auto before = dial(w, agency());
    const auto renewed = certificates().server();
    auto files = files_of(certificates().bad(flaw::server_as_client));
    REQUIRE(w.server->reload(files).has_value());
    const raw_client c(w.by_hand(agency()));
    REQUIRE(c.shook());
    CHECK(c.server_sha256() == certificates().bad(flaw::server_as_client).sha256_hex);
    CHECK(
        transport::call_unary(*w.dialer, *before, "/t.T/Echo", message("x"), patience)
            .end.grpc_status == 0
    );
    files.key_pem = "nothing";
    CHECK_FALSE(w.server->reload(files).has_value());
}

TEST_CASE("a revocation list taken by a reload cuts whom it names and no other", "[transport]") {
    transport::server_options options = threads(2);
    options.tls = files_of(certificates().server());
    world w(options);
    const auto named = dial(w, certificates().bad(flaw::revoked));
    const auto spared = dial(w, another());
    const auto a = begin(*w.dialer, named, "/t.T/Watch", "a");
    const auto b = begin(*w.dialer, spared, "/t.T/Watch", "b");
    REQUIRE(watching(w, 2));
    options.tls.crl_pem = certificates().crl_pem();
    REQUIRE(w.server->reload(options.tls).has_value());
    REQUIRE(a->state.wait([](const auto& s) { return s.ended; }));
    CHECK(a->state.copy().end.grpc_status == 14);
    REQUIRE(watching(w, 1));
    CHECK_FALSE(b->state.copy().ended);
    CHECK(w.logged("connection_cut", "no longer passes"));
}

TEST_CASE("an authority no longer trusted loses its live connections", "[transport]") {
    world w;
    const auto live = dial(w, agency());
    const auto a = begin(*w.dialer, live, "/t.T/Watch", "a");
    REQUIRE(watching(w, 1));
    auto files = files_of(certificates().server());
    certificate_set elsewhere("elsewhere", system_clock().wall_now(), system_random());
    files.authority_pem = elsewhere.authority().certificate_pem();
    CHECK(w.server->try_files(files).has_value());
    CHECK_FALSE(a->state.copy().ended);
    REQUIRE(w.server->reload(files).has_value());
    REQUIRE(a->state.wait([](const auto& s) { return s.ended; }));
}

TEST_CASE("an address that is taken or none is a configuration error", "[transport]") {
    world w;
    services s;
    transport::server_options options;
    options.tls = files_of(certificates().server());
    SECTION("no address") {
        options.address = "somewhere";
    }
    SECTION("not of this machine") {
        options.address = "192.0.2.1";
    }
    SECTION("health beyond loopback") {
        options.health_address = "0.0.0.0";
    }
    const auto server = transport::make_server(s.routes, s.health, options, [](auto, auto) {});
    const auto started = server->start();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().code == errc::config_bad_value);
    CHECK(has(started.error().where, "listen "));
}

TEST_CASE("an exception out of a handler ends its connection and no other", "[transport]") {
    world w;
    const auto one = dial(w, agency());
    const auto other = dial(w, another());
    const auto stream = begin(*w.dialer, other, "/t.T/Watch", "lives");
    REQUIRE(watching(w, 1));
    const auto r = transport::call_unary(*w.dialer, *one, "/t.T/Throw", message("x"), patience);
    CHECK(r.end.grpc_status == 14);
    CHECK(w.logged("connection_ended", "planted"));
    // The handler that threw was closed all the same.
    CHECK(w.service.seen.wait([](const auto& s) { return s.ended == 1; }));
    CHECK_FALSE(stream->state.copy().ended);
    CHECK(
        transport::call_unary(*w.dialer, *other, "/t.T/Echo", message("x"), patience)
            .end.grpc_status == 0
    );
}

TEST_CASE("a peer that stops reading is ended and does not pin the last write", "[transport]") {
    transport::server_options options;
    options.times.write_stall = std::chrono::milliseconds(50);
    world w(options);
    raw_client c(w.by_hand(agency()));
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /big HTTP/1.1\r\nhost: x\r\n\r\n"));
    CHECK(w.logged("connection_ended", "stopped reading"));
    CHECK(w.server->counters().open == 0);
}

TEST_CASE("the end of a connection is said in TLS, so that a cut is none", "[transport]") {
    world w;
    auto raw = w.by_hand(agency());
    {
        raw_client c(raw);
        REQUIRE(c.shook());
        REQUIRE(c.send("GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        CHECK(has(c.read_all(), "hello"));
        CHECK(c.ended());
        CHECK(c.was_told_farewell());
    }
    {
        raw_client kind(raw);
        REQUIRE(kind.shook());
        kind.farewell();
        kind.read_all();
        CHECK(kind.was_told_farewell());
    }
    {
        raw_client cut(raw);
        REQUIRE(cut.shook());
        cut.shut();
        cut.read_all();
    }
    CHECK(w.logged("connection_ended", "the peer cut the connection"));
    const auto lines = w.log.copy();
    CHECK(std::count_if(lines.begin(), lines.end(), [](const auto& l) {
              return has(l, "connection_ended");
          }) == 1);
}

TEST_CASE("a body larger than any buffer arrives whole", "[transport]") {
    world w;
    raw_client c(w.by_hand(agency()));
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /big HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    const auto answer = c.read_all();
    CHECK(c.ended());
    CHECK(answer.size() - answer.find("\r\n\r\n") - 4 == 32'000'000);
}

TEST_CASE("stopping the dialer ends its calls and attempts", "[transport]") {
    world w;
    const auto c = dial(w, agency());
    const auto call = begin(*w.dialer, c, "/t.T/Watch", "x");
    REQUIRE(watching(w, 1));
    watched<int> late;
    w.dialer->post_after(std::chrono::hours(1), [&] { late.change([](int& n) { ++n; }); });
    w.dialer->stop();
    CHECK(call->state.wait([](const auto& s) { return s.ended; }));
    CHECK(late.copy() == 0);
    CHECK(transport::connect(*w.dialer, w.as(agency())).has_value() == false);
}

TEST_CASE("work posted for later runs after what is running now", "[transport]") {
    world w;
    watched<std::string> order;
    w.dialer->post([&] {
        w.dialer->post_after({}, [&] { order.change([](auto& o) { o += "later"; }); });
        order.change([](auto& o) { o += "now "; });
    });
    CHECK(order.wait([](const auto& o) { return o == "now later"; }));
}
