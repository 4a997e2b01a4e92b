// The service manager's socket, played by the test.
#include "transport/supervisor.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace cairn::transport {
namespace {

using namespace std::chrono_literals;

// Listens by a name without a file; what was sent is there when send() returns.
class manager {
public:
    manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        // Length of the family alone: the kernel chooses the name.
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at.sun_family) == 0);
        socklen_t length = sizeof at;
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &length) == 0);
        name_ = "@" + std::string(&at.sun_path[1], length - offsetof(sockaddr_un, sun_path) - 1);
    }
    ~manager() { ::close(socket_); }
    manager(const manager&) = delete;
    manager& operator=(const manager&) = delete;

    [[nodiscard]] std::string name() const { return name_; }
    // The next datagram; empty where there is none.
    [[nodiscard]] std::string heard() const {
        std::array<char, 512> text{};
        const auto n = ::recv(socket_, text.data(), text.size(), 0);
        return n < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(n));
    }

private:
    int socket_;
    std::string name_;
};

constexpr std::int64_t own_pid = 4711;
const mono_time start{1000s};
const auto works = [] { return true; };
const auto stuck = [] { return false; };

} // namespace

TEST_CASE("each state is one datagram in the words of sd_notify") {
    const manager m;
    supervisor s({m.name(), {}, {}}, own_pid);
    s.ready("calls on port 7443");
    CHECK(m.heard() == "READY=1\nSTATUS=calls on port 7443");
    s.reloading(start);
    CHECK(m.heard() == "RELOADING=1\nMONOTONIC_USEC=1000000000");
    s.stopping();
    CHECK(m.heard() == "STOPPING=1");
    CHECK(m.heard().empty());
}

TEST_CASE("alive is said each quarter of the time given, and not while the work stands still") {
    const manager m;
    supervisor s({m.name(), "8000000", {}}, own_pid);
    s.tick(start, works);
    CHECK(m.heard() == "WATCHDOG=1");
    s.tick(start + 1999ms, works);
    CHECK(m.heard().empty());
    s.tick(start + 2s, stuck);
    s.tick(start + 3s, stuck);
    CHECK(m.heard().empty());
    s.tick(start + 4s, works);
    CHECK(m.heard() == "WATCHDOG=1");
    s.tick(start + 5s, works);
    CHECK(m.heard().empty());
}

TEST_CASE("nobody is told where nobody watches, or another process is watched") {
    const manager m;
    const auto [usec, pid] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"0", ""},
        {"-5", ""},
        {"soon", ""},
        {"8000000", "4712"},
    }));
    supervisor s({m.name(), usec, pid}, own_pid);
    s.tick(start, works);
    CHECK(m.heard().empty());
    s.stopping();
    CHECK(m.heard() == "STOPPING=1");
}

TEST_CASE("the watched process may be named") {
    const manager m;
    supervisor s({m.name(), "8000000", "4711"}, own_pid);
    s.tick(start, works);
    CHECK(m.heard() == "WATCHDOG=1");
}

TEST_CASE("no service manager, a wrong name or one that went away stops nobody") {
    const std::string gone = manager().name();
    for (const std::string& name :
         {std::string(), std::string("@"), std::string("relative"), std::string(200, '/'), gone}) {
        INFO(name);
        supervisor s({name, "8000000", {}}, own_pid);
        bool asked = false;
        s.ready("x");
        s.tick(start, [&asked] { return asked = true; });
        CHECK_FALSE(asked);
    }
    auto m = std::make_unique<manager>();
    supervisor s({m->name(), "8000000", {}}, own_pid);
    m.reset();
    s.ready("x");
    s.tick(start, works);
    s.stopping();
}

TEST_CASE("a moved supervisor speaks once") {
    const manager m;
    supervisor s;
    s.stopping();
    s = supervisor({m.name(), "8000000", {}}, own_pid);
    s.tick(start, works);
    CHECK(m.heard() == "WATCHDOG=1");
    CHECK(m.heard().empty());
}

} // namespace cairn::transport
