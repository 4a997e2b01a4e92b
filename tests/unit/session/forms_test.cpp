// Wire forms over one HTTP exchange, whatever the HTTP version.
#include "session/http_exchange.hpp"

#include "cairn/v1/exchange.pb.h"
#include "session/codec.hpp"
#include "session/wire.hpp"
#include "unit/session/pipe.hpp"

#include <nlohmann/json.hpp>

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

struct sink final : response_sink {
    int status = 0;
    header_list headers;
    std::string body;
    std::optional<header_list> trailers;
    bool ended = false;
    bool aborted = false;
    std::size_t granted = 0;
    void start(int s, const header_list& h, bool end) override {
        REQUIRE(status == 0);
        status = s;
        headers = h;
        ended = end;
    }
    void write(bytes_view part) override {
        REQUIRE((status != 0 && !ended));
        body += part;
    }
    void end(const header_list& t) override {
        REQUIRE_FALSE(ended);
        ended = true;
        trailers = t;
    }
    void abort() override { aborted = true; }
    std::size_t queued() const override { return body.size(); }
    void consumed(std::size_t n) override { granted += n; }
    std::string header(std::string_view name) const {
        for (const auto& [n, v] : headers) {
            if (n == name) return v;
        }
        return {};
    }
    nlohmann::json json() const { return nlohmann::json::parse(body); }
};

struct fixture {
    router routes;
    script unary;
    script stream;
    script bidi;
    peer who;
    sink out;
    std::unique_ptr<http_exchange> exchange;

    fixture() {
        add(routes, "/t.T/Unary", method_kind::unary, unary);
        add(routes, "/t.T/Stream", method_kind::server_stream, stream);
        add(routes, "/t.T/Bidi", method_kind::bidi, bidi);
        routes.add_page("/livez", [](const peer&) { return page{200, "text/plain", "alive\n"}; });
    }
    sink&
    ask(std::string method,
        std::string path,
        header_list headers,
        std::optional<std::string> body = std::nullopt,
        bool http2 = true) {
        exchange.reset();
        out = {};
        const request_head head{std::move(method), std::move(path), std::move(headers), http2};
        exchange = accept_exchange(routes, who, head, out, start_time);
        if (body) {
            exchange->body(*body);
            exchange->body_end();
        }
        return out;
    }
    sink& post(std::string path, std::string type, std::string body, header_list more = {}) {
        more.emplace_back("content-type", std::move(type));
        return ask("POST", std::move(path), std::move(more), std::move(body));
    }
};

const auto echo = [](call& c, bytes_view m) {
    c.send(m);
    c.finish();
};

} // namespace

TEST_CASE("Connect unary answers with the bare message") {
    fixture f;
    f.unary.on_message = echo;
    const sink& s = f.post("/t.T/Unary", "application/proto", "hello");
    CHECK(s.status == 200);
    CHECK(s.header("content-type") == "application/proto");
    CHECK(s.header("content-length") == "5");
    CHECK(s.body == "hello");
    CHECK(s.ended);
    CHECK(f.exchange->answered());
    CHECK(f.unary.closed == 1);
    CHECK(s.granted == 5);
}

TEST_CASE("Connect unary answers an empty message, and takes an empty one") {
    fixture f;
    f.unary.on_message = echo;
    const sink& s = f.post("/t.T/Unary", "application/proto", "");
    CHECK(s.status == 200);
    CHECK(s.body.empty());
    CHECK(s.ended);
    CHECK(f.unary.got == std::vector<std::string>{""});
}

TEST_CASE("a Connect error is JSON with the code, the sentence and the catalogue's number") {
    fixture f;
    f.unary.on_message = [](call& c, bytes_view) {
        failure e = fail(errc::overloaded, "a \"quoted\" place");
        e.retry_after_ms = 1500;
        c.finish(e);
    };
    const sink& s = f.post("/t.T/Unary", "application/json; charset=utf-8", "{}");
    CHECK(s.status == 429);
    CHECK(s.header("content-type") == "application/json");
    CHECK(s.header("retry-after") == "2");
    const auto j = s.json();
    CHECK(j["code"] == "resource_exhausted");
    CHECK(
        j["message"] == "The broker has as much work as it can hold (a \"quoted\" place). "
                        "Try again after the time given"
    );
    CHECK(j["cairn"]["number"] == 1004);
    CHECK(j["cairn"]["symbol"] == "overloaded");
    CHECK(j["cairn"]["retryable"] == true);
    CHECK(j["cairn"]["retryAfterMs"] == 1500);
    CHECK_FALSE(j["cairn"]["nextStep"].get<std::string>().empty());
}

