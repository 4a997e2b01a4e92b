// HTTP/1.1 at the byte level: no socket, time as told.
#include "has.hpp"
#include "services.hpp"
#include "transport/http1.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::test;
using namespace std::chrono_literals;

namespace {

struct line {
    services s;
    mono_time now{std::chrono::hours(1)};
    std::unique_ptr<session::server_connection> engine;
    int woken = 0;

    line() {
        s.post = [](unsigned, const std::function<void()>& work) { work(); };
        engine = transport::make_http1_server(
            s.routes, {"pin", {"spiffe://riverbank/agency/oakfield"}, "here"}, {}, now
        );
        engine->on_output([this] { ++woken; });
    }

    std::string flush() {
        std::string out;
        for (auto v = engine->output(); !v.empty(); v = engine->output()) {
            out += v;
            engine->sent(v.size(), now);
        }
        return out;
    }
    std::string say(const std::string& in) {
        engine->receive(in, now);
        return flush();
    }
    void pass(duration d) {
        now += d;
        const auto due = engine->next_deadline();
        if (due && *due <= now) engine->tick(now);
    }
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
}

std::string post(const std::string& path, const std::string& body, const std::string& more = {}) {
    return "POST " + path + " HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" + more +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunk(const std::string& data) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    return size + data + "\r\n";
}

// One message of Connect's stream framing.
std::string enveloped(const std::string& body) {
    bytes out(1, '\0');
    put_u32(out, static_cast<std::uint32_t>(body.size()));
    return out + body;
}

} // namespace

