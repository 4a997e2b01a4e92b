// What speaks HTTP/1.1 to a server: over TLS, and on the loopback listener.
#include "has.hpp"
#include "raw_client.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::test;

TEST_CASE("the health listener serves its pages in plain HTTP and nothing else", "[transport]") {
    transport::server_options options;
    options.health_address = "127.0.0.1";
    world w(options);
    raw_options raw;
    raw.port = w.server->health_port();
    raw.plain = true;
    raw_client c(raw);
    REQUIRE(c.send("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"));
    CHECK(has(c.read_until("ok\n"), "HTTP/1.1 200 OK\r\n"));
    REQUIRE(c.send("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"));
    CHECK(has(c.read_until("\r\n\r\n"), "HTTP/1.1 404 "));
    raw_client post(raw);
    REQUIRE(post.send("POST /t.T/Echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                      "content-length: 2\r\nconnection: close\r\n\r\n{}"));
    CHECK(has(post.read_all(), "HTTP/1.1 404 "));
    raw_client half(raw);
    REQUIRE(half.send("GET /livez HTTP/1.0\r\n\r\n"));
    half.shut();
    CHECK(has(half.read_all(), "ok\n"));
    CHECK(half.ended());
}

TEST_CASE("pages and JSON calls are served to HTTP/1.1 clients over TLS", "[transport]") {
    transport::server_options options;
    options.threads = 2;
    world w(options);
    const auto raw = w.by_hand(agency(), GENERATE(std::string(), std::string("\x08http/1.1")));
    raw_client c(raw);
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /page?x=1 HTTP/1.1\r\nhost: x\r\n\r\n"));
    CHECK(has(c.read_until(agency().uri), "HTTP/1.1 200 OK\r\n"));
    REQUIRE(c.send("POST /t.T/Echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                   "content-length: 20\r\nexpect: 100-continue\r\n\r\n"));
    CHECK(c.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(c.send("{\"fileName\":\"plain\"}"));
    const auto answer = c.read_until("plain");
    CHECK(has(answer, "HTTP/1.1 200 OK\r\n"));
    CHECK(has(answer, "content-type: application/json"));
    REQUIRE(c.send("POST /t.T/Later HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                   "content-length: 20\r\n\r\n{\"fileName\":\"later\"}"));
    REQUIRE(w.service.pending.wait([](const auto& all) { return all.size() == 1; }));
    w.service.release();
    CHECK(has(c.read_until("later"), "HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a header over the limit is answered in words, then the connection ends", "[transport]") {
    world w;
    raw_client c(w.by_hand(agency()));
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /page HTTP/1.1\r\nhost: x\r\nlong: " + std::string(40'000, 'x')));
    const auto answer = c.read_all();
    CHECK(has(answer, "HTTP/1.1 431 "));
    CHECK(has(answer, "16384 bytes"));
    CHECK(c.ended());
}

TEST_CASE("a connection whose request stays unfinished is ended", "[transport]") {
    transport::server_options options;
    options.times.header = std::chrono::milliseconds(50);
    world w(options);
    raw_client c(w.by_hand(agency()));
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /page HTTP/1.1\r\nho"));
    CHECK(has(c.read_all(), "HTTP/1.1 408 "));
    CHECK(c.ended());
}
