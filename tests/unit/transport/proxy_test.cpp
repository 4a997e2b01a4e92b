// What is said to a proxy and what it may answer, byte by byte.
#include "has.hpp"
#include "transport/proxy.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

using namespace cairn;
using namespace cairn::test;
using namespace cairn::transport;

namespace {

std::string refused(std::string_view answer, bool sent_credentials = false) {
    proxy_answer a(sent_credentials);
    const auto said = a.feed(answer);
    REQUIRE(said.has_error());
    CHECK(said.error().code == errc::proxy_failed);
    return said.error().where;
}

} // namespace

TEST_CASE("a proxy is named by http, host and port, and by nothing else") {
    const auto plain = parse_proxy("http://proxy.oakfield.example:3128");
    REQUIRE(plain.has_value());
    CHECK(plain->host == "proxy.oakfield.example");
    CHECK(plain->port == 3128);
    CHECK(plain->place() == "proxy.oakfield.example:3128");
    const auto v6 = parse_proxy("HTTP://[2001:db8::1]:80/");
    REQUIRE(v6.has_value());
    CHECK(v6->host == "2001:db8::1");
    CHECK(v6->place() == "[2001:db8::1]:80");
    for (const char* bad :
         {"",
          "http://",
          "proxy:3128",
          "https://proxy:3128",
          "socks5://proxy:1080",
          "http://proxy",
          "http://proxy:",
          "http://proxy:0",
          "http://proxy:65536",
          "http://proxy:31x",
          "http://:3128",
          "http://[]:3128",
          "http://2001:db8::1:80",
          "http://[proxy]:80",
          "http://pro xy:80",
          "http://proxy/path:80",
          "http://proxy:80/path"}) {
        INFO(bad);
        const auto p = parse_proxy(bad);
        REQUIRE(p.has_error());
        CHECK(p.error().code == errc::config_bad_value);
    }
    const auto secret = parse_proxy("http://jo:secret@proxy:3128");
    REQUIRE(secret.has_error());
    CHECK(has(secret.error().where, "proxy_auth_file"));
    CHECK_FALSE(has(secret.error().where, "secret"));
}

TEST_CASE("a proxy is asked for the broker's name and port, with a login where there is one") {
    proxy_options p{"proxy", 3128, {}};
    CHECK(
        *connect_request(p, "broker.northshire.example", 7443) ==
        "CONNECT broker.northshire.example:7443 HTTP/1.1\r\n"
        "Host: broker.northshire.example:7443\r\n\r\n"
    );
    p.credentials = "Aladdin:open sesame"; // RFC 7617 section 2
    CHECK(
        *connect_request(p, "2001:db8::1", 443) ==
        "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
    );
    for (const char* host : {"", "a b", "a\r\nX: y"})
        CHECK(connect_request(p, host, 1).error().code == errc::config_bad_value);
}

TEST_CASE("a login for the proxy is one line with a colon") {
    CHECK(*parse_proxy_credentials("jo:pass:word\r\n") == "jo:pass:word");
    for (const std::string& bad :
         std::vector<std::string>{"", "\n", "jo", ":x", "jo:a\nb", "jo:a\rb"}) {
        const auto c = parse_proxy_credentials(bad);
        REQUIRE(c.has_error());
        CHECK(c.error().where.find("one line") != std::string::npos);
    }
}

TEST_CASE("a proxy's answer may come in any pieces") {
    const std::string open = "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n";
    for (std::size_t cut = 1; cut < open.size(); ++cut) {
        proxy_answer a(false);
        const auto first = a.feed(open.substr(0, cut));
        REQUIRE(first.has_value());
        CHECK_FALSE(*first);
        const auto second = a.feed(open.substr(cut));
        REQUIRE(second.has_value());
        CHECK(*second);
    }
    proxy_answer bytewise(false);
    for (std::size_t i = 0; i < open.size(); ++i) {
        const auto said = bytewise.feed(open.substr(i, 1));
        REQUIRE(said.has_value());
        CHECK(*said == (i + 1 == open.size()));
    }
}

TEST_CASE("a proxy that refuses is understood") {
    const std::string login = "HTTP/1.1 407 Proxy Authentication Required\r\n"
                              "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
    CHECK(has(refused(login), "set proxy_auth_file"));
    CHECK(has(refused(login, true), "does not take the name and password"));
    CHECK(
        has(refused("HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\n\r\n"), "other than Basic")
    );
    CHECK(has(refused("HTTP/1.0 403 Forbidden\r\n\r\n<html>"), "does not allow CONNECT"));
    CHECK(has(refused("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "cannot reach the broker"));
    CHECK(has(refused("HTTP/1.1 302 Found\r\n\r\n"), "status 302"));
}

TEST_CASE("a proxy that answers garbage is refused at its first wrong byte") {
    for (const std::string& bad : std::vector<std::string>{
             std::string("SSH-2.0-OpenSSH"),
             std::string("\x16\x03\x03\x00\x10"),
             std::string("HTTP/2 200\r\n\r\n"),
             std::string("<html>"),
             std::string("HTTP/1.1 2x0 y\r\n\r\n"),
             std::string("HTTP/1.1\r\n\r\n"),
             std::string("HTTP/1.1_200 OK\r\n\r\n")}) {
        INFO(bad);
        CHECK(has(refused(bad), "not HTTP"));
    }
    CHECK(has(refused("HTTP/1.1 200 OK\r\n\r\n\x16\x03"), "bytes of its own"));
    // Without an end it is not read for ever.
    proxy_answer endless(false);
    const std::string line(1000, 'x');
    REQUIRE(endless.feed("HTTP/1.1 200 OK\r\n").has_value());
    int fed = 0;
    while (endless.feed(line).has_value()) REQUIRE(++fed < 20);
    CHECK(fed == 16);
}
