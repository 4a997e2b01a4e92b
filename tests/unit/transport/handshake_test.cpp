#include "has.hpp"
#include "raw_client.hpp"
#include "world.hpp"

#include "core/system.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

failure refused(world& w, const transport::dial_options& options) {
    const auto c = transport::connect(*w.dialer, options);
    REQUIRE_FALSE(c.has_value());
    return c.error();
}

// Listens and never answers.
class silent_port {
public:
    silent_port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        auto* a = static_cast<sockaddr*>(static_cast<void*>(&address_));
        REQUIRE(::bind(fd_, a, size) == 0);
        REQUIRE(::getsockname(fd_, a, &size) == 0);
        REQUIRE(::listen(fd_, 4) == 0);
    }
    ~silent_port() { close(); }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

private:
    int fd_;
    sockaddr_in address_{};
};

} // namespace

TEST_CASE("a client with an honest certificate makes a unary call", "[transport]") {
    world w;
    const auto c = transport::connect(*w.dialer, w.as(agency()));
    REQUIRE(c.has_value());
    const auto r = transport::call_unary(*w.dialer, **c, "/t.T/Echo", message("hello"), patience);
    CHECK(r.end.grpc_status == 0);
    REQUIRE(r.messages.size() == 1);
    CHECK(text_of(r.messages[0]) == "hello");

    const auto who = w.service.seen.copy().peers.at(0);
    CHECK(who.certificate_sha256 == agency().sha256_hex);
    CHECK(who.uris == std::vector<std::string>{agency().uri});
    CHECK(has(who.address, "127.0.0.1:"));
    CHECK(w.server->counters().open == 1);
}

TEST_CASE("every URI name of a certificate is handed on", "[transport]") {
    world w;
    const auto c = transport::connect(*w.dialer, w.as(certificates().bad(flaw::two_uris)));
    REQUIRE(c.has_value());
    CHECK(
        transport::call_unary(*w.dialer, **c, "/t.T/Echo", message(""), patience).end.grpc_status ==
        0
    );
    CHECK(w.service.seen.copy().peers.at(0).uris.size() == 2);
}

TEST_CASE("a client without a certificate is refused and told so", "[transport]") {
    world w;
    auto options = w.as(agency());
    options.tls.certificate_pem.clear();
    options.tls.key_pem.clear();
    const auto f = refused(w, options);
    CHECK(f.code == errc::tls_failed);
    CHECK(f.where == "refused by the broker: wants a certificate and got none");
    CHECK(w.logged("handshake_failed", "no client certificate"));
    CHECK(w.server->counters().handshakes_failed == 1);
}

TEST_CASE("certificates that fail the chain are refused in words at both ends", "[transport]") {
    struct expectation {
        flaw what;
        const char* client_reads;
        const char* log_reads;
    };
    const auto e = GENERATE(
        expectation{flaw::expired, "has expired", "has expired"},
        expectation{flaw::not_yet_valid, "certificate is bad", "not valid yet"},
        expectation{flaw::wrong_authority, "authority it does not know", "another authority"},
        expectation{flaw::same_named_authority, "certificate", "client's certificate"},
        expectation{flaw::server_as_client, "not for this use", "not for this use"},
        expectation{flaw::revoked, "was revoked", "was revoked"}
    );
    world w;
    const auto f = refused(w, w.as(certificates().bad(e.what)));
    INFO(f.where << " / " << f.detail);
    CHECK(f.code == errc::tls_failed);
    CHECK(has(f.where, "refused by the broker"));
    CHECK(has(f.where, e.client_reads));
    CHECK(w.logged("handshake_failed", e.log_reads));
    CHECK(w.service.seen.copy().peers.empty());
}

