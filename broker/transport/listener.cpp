#include "transport/listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

namespace cairn::transport {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Between two looks when full, or when the process has no descriptor left.
constexpr auto look_again = std::chrono::milliseconds(20);

} // namespace

result<std::unique_ptr<listener>> listener::open(
    asio::io_context& io, const std::string& address, std::uint16_t port, bool loopback
) {
    const std::string place = "listen " + address + ":" + std::to_string(port);
    error_code ec;
    const auto ip = asio::ip::make_address(address, ec);
    if (ec) return fail(errc::config_bad_value, place, "not an address");
    if (loopback && !ip.is_loopback()) {
        return fail(errc::config_bad_value, place, "without certificates only loopback will do");
    }
    const tcp::endpoint end(ip, port);
    tcp::acceptor acceptor(io);
    acceptor.open(end.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(end, ec);
    if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
    if (ec) return fail(errc::config_bad_value, place, ec.message());
    return std::unique_ptr<listener>(new listener(io, std::move(acceptor)));
}

listener::listener(asio::io_context& io, tcp::acceptor acceptor)
    : acceptor_(std::move(acceptor)), timer_(io), port_(acceptor_.local_endpoint().port()) {}

void listener::on_socket(
    std::function<asio::io_context&()> target, std::function<void(tcp::socket)> take
) {
    target_ = std::move(target);
    take_ = std::move(take);
}

void listener::start() {
    asio::post(acceptor_.get_executor(), [this] { next(); });
}

void listener::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
}

void listener::next() {
    if (!acceptor_.is_open()) return;
    if (full_ && full_()) return pause();
    acceptor_.async_accept(target_(), [this](error_code ec, tcp::socket socket) {
        if (!acceptor_.is_open()) return;
        if (ec) return pause();
        take_(std::move(socket));
        next();
    });
}

void listener::pause() {
    timer_.expires_after(look_again);
    timer_.async_wait([this](error_code ec) {
        if (!ec) next();
    });
}

} // namespace cairn::transport
