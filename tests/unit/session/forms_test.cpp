// Wire forms over one HTTP exchange, whatever the HTTP version.
#include "unit/session/exchange.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;
using namespace cairn::session::test::forms;

TEST_CASE("a gRPC success is a body and trailers") {
    fixture f;
    f.unary.on_message = echo;
    const sink& s = f.post("/t.T/Unary", "application/grpc+proto", enveloped("m"));
    CHECK(s.status == 200);
    CHECK(s.header("content-type") == "application/grpc+proto");
    CHECK(s.body == enveloped("m"));
    REQUIRE(s.trailers);
    CHECK(*s.trailers == header_list{{"grpc-status", "0"}});
}

TEST_CASE("requests are refused with the status their kind of fault has") {
    struct wrong {
        const char* what;
        std::string method;
        std::string path;
        header_list headers;
        bool http2;
        int status;
    };
    const auto with = [](const char* type, header_list more = {}) {
        more.emplace_back("content-type", type);
        return more;
    };
    const std::vector<wrong> all = {
        {"a form", "POST", "/t.T/Unary", with("application/x-www-form-urlencoded"), true, 415},
        {"no type", "POST", "/t.T/Unary", {}, true, 415},
        {"text", "POST", "/t.T/Unary", with("text/plain"), true, 415},
        {"gRPC-Web", "POST", "/t.T/Unary", with("application/grpc-web+proto"), true, 415},
        {"gRPC-Web text", "POST", "/t.T/Unary", with("application/grpc-web-text"), true, 415},
        {"gRPC over HTTP/1.1", "POST", "/t.T/Unary", with("application/grpc"), false, 505},
        {"GET on a method", "GET", "/t.T/Unary", {}, true, 405},
        {"PUT on a method", "PUT", "/t.T/Unary", with("application/json"), true, 405},
        {"OPTIONS on a method", "OPTIONS", "/t.T/Unary", {}, true, 405},
        {"unknown method", "POST", "/t.T/Nothing", with("application/json"), true, 404},
        {"unknown page", "GET", "/nothing", {}, true, 404},
        {"POST on a page", "POST", "/livez", with("application/json"), true, 404},
        {"unary form on a stream", "POST", "/t.T/Stream", with("application/json"), true, 415},
        {"stream form on unary", "POST", "/t.T/Unary", with("application/connect+json"), true, 415},
        {"compressed",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"content-encoding", "gzip"}}),
         true,
         501},
        {"another Connect",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"connect-protocol-version", "2"}}),
         true,
         400},
        {"a bad timeout",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"connect-timeout-ms", "soon"}}),
         true,
         400},
        {"another site",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"sec-fetch-site", "cross-site"}}),
         true,
         403},
        {"a sibling site",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"sec-fetch-site", "same-site"}}),
         true,
         403},
        {"another origin",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"host", "b.example"}, {"origin", "https://evil.example"}}),
         true,
         403},
        {"the null origin",
         "POST",
         "/t.T/Unary",
         with("application/json", {{"host", "b.example"}, {"origin", "null"}}),
         true,
         403},
    };
    for (const wrong& w : all) {
        fixture f;
        INFO(w.what);
        const sink& s = f.ask(w.method, w.path, w.headers, "{}", w.http2);
        CHECK(s.status == w.status);
        CHECK(s.ended);
        CHECK(f.exchange->answered());
        CHECK(f.unary.made + f.stream.made + f.bidi.made == 0);
        CHECK(s.json()["message"].is_string());
        CHECK((w.status == 405) == (s.header("allow") == "POST"));
    }
}

TEST_CASE("a page of the broker itself may call it") {
    fixture f;
    f.unary.on_message = echo;
    f.post(
        "/t.T/Unary",
        "application/json",
        "{}",
        {{"host", "b.example:7443"},
         {"origin", "https://b.example:7443"},
         {"sec-fetch-site", "same-origin"}}
    );
    // No output type for JSON here, but the request went through.
    CHECK(f.unary.made == 1);
}

TEST_CASE("gRPC refusals are Trailers-Only with a number") {
    fixture f;
    for (const auto& [more, number] :
         {std::pair(header_list{{"grpc-encoding", "gzip"}}, "1212"),
          std::pair(header_list{{"grpc-timeout", "5x"}}, "1200")}) {
        const sink& s = f.post("/t.T/Unary", "application/grpc", enveloped("x"), more);
        CHECK(s.status == 200);
        CHECK(s.ended);
        CHECK_FALSE(s.trailers);
        CHECK(s.header("content-type") == "application/grpc");
        CHECK(s.header("cairn-error-number") == number);
        CHECK_FALSE(s.header("grpc-message").empty());
        CHECK_FALSE(s.header("cairn-next-step").empty());
    }
    CHECK(f.unary.made == 0);
}