TEST_CASE("TLS 1.2 is refused unless allowed", "[transport]") {
    raw_options raw;
    raw.identity = &agency();
    raw.tls12_only = true;
    {
        world w;
        raw.port = w.server->port();
        CHECK_FALSE(raw_client(raw).shook());
        CHECK(w.logged("handshake_failed", ""));
    }
    transport::server_options options;
    options.tls.allow_tls12 = true;
    world w(options);
    raw.port = w.server->port();
    raw_client c(raw);
    REQUIRE(c.shook());
    REQUIRE(c.send("GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    CHECK(has(c.read_all(), "hello " + agency().uri));
    CHECK(w.logged("tls12_allowed", ""));
}

TEST_CASE("TLS 1.2, where allowed, is ECDHE with an AEAD and nothing else", "[transport]") {
    transport::server_options options;
    options.tls.allow_tls12 = true;
    world w(options);
    auto raw = w.by_hand(agency());
    raw.tls12_only = true;
    raw.suites12 = "ECDHE-ECDSA-AES256-GCM-SHA384";
    CHECK(raw_client(raw).shook());
    // CBC, and with a MAC of SHA-1.
    raw.suites12 = GENERATE(
        "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0",
        "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0",
        "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"
    );
    CHECK_FALSE(raw_client(raw).shook());
    CHECK(w.logged("handshake_failed", "no shared cipher"));
}

TEST_CASE("no session can be resumed: every connection shows its certificate", "[transport]") {
    transport::server_options options;
    options.tls.allow_tls12 = true;
    world w(options);
    auto raw = w.by_hand(agency());
    raw.tls12_only = GENERATE(false, true);
    raw_client first(raw);
    REQUIRE(first.shook());
    // A ticket of TLS 1.3 would come with what is read now.
    REQUIRE(first.send("GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    CHECK(has(first.read_all(), "hello " + agency().uri));
    CHECK_FALSE(first.resumable());
    raw.resume = &first;
    raw_client second(raw);
    REQUIRE(second.shook());
    CHECK_FALSE(second.resumed());
    REQUIRE(second.send("GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    CHECK(has(second.read_all(), "hello " + agency().uri));
}

TEST_CASE("a client that speaks neither protocol of ours is refused", "[transport]") {
    world w;
    const auto raw = w.by_hand(agency(), std::string("\x04spdy"));
    CHECK_FALSE(raw_client(raw).shook());
    CHECK(w.logged("handshake_failed", ""));
}

TEST_CASE("h2 is preferred where a client offers both", "[transport]") {
    world w;
    const auto raw = w.by_hand(agency(), std::string("\x08http/1.1\x02h2"));
    raw_client c(raw);
    REQUIRE(c.shook());
    CHECK(c.protocol() == "h2");
}

TEST_CASE("a handshake that takes too long is ended", "[transport]") {
    transport::server_options options;
    options.times.handshake = std::chrono::milliseconds(50);
    world w(options);
    raw_options raw;
    raw.port = w.server->port();
    raw.plain = true;
    raw_client c(raw);
    REQUIRE(c.send("\x16\x03\x01"));
    c.read_all();
    CHECK(c.ended());
    CHECK(w.logged("handshake_failed", "took too long"));
}

TEST_CASE("slow handshakes hold up newcomers and do not grow without bound", "[transport]") {
    transport::server_options options;
    options.times.handshake = std::chrono::milliseconds(100);
    options.max_handshakes = 2;
    world w(options);
    raw_options slow;
    slow.port = w.server->port();
    slow.plain = true;
    const raw_client a(slow);
    const raw_client b(slow);
    const auto c = transport::connect(*w.dialer, w.as(agency()));
    CHECK(c.has_value()); // after the slow ones were ended
    CHECK(w.server->counters().handshakes_failed >= 1);
}

TEST_CASE("a client says why it could not reach the broker", "[transport]") {
    world w;
    auto options = w.as(agency());
    SECTION("closed port") {
        silent_port port;
        options.port = port.port();
        port.close();
        const auto f = refused(w, options);
        CHECK(f.code == errc::connect_failed);
        CHECK(has(f.where, "nothing listens there"));
    }
    SECTION("unknown name") {
        options.host = "broker.invalid";
        const auto f = refused(w, options);
        CHECK(f.code == errc::connect_failed);
        CHECK(has(f.where, "broker.invalid"));
        CHECK(has(f.where, "name is not known"));
    }
    SECTION("a port that never answers") {
        const silent_port port;
        options.port = port.port();
        options.timeout = std::chrono::milliseconds(50);
        const auto f = refused(w, options);
        CHECK(has(f.where, "took too long"));
    }
    SECTION("the certificate carries another name") {
        options.expect_name = "elsewhere.example";
        const auto f = refused(w, options);
        CHECK(f.code == errc::tls_failed);
        CHECK(f.where == "the server's certificate does not carry the name elsewhere.example");
    }
    SECTION("the certificate carries another address") {
        options.expect_name = "127.0.0.9";
        CHECK(has(refused(w, options).where, "does not carry the name 127.0.0.9"));
    }
    SECTION("the name is right though the address is not named") {
        options.expect_name = "localhost";
        CHECK(transport::connect(*w.dialer, options).has_value());
    }
    SECTION("the broker is of another authority") {
        static auto strangers =
            certificate_set("elsewhere", system_clock().wall_now(), system_random());
        options.tls.authority_pem = strangers.authority().certificate_pem();
        const auto f = refused(w, options);
        CHECK(f.code == errc::tls_failed);
        CHECK(has(f.where, "another authority (issuer: "));
        CHECK(has(f.where, "riverbank"));
    }
}

TEST_CASE("a client says that the broker's certificate has expired", "[transport]") {
    transport::server_options options;
    certificate_set old(
        "riverbank", system_clock().wall_now() - std::chrono::hours(24 * 600), system_random()
    );
    options.tls = files_of(certificates().server());
    options.tls.certificate_pem = old.server().certificate_pem;
    options.tls.key_pem = old.server().key_pem;
    world w(options);
    auto dial = w.as(agency());
    dial.tls.authority_pem = old.authority().certificate_pem();
    CHECK(refused(w, dial).where == "the server's certificate has expired");
}

TEST_CASE("files that cannot be used are named", "[transport]") {
    services s;
    transport::server_options options;
    options.tls = files_of(certificates().server());
    std::string part;
    SECTION("certificate") {
        options.tls.certificate_pem = "nothing";
        part = "certificate:";
    }
    SECTION("certificate cut in half") {
        options.tls.certificate_pem.resize(options.tls.certificate_pem.size() / 2);
        part = "certificate:";
    }
    SECTION("key") {
        options.tls.key_pem = "nothing";
        part = "key:";
    }
    SECTION("key of another certificate") {
        options.tls.key_pem = agency().key_pem;
        part = "key: does not belong";
    }
    SECTION("authority") {
        options.tls.authority_pem = "";
        part = "authority:";
    }
    SECTION("authority that is none") {
        options.tls.authority_pem = agency().certificate_pem;
        part = "authority: not an authority";
    }
    SECTION("revocation list") {
        options.tls.crl_pem = "nothing";
        part = "revocation list:";
    }
    SECTION("revocation list of another authority") {
        certificate_set strangers("elsewhere", system_clock().wall_now(), system_random());
        options.tls.crl_pem = strangers.crl_pem();
        part = "revocation list: not signed";
    }
    const auto server = transport::make_server(s.routes, s.health, options, [](auto, auto) {});
    const auto started = server->start();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().code == errc::config_bad_value);
    INFO(started.error().where);
    CHECK(started.error().where.rfind(part, 0) == 0);
}
