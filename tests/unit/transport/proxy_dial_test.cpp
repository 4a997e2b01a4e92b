// The dialer through a proxy of the test's own, over real sockets.
#include "world.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <optional>
#include <thread>

using namespace cairn;
using namespace cairn::test;

namespace {

sockaddr* as_address(sockaddr_in& a) {
    return static_cast<sockaddr*>(static_cast<void*>(&a));
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(port);
    return a;
}

// Takes one connection: says `answer`, then, where `to` is set, hands bytes on until `most` of the
// broker's have passed.
struct proxy {
    std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
    std::optional<std::uint16_t> to;
    std::size_t most = SIZE_MAX;

    proxy() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        auto a = loopback(0);
        socklen_t size = sizeof a;
        REQUIRE(::bind(listening_, as_address(a), size) == 0);
        REQUIRE(::getsockname(listening_, as_address(a), &size) == 0);
        REQUIRE(::listen(listening_, 4) == 0);
        port_ = ntohs(a.sin_port);
    }
    ~proxy() {
        ::shutdown(listening_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        ::close(listening_);
    }
    void run() {
        thread_ = std::thread([this] { serve(); });
    }
    [[nodiscard]] transport::proxy_options options() const { return {"127.0.0.1", port_, {}}; }
    [[nodiscard]] std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
    watched<std::string> request;

private:
    void serve() {
        const int near = ::accept(listening_, nullptr, nullptr);
        if (near < 0) return;
        std::string head;
        char c = 0;
        while (head.find("\r\n\r\n") == head.npos && ::recv(near, &c, 1, 0) == 1) head += c;
        request.change([&](auto& r) { r = head; });
        (void) !::send(near, answer.data(), answer.size(), MSG_NOSIGNAL);
        if (to) pass(near);
        ::close(near);
    }
    void pass(int near) {
        const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto a = loopback(*to);
        if (::connect(far, as_address(a), sizeof a) == 0) {
            std::array<pollfd, 2> both{pollfd{near, POLLIN, 0}, pollfd{far, POLLIN, 0}};
            while (::poll(both.data(), both.size(), -1) > 0) {
                if (both[0].revents != 0 && !move(near, far, SIZE_MAX)) break;
                if (both[1].revents != 0 && !move(far, near, most - passed_)) break;
            }
        }
        ::close(far);
    }
    bool move(int from, int into, std::size_t room) {
        std::array<char, 4096> buffer{};
        const auto n = ::recv(from, buffer.data(), std::min(buffer.size(), room), 0);
        if (n <= 0) return false;
        if (room != SIZE_MAX) passed_ += static_cast<std::size_t>(n);
        return ::send(into, buffer.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL) == n &&
               static_cast<std::size_t>(n) < room;
    }

    int listening_;
    std::uint16_t port_ = 0;
    std::size_t passed_ = 0;
    std::thread thread_;
};

failure refused(world& w, proxy& p) {
    auto options = w.as(agency());
    options.proxy = p.options();
    p.run();
    const auto c = transport::connect(*w.dialer, options);
    REQUIRE_FALSE(c.has_value());
    CHECK(c.error().where.find(p.place()) != std::string::npos);
    return c.error();
}

} // namespace

TEST_CASE("through a proxy the broker still sees our certificate, and we its name", "[transport]") {
    world w;
    proxy p;
    p.to = w.server->port();
    auto options = w.as(agency());
    options.proxy = p.options();
    // Nobody here knows this name: the proxy looks it up.
    options.host = "broker.invalid";
    options.expect_name = "127.0.0.1";
    p.run();
    {
        const auto c = transport::connect(*w.dialer, options);
        REQUIRE(c.has_value());
        const auto r =
            transport::call_unary(*w.dialer, **c, "/t.T/Echo", message("hello"), patience);
        REQUIRE(r.messages.size() == 1);
        CHECK(text_of(r.messages[0]) == "hello");
        CHECK(w.service.seen.copy().peers.at(0).certificate_sha256 == agency().sha256_hex);
        w.dialer->post([c = *c] { c->close(); });
    }
    CHECK(p.request.copy().rfind("CONNECT broker.invalid:", 0) == 0);
}

TEST_CASE("through a proxy a wrong name is refused as without", "[transport]") {
    world w;
    proxy p;
    p.to = w.server->port();
    auto options = w.as(agency());
    options.proxy = p.options();
    options.expect_name = "another.example";
    p.run();
    const auto c = transport::connect(*w.dialer, options);
    REQUIRE_FALSE(c.has_value());
    CHECK(c.error().code == errc::tls_failed);
    CHECK(c.error().where.find("through the proxy " + p.place()) != std::string::npos);
}

TEST_CASE("a proxy that refuses, answers garbage or is not there is named", "[transport]") {
    world w;
    for (const auto& [answer, words] : std::vector<std::pair<std::string, std::string>>{
             {"HTTP/1.1 403 Forbidden\r\n\r\n", "does not allow CONNECT"},
             {"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n", "set proxy_auth_file"},
             {"220 smtp.example\r\n", "not HTTP"},
             {"", "without an answer"}}) {
        proxy p;
        p.answer = answer;
        const auto f = refused(w, p);
        INFO(f.where);
        CHECK(f.code == errc::proxy_failed);
        CHECK(f.where.find(words) != std::string::npos);
    }
    std::uint16_t closed = 0;
    {
        const proxy gone;
        closed = gone.options().port;
    }
    auto options = w.as(agency());
    options.proxy = {"127.0.0.1", closed, {}};
    const auto c = transport::connect(*w.dialer, options);
    REQUIRE_FALSE(c.has_value());
    CHECK(c.error().code == errc::proxy_failed);
    CHECK(c.error().where.find("nothing listens there") != std::string::npos);
}

TEST_CASE("a proxy that cuts within the handshake is named", "[transport]") {
    world w;
    for (const std::size_t most : {1U, 100U, 700U}) {
        proxy p;
        p.to = w.server->port();
        p.most = most;
        const auto f = refused(w, p);
        INFO(most << ": " << f.where);
        CHECK(f.code == errc::tls_failed);
    }
}