TEST_CASE("every error of the catalogue has an HTTP status, a code and valid JSON") {
    for (const error_entry& e : error_table) {
        fixture f;
        f.unary.on_message = [&](call& c, bytes_view) { c.finish(fail(e.code)); };
        const sink& s = f.post("/t.T/Unary", "application/json", "{}");
        INFO(e.symbol);
        CHECK(s.status >= 400);
        CHECK(s.status < 600);
        CHECK(s.json()["cairn"]["number"] == static_cast<int>(e.code));
        CHECK_FALSE(s.json()["code"].get<std::string>().empty());
    }
}

TEST_CASE("a place that is no UTF-8 cannot break the error") {
    fixture f;
    f.unary.on_message = [](call& c, bytes_view) {
        c.finish(fail(errc::bad_value, "x\xff\n\x01" + std::string(100'000, 'y')));
    };
    CHECK(f.post("/t.T/Unary", "application/json", "{}").json()["cairn"]["number"] == 1202);
    CHECK(f.out.body.size() < 4096);
    f.post("/t.T/Unary", "application/grpc", enveloped("x"));
    for (const auto& [name, value] : f.out.headers) {
        CHECK(value.size() < 4096);
        CHECK(std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; })
        );
    }
}

TEST_CASE("a gRPC message is UTF-8 whatever the place named in it was") {
    const auto [where, said] = GENERATE(table<std::string, std::string>({
        {"gr\xc3\xb6\xc3\x9f"
         "er",
         "gr\xc3\xb6\xc3\x9f"
         "er"},
        {"x\xff"
         "y",
         "x\xef\xbf\xbd"
         "y"},
        {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    }));
    fixture f;
    f.unary.on_message = [place = where](call& c, bytes_view) {
        c.finish(fail(errc::bad_value, place));
    };
    f.post("/t.T/Unary", "application/grpc", enveloped("x"));
    const auto message = percent_decode(f.out.header("grpc-message"));
    CHECK(is_utf8(message));
    CHECK(message.find("(" + said + ")") != std::string::npos);
    // Also where it is cut.
    const std::string many(GENERATE(1020U, 1021U, 1022U, 1023U, 100'000U), '\x80');
    CHECK(is_utf8(sentence(fail(errc::bad_value, many))));
    std::string euros;
    for (int i = 0; i < 1000; ++i) euros += "\xe2\x82\xac";
    for (std::size_t n = 0; n < 4; ++n) {
        const auto cut = sentence(fail(errc::bad_value, std::string(n, 'x') + euros));
        CHECK(is_utf8(cut));
        CHECK(cut.size() < 2048);
        CHECK(cut.find("\xef\xbf\xbd") == std::string::npos);
    }
}

TEST_CASE("a Connect stream ends with its own envelope") {
    fixture f;
    f.stream.on_message = [](call& c, bytes_view m) {
        c.send(m);
        c.send("two");
        c.finish();
    };
    const sink& s = f.post("/t.T/Stream", "application/connect+proto", enveloped("one"));
    CHECK(s.status == 200);
    CHECK(s.header("content-type") == "application/connect+proto");
    CHECK(s.body == enveloped("one") + enveloped("two") + enveloped("{}", 2));
    CHECK(s.ended);
}

TEST_CASE("a Connect stream's failure is in the last envelope, after what was sent") {
    fixture f;
    f.stream.on_message = [](call& c, bytes_view) {
        c.send("one");
        c.finish(fail(errc::superseded));
    };
    const sink& s = f.post("/t.T/Stream", "application/connect+proto", enveloped("go"));
    REQUIRE(s.body.substr(0, 8) == enveloped("one"));
    CHECK(s.body[8] == 2);
    const auto j = nlohmann::json::parse(s.body.substr(13));
    CHECK(j["error"]["code"] == "aborted");
    CHECK(j["error"]["cairn"]["number"] == 1213);
}

TEST_CASE("a Connect stream refused at once has only the last envelope") {
    fixture f;
    const sink& s = f.post(
        "/t.T/Stream",
        "application/connect+proto",
        enveloped("go"),
        {{"connect-content-encoding", "gzip"}}
    );
    CHECK(s.status == 200);
    REQUIRE(s.body[0] == 2);
    CHECK(nlohmann::json::parse(s.body.substr(5))["error"]["code"] == "unimplemented");
    CHECK(f.stream.made == 0);
}

TEST_CASE("bidirectional Connect works over HTTP/2 and is refused over HTTP/1.1") {
    fixture f;
    f.bidi.on_message = [](call& c, bytes_view m) {
        c.send(m);
        c.read_more();
    };
    f.bidi.on_end = [](call& c) { c.finish(); };
    const std::string two = enveloped("a") + enveloped("b");
    f.post("/t.T/Bidi", "application/connect+proto", two);
    CHECK(f.out.body == two + enveloped("{}", 2));
    f.ask("POST", "/t.T/Bidi", {{"content-type", "application/connect+proto"}}, two, false);
    CHECK(f.out.status == 505);
}

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
