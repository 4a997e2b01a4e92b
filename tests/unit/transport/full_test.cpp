// More connections than there are places.
#include "has.hpp"
#include "raw_client.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::test;

namespace {

int echo(world& w, transport::client& c) {
    return transport::call_unary(*w.dialer, c, "/t.T/Echo", message("x"), patience).end.grpc_status;
}

transport::server_options room_for(std::size_t all, std::size_t each) {
    transport::server_options options;
    options.max_connections = all;
    options.max_per_identity = each;
    return options;
}

} // namespace

TEST_CASE("a connection over the limit is told so, and the others live", "[transport]") {
    world w(room_for(1, 1));
    const auto first = transport::connect(*w.dialer, w.as(agency()));
    REQUIRE(first.has_value());
    SECTION("our own client") {
        const auto second = transport::connect(*w.dialer, w.as(another()));
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().code == errc::connect_failed);
        CHECK(has(second.error().where, "takes no more connections"));
    }
    SECTION("HTTP/1.1") {
        raw_client c(w.by_hand(another(), "\x08http/1.1"));
        REQUIRE(c.shook());
        const auto said = c.read_all();
        CHECK(has(said, "HTTP/1.1 429 "));
        CHECK(has(said, "connections, limit 1"));
        CHECK(c.was_told_farewell());
    }
    SECTION("HTTP/2") {
        raw_client c(w.by_hand(another(), "\x02h2"));
        REQUIRE(c.shook());
        const auto said = c.read_all();
        // SETTINGS, then GOAWAY: no stream taken up, ENHANCE_YOUR_CALM.
        CHECK(said.substr(0, 9) == std::string("\0\0\0\x04\0\0\0\0\0", 9));
        REQUIRE(said.size() > 26);
        CHECK(said.substr(12, 14) == std::string("\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b", 14));
        CHECK(has(said.substr(26), "connections, limit 1"));
        CHECK(c.was_told_farewell());
    }
    CHECK(w.server->counters().refused_full == 1);
    CHECK(w.logged("connection_refused", "connections, limit 1"));
    CHECK(echo(w, **first) == 0);
}

TEST_CASE(
    "no identity takes the places of the others, by no number of certificates", "[transport]"
) {
    world w(room_for(10, 2));
    const auto second_certificate =
        certificates().issue({certs::identity_kind::agency, "northshire-police"});
    const auto one = transport::connect(*w.dialer, w.as(agency()));
    REQUIRE(one.has_value());
    {
        raw_client two(w.by_hand(second_certificate, "\x08http/1.1"));
        REQUIRE(two.shook());
        REQUIRE(two.send("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"));
        CHECK(has(two.read_until("hello"), "200 OK"));

        const auto three = transport::connect(*w.dialer, w.as(agency()));
        REQUIRE_FALSE(three.has_value());
        CHECK(w.logged("connection_refused", "connections of one identity, limit 2"));
        const auto other = transport::connect(*w.dialer, w.as(another()));
        REQUIRE(other.has_value());
        CHECK(echo(w, **other) == 0);
    }
    // A place that was left can be taken again.
    REQUIRE(w.logged("connection_ended", "cut"));
    const auto again = transport::connect(*w.dialer, w.as(second_certificate));
    REQUIRE(again.has_value());
    CHECK(echo(w, **again) == 0);
    CHECK(echo(w, **one) == 0);
}

TEST_CASE("a peer that is turned away and stays costs no place of a served one", "[transport]") {
    world w(room_for(2, 2));
    auto one = transport::connect(*w.dialer, w.as(agency()));
    REQUIRE(one.has_value());
    const raw_client two(w.by_hand(agency(), "\x08http/1.1"));
    REQUIRE(two.shook());
    raw_client three(w.by_hand(agency(), "\x08http/1.1"));
    REQUIRE(three.shook());
    CHECK(has(three.read_until("limit 2"), "429"));
    CHECK(echo(w, **one) == 0);
    CHECK(w.server->counters().refused_full == 1);
}

TEST_CASE("what comes faster than it can be told is closed", "[transport]") {
    auto options = room_for(1, 1);
    options.max_handshakes = 1;
    world w(options);
    const auto first = transport::connect(*w.dialer, w.as(agency()));
    REQUIRE(first.has_value());
    raw_client told(w.by_hand(another(), "\x08http/1.1"));
    REQUIRE(told.shook());
    CHECK(has(told.read_until("limit 1"), "429"));
    // It lingers, and no more sockets than that are held.
    CHECK_FALSE(transport::connect(*w.dialer, w.as(another())).has_value());
    CHECK(w.server->counters().refused_full == 2);
}