TEST_CASE("deadlines come from either header") {
    fixture f;
    f.post("/t.T/Unary", "application/grpc", "", {{"grpc-timeout", "250m"}});
    f.ask("POST", "/t.T/Unary", {{"content-type", "application/grpc"}, {"grpc-timeout", "2S"}});
    REQUIRE(f.exchange->deadline());
    CHECK(*f.exchange->deadline() == start_time + 2s);
    f.ask(
        "POST", "/t.T/Unary", {{"content-type", "application/json"}, {"connect-timeout-ms", "90"}}
    );
    REQUIRE(f.exchange->deadline());
    CHECK(*f.exchange->deadline() == start_time + 90ms);
    f.exchange->tick(start_time + 89ms);
    CHECK_FALSE(f.exchange->answered());
    f.exchange->tick(start_time + 90ms);
    CHECK(f.exchange->answered());
    CHECK(f.out.status == 504);
    CHECK(f.unary.closed == f.unary.made);
}

TEST_CASE("a body over the limit is refused while it arrives, and the rest is granted back") {
    fixture f;
    f.ask("POST", "/t.T/Unary", {{"content-type", "application/json"}});
    const std::string part(64 * 1024, ' ');
    std::size_t sent = 0;
    while (!f.exchange->answered() && sent < 2 * limits::message_bytes) {
        f.exchange->body(part);
        sent += part.size();
    }
    CHECK(f.out.status == 413);
    CHECK(sent <= limits::message_bytes + part.size());
    CHECK(f.out.granted == sent);
    CHECK(f.unary.got.empty());
    CHECK(f.unary.closed == 1);
}

TEST_CASE("pages answer GET, and HEAD without a body") {
    fixture f;
    CHECK(f.ask("GET", "/livez", {}).body == "alive\n");
    f.ask("HEAD", "/livez", {});
    CHECK(f.out.status == 200);
    CHECK(f.out.header("content-length") == "6");
    CHECK(f.out.body.empty());
    CHECK(f.out.ended);
}

TEST_CASE("an exchange taken away closes its handler and leaves a dead call") {
    fixture f;
    f.ask("POST", "/t.T/Unary", {{"content-type", "application/grpc"}}, enveloped("x"));
    const auto c = f.unary.calls.at(0).lock();
    REQUIRE(c);
    CHECK(c->alive());
    SECTION("aborted") {
        f.exchange->aborted();
    }
    SECTION("destroyed") {
        f.exchange.reset();
    }
    CHECK(f.unary.closed == 1);
    CHECK_FALSE(c->alive());
    c->send("x");
    c->finish();
    CHECK(c->who().uris.empty());
    CHECK(f.out.status == 0);
}

TEST_CASE("the request's trace and codec reach the handler, bounded") {
    fixture f;
    f.ask(
        "POST",
        "/t.T/Unary",
        {{"content-type", "application/grpc+json"}, {"traceparent", std::string(1000, 't')}}
    );
    const auto c = f.unary.calls.at(0).lock();
    REQUIRE(c);
    CHECK(c->how() == codec::json);
    CHECK(c->path() == "/t.T/Unary");
    CHECK(c->traceparent().size() == 64);
}

TEST_CASE("curl's JSON goes in and lowerCamelCase JSON comes out, in every form") {
    fixture f;
    method m;
    m.path = "/t.T/Json";
    m.input = v1::SubmitRequest::descriptor();
    m.output = v1::SubmitResponse::descriptor();
    m.make = [&f](call&) { return std::make_unique<scripted>(f.unary); };
    f.routes.add(m);
    f.unary.on_message = [](call& c, bytes_view text) {
        v1::SubmitRequest in;
        const status s = decode(text, c.how(), in);
        if (!s) return c.finish(s);
        v1::SubmitResponse out;
        out.set_key(in.key());
        out.set_concern_id("00");
        c.send(out.SerializeAsString());
        c.finish();
    };
    f.post("/t.T/Json", "application/json", R"({"key": "k1"})");
    CHECK(f.out.status == 200);
    CHECK(f.out.json() == nlohmann::json{{"key", "k1"}, {"concernId", "00"}});
    f.post("/t.T/Json", "application/grpc+json", enveloped(R"({"key": "k2"})"));
    CHECK(nlohmann::json::parse(f.out.body.substr(5))["key"] == "k2");
    f.post("/t.T/Json", "application/json", R"({"key": "k1", "kye": "SECRET"})");
    CHECK(f.out.status == 400);
    CHECK(f.out.body.find("line 1 column 15: unknown field") != std::string::npos);
    CHECK(f.out.body.find("SECRET") == std::string::npos);
}

TEST_CASE("an answer that cannot be written as JSON is an internal error, not half an answer") {
    fixture f;
    f.unary.on_message = echo; // the method names no output type
    CHECK(f.post("/t.T/Unary", "application/json", "{}").status == 500);
    CHECK(f.out.json()["code"] == "internal");
    CHECK(f.unary.closed == 1);
}
