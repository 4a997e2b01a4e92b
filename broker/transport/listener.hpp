// Accepts connections on one address. Thread: that of its io_context, once started.
#pragma once

#include "core/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace cairn::transport {

class listener {
public:
    using tcp = boost::asio::ip::tcp;

    // errc::config_bad_value: not an address, taken, or not loopback where only that will do.
    static result<std::unique_ptr<listener>> open(
        boost::asio::io_context& io, const std::string& address, std::uint16_t port, bool loopback
    );

    // `target` names the io_context the next socket shall belong to.
    void on_socket(
        std::function<boost::asio::io_context&()> target, std::function<void(tcp::socket)> take
    );
    // While true nothing is accepted: newcomers wait in the kernel's queue.
    void hold_while(std::function<bool()> full) { full_ = std::move(full); }
    // Any thread, after on_socket().
    void start();
    void stop();
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    listener(boost::asio::io_context& io, tcp::acceptor acceptor);
    void next();
    void pause();

    tcp::acceptor acceptor_;
    boost::asio::steady_timer timer_;
    std::function<boost::asio::io_context&()> target_;
    std::function<void(tcp::socket)> take_;
    std::function<bool()> full_;
    std::uint16_t port_ = 0;
};

} // namespace cairn::transport
