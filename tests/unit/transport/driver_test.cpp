// The driver between a real socket and an engine that only counts. One thread, the test's own.
#include "transport/driver.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>

using namespace cairn;
using boost::asio::ip::tcp;

namespace {

constexpr std::size_t step_bytes = 64 * 1024;

struct tally {
    std::string to_send;
    std::size_t at = 0;
    std::vector<std::size_t> got; // of each receive
    std::vector<bool> waits;
    std::function<void()> on_receive = [] {};
};

class counting final : public session::server_connection {
public:
    explicit counting(tally& t) : t_(t) {}
    void receive(bytes_view in, mono_time) override {
        t_.got.push_back(in.size());
        t_.on_receive();
    }
    void closed() override {}
    bytes_view output() override { return bytes_view(t_.to_send).substr(t_.at, step_bytes); }
    void sent(std::size_t n, mono_time) override { t_.at += n; }
    void output_waits(bool waits) override { t_.waits.push_back(waits); }
    [[nodiscard]] bool wants_read() const override { return true; }
    [[nodiscard]] bool finished() const override { return false; }
    [[nodiscard]] std::optional<mono_time> next_deadline() const override { return std::nullopt; }
    void tick(mono_time) override {}
    void shut_down(mono_time) override {}
    void on_output(std::function<void()>) override {}
    [[nodiscard]] const session::session_counters& counters() const override { return none_; }

private:
    tally& t_;
    session::session_counters none_;
};

// A driver and the peer at the other end of its socket.
struct line {
    tcp::socket peer;
    std::shared_ptr<transport::driver> driver;

    line(boost::asio::io_context& io, tally& t) : peer(io) {
        tcp::acceptor door(io, {boost::asio::ip::address_v4::loopback(), 0});
        peer.connect(door.local_endpoint());
        transport::driver_hooks hooks;
        hooks.open = [&t](auto*, auto) { return std::make_unique<counting>(t); };
        driver = std::make_shared<transport::driver>(
            door.accept(), nullptr, transport::driver_times{}, std::move(hooks)
        );
        peer.non_blocking(true);
    }
    ~line() { driver->kill(fail(errc::cancelled)); }
    line(const line&) = delete;
    line& operator=(const line&) = delete;

    // As much of `n` bytes as the socket takes.
    std::size_t write(std::size_t n) {
        boost::system::error_code ec;
        const std::string part(step_bytes, 'x');
        std::size_t done = 0;
        while (done < n && !ec) {
            done += peer.write_some(
                boost::asio::buffer(part.data(), std::min(part.size(), n - done)), ec
            );
        }
        return done;
    }
    std::size_t read() {
        boost::system::error_code ec;
        std::array<char, step_bytes> into{};
        return peer.read_some(boost::asio::buffer(into), ec);
    }
};

} // namespace

TEST_CASE("an engine is told while its output waits for the socket", "[transport]") {
    boost::asio::io_context io(1);
    tally t;
    t.to_send.resize(32'000'000, 'o'); // more than the kernel takes
    line l(io, t);
    l.driver->start();
    io.poll();
    REQUIRE(t.at < t.to_send.size());
    REQUIRE_FALSE(t.waits.empty());
    CHECK(t.waits.back());
    std::size_t got = 0;
    for (int turns = 0; got < t.to_send.size() && turns < 1'000'000; ++turns) {
        got += l.read();
        io.poll();
    }
    CHECK(got == t.to_send.size());
    CHECK_FALSE(t.waits.back());
}

TEST_CASE("a busy connection hands over 64 KiB, then the others have their turn", "[transport]") {
    boost::asio::io_context io(1);
    tally busy;
    tally other;
    std::vector<char> order;
    busy.on_receive = [&] { order.push_back('b'); };
    other.on_receive = [&] { order.push_back('o'); };
    line a(io, busy);
    line b(io, other);
    a.driver->start();
    b.driver->start();
    REQUIRE(a.write(400'000) > 4 * step_bytes);
    REQUIRE(b.write(10) == 10);
    io.poll();
    CHECK(*std::max_element(busy.got.begin(), busy.got.end()) <= step_bytes);
    CHECK(busy.got.size() >= 4);
    // Before the busy one's third turn at the latest.
    const auto turn = std::find(order.begin(), order.end(), 'o') - order.begin();
    CHECK(turn <= 2);
}