TEST_CASE("a page carries its length and leaves the connection open", "[http1]") {
    line l;
    const auto answer = l.say("GET /page?q=1 HTTP/1.1\r\nhost: x\r\n\r\n");
    CHECK(answer.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
    CHECK(has(answer, "content-length: 40\r\n"));
    CHECK(count(answer, "content-length") == 1);
    CHECK_FALSE(has(answer, "connection: close"));
    CHECK(has(answer, "\r\n\r\nhello spiffe://riverbank/agency/oakfield"));
    CHECK_FALSE(l.engine->finished());
}

TEST_CASE("a request may come byte by byte", "[http1]") {
    line l;
    std::string got;
    for (const char c : post("/t.T/Echo", R"({"fileName":"slow"})")) got += l.say({c});
    CHECK(has(got, "200 OK"));
    CHECK(has(got, R"({"fileName":"slow"})"));
}

TEST_CASE("HEAD describes a page and carries no body", "[http1]") {
    line l;
    const auto answer = l.say("HEAD /page HTTP/1.1\r\nhost: x\r\n\r\n");
    CHECK(has(answer, "200 OK"));
    CHECK(has(answer, "content-length: 40\r\n"));
    CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
}

TEST_CASE("204 has neither body nor length", "[http1]") {
    line l;
    l.s.routes.add_page("/none", [](const session::peer&) {
        return session::page{204, "text/plain", "a body"};
    });
    const auto answer = l.say("GET /none HTTP/1.1\r\nhost: x\r\n\r\n");
    CHECK(answer.rfind("HTTP/1.1 204 No Content\r\n", 0) == 0);
    CHECK_FALSE(has(answer, "content-length"));
    CHECK_FALSE(has(answer, "transfer-encoding"));
    CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
    CHECK(has(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"), "200 OK"));
}

TEST_CASE("pipelined requests are answered in order", "[http1]") {
    line l;
    const auto get = std::string("GET /page HTTP/1.1\r\nhost: x\r\n\r\n");
    const auto answer = l.say(get + post("/t.T/Echo", R"({"fileName":"two"})") + get);
    CHECK(count(answer, "HTTP/1.1 200 OK") == 3);
    CHECK(answer.find("hello") < answer.find("two"));
    CHECK(answer.find("two") < answer.rfind("hello"));
}

TEST_CASE("an answer that comes later wakes the driver once", "[http1]") {
    line l;
    CHECK(l.say(post("/t.T/Later", R"({"fileName":"later"})")).empty());
    l.s.release();
    CHECK(l.woken == 1);
    CHECK(has(l.flush(), R"({"fileName":"later"})"));
    CHECK(has(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"), "200 OK"));
}

TEST_CASE("a server stream leaves in chunks as its messages come", "[http1]") {
    line l;
    const auto body = enveloped(R"({"fileName":"first"})");
    const auto answer = l.say(
        "POST /t.T/Watch HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+json\r\n"
        "content-length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body
    );
    CHECK(has(answer, "transfer-encoding: chunked\r\n"));
    CHECK(has(answer, R"({"fileName":"first"})"));
    CHECK_FALSE(has(answer, "0\r\n\r\n"));
    SECTION("the peer goes away") {
        l.engine->closed();
        CHECK(l.s.seen.copy().ended == 1);
        CHECK(l.engine->finished());
    }
    SECTION("the server stops: the stream is ended when the time to drain has passed") {
        l.engine->shut_down(l.now);
        CHECK_FALSE(l.engine->finished());
        l.pass(limits::drain);
        const auto rest = l.flush();
        CHECK(rest.substr(rest.size() - 5) == "0\r\n\r\n");
        CHECK(l.engine->finished());
        CHECK(l.s.seen.copy().ended == 1);
    }
}

TEST_CASE("a chunked request is read", "[http1]") {
    line l;
    const auto answer = l.say(
        "POST /t.T/Echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        "transfer-encoding: chunked\r\n\r\n" +
        chunk(R"({"file)") + chunk(R"(Name":"parts"})") + "0\r\n\r\n"
    );
    CHECK(has(answer, R"({"fileName":"parts"})"));
    CHECK_FALSE(l.engine->finished());
}

TEST_CASE("Expect: 100-continue is answered before the body comes", "[http1]") {
    line l;
    const std::string body = R"({"fileName":"asked"})";
    const auto request = post("/t.T/Echo", body, "expect: 100-continue\r\n");
    const auto head = request.substr(0, request.size() - body.size());
    CHECK(l.say(head) == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(has(l.say(body), body));
}

TEST_CASE("a refusal replaces 100 and ends the connection", "[http1]") {
    line l;
    const auto answer = l.say("POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
                              "content-type: application/json\r\nexpect: 100-continue\r\n\r\n");
    CHECK_FALSE(has(answer, "100 Continue"));
    CHECK(has(answer, "HTTP/1.1 404 "));
    CHECK(has(answer, "connection: close"));
    CHECK(l.engine->finished());
}

TEST_CASE("an early answer is given at once and the rest of the body swallowed", "[http1]") {
    line l;
    const auto answer = l.say("POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n"
                              "content-type: application/json\r\n\r\n");
    CHECK(has(answer, "HTTP/1.1 404 "));
    CHECK(l.say(std::string(100'000, 'x')).empty());
    CHECK(has(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"), "200 OK"));
}

TEST_CASE("what nobody reads is swallowed up to a limit", "[http1]") {
    line l;
    l.say("POST /nowhere HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    const auto part = chunk(std::string(60'000, 'x'));
    std::size_t sent = 0;
    while (!l.engine->finished() && sent < 2 * limits::swallowed_body_bytes) {
        l.say(part);
        sent += 60'000;
    }
    CHECK(sent >= limits::swallowed_body_bytes);
    CHECK(sent <= limits::swallowed_body_bytes + 120'000);
}

TEST_CASE("requests over a limit or malformed are answered in words and end it", "[http1]") {
    struct bad {
        std::string request;
        std::string status;
        std::string words;
    };
    const std::string h = "host: x\r\n";
    const auto b = GENERATE_COPY(
        bad{"GET /page HTTP/1.1\r\n" + h + "a: " + std::string(20'000, 'a') + "\r\n\r\n",
            "431",
            "16384"},
        bad{"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n" + h + "\r\n", "431", "16384"},
        bad{"POST /t.T/Echo HTTP/1.1\r\n" + h + "content-length: 60000000\r\n\r\n",
            "413",
            "8388608"},
        bad{"GET /page HTTP/1.1\r\n\r\n", "400", "Host"},
        bad{"GET /page HTTP/3.0\r\n" + h + "\r\n", "505", "HTTP/1.1"},
        bad{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", "HTTP/2"},
        bad{"nonsense\r\n\r\n", "400", "not HTTP/1.1"},
        bad{"GET /page HTTP/1.1\r\n" + h + "bad name: x\r\n\r\n", "400", "not HTTP/1.1"},
        bad{"POST /t.T/Echo HTTP/1.1\r\n" + h + "content-length: -1\r\n\r\n", "400", "not"},
        bad{"POST /t.T/Echo HTTP/1.1\r\n" + h +
                "content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
            "400",
            "not"},
        // Request smuggling: RFC 9112 6.3 item 3.
        bad{"POST /t.T/Echo HTTP/1.1\r\n" + h +
                "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "400",
            "not"},
        bad{"POST /t.T/Echo HTTP/1.1\r\n" + h + "transfer-encoding: chunked\r\n\r\nzz\r\n",
            "400",
            "not"}
    );
    line l;
    const auto answer = l.say(b.request);
    INFO(b.request.substr(0, 100) << " -> " << answer);
    CHECK(answer.rfind("HTTP/1.1 " + b.status + " ", 0) == 0);
    CHECK(has(answer, "connection: close\r\n"));
    CHECK(has(answer.substr(answer.find("\r\n\r\n")), b.words));
    CHECK(l.engine->finished());
    CHECK(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n").empty());
}

TEST_CASE("a header that does not end in time is answered 408", "[http1]") {
    line l;
    l.say("GET /page HTT");
    l.pass(limits::header - 1s);
    l.say("P/1.1\r\nhost:");
    CHECK_FALSE(l.engine->finished());
    l.pass(1s);
    CHECK(has(l.flush(), "HTTP/1.1 408 "));
    CHECK(l.engine->finished());
}

TEST_CASE("a body that stops half-way is answered 408", "[http1]") {
    line l;
    l.say("POST /t.T/Echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
          "content-length: 50\r\n\r\n{");
    l.pass(limits::body_progress - 1s);
    CHECK(l.say("\"").empty());
    l.pass(limits::body_progress - 1s);
    CHECK_FALSE(l.engine->finished());
    l.pass(1s);
    CHECK(has(l.flush(), "HTTP/1.1 408 "));
    CHECK(l.engine->finished());
}

TEST_CASE("an idle connection is closed without a word", "[http1]") {
    line l;
    CHECK(has(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"), "200 OK"));
    l.pass(limits::idle - 1s);
    CHECK_FALSE(l.engine->finished());
    l.pass(1s);
    CHECK(l.flush().empty());
    CHECK(l.engine->finished());
}

TEST_CASE("waiting for a handler is not idling", "[http1]") {
    line l;
    l.say(post("/t.T/Later", R"({"fileName":"long"})"));
    l.pass(10 * limits::idle);
    CHECK_FALSE(l.engine->finished());
    l.s.release();
    CHECK(has(l.flush(), "long"));
}

TEST_CASE("the connection closes when the client or its version asks", "[http1]") {
    line l;
    SECTION("connection: close") {
        const auto answer = l.say("GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        CHECK(has(answer, "connection: close\r\n"));
        CHECK(l.engine->finished());
    }
    SECTION("HTTP/1.0") {
        const auto answer = l.say("GET /page HTTP/1.0\r\n\r\n");
        CHECK(has(answer, "connection: close\r\n"));
        CHECK(l.engine->finished());
    }
    SECTION("HTTP/1.0 that asks to stay") {
        const auto answer = l.say("GET /page HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
        CHECK(has(answer, "connection: keep-alive\r\n"));
        CHECK_FALSE(l.engine->finished());
    }
    SECTION("a stream to HTTP/1.0 ends with its connection and is not chunked") {
        const auto body = enveloped("{}");
        const auto answer = l.say(
            "POST /t.T/Watch HTTP/1.0\r\ncontent-type: application/connect+json\r\n"
            "content-length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body
        );
        CHECK(has(answer, "200 OK"));
        CHECK_FALSE(has(answer, "chunked"));
        CHECK(has(answer, "connection: close\r\n"));
    }
}

TEST_CASE("a connection of a certain age asks the client to come anew", "[http1]") {
    line l;
    l.now += limits::connection_age - 1s;
    l.engine = transport::make_http1_server(l.s.routes, {}, {.max_age = 1s}, l.now);
    l.now += 1s;
    CHECK(has(l.say("GET /page HTTP/1.1\r\nhost: x\r\n\r\n"), "connection: close\r\n"));
    CHECK(l.engine->finished());
}

TEST_CASE("an idle connection of a stopping server ends at once", "[http1]") {
    line l;
    l.engine->shut_down(l.now);
    CHECK(l.engine->finished());
}

TEST_CASE("an answer given while stopping says that the connection closes", "[http1]") {
    line l;
    l.say(post("/t.T/Later", R"({"fileName":"last"})"));
    l.engine->shut_down(l.now);
    CHECK_FALSE(l.engine->finished());
    l.s.release();
    const auto answer = l.flush();
    CHECK(has(answer, "last"));
    CHECK(has(answer, "connection: close\r\n"));
    CHECK(l.engine->finished());
}

TEST_CASE("input is not read ahead without bound while a request is answered", "[http1]") {
    line l;
    l.say(post("/t.T/Later", R"({"fileName":"busy"})"));
    CHECK(l.engine->wants_read());
    std::string ahead;
    while (ahead.size() < 200'000) ahead += "GET /page HTTP/1.1\r\nhost: x\r\n\r\n";
    l.say(ahead);
    CHECK_FALSE(l.engine->wants_read());
    l.s.release();
    CHECK(count(l.flush(), "HTTP/1.1 200 OK") > 4000);
    CHECK(l.engine->wants_read());
}
