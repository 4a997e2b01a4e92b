// Connect's own forms over one HTTP exchange.
#include "unit/session/exchange.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;
using namespace cairn::session::test::forms;

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
