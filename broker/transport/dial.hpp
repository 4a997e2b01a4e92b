// From a host name to a connected socket, within a time, through a proxy where there is one.
// Thread: that of the io_context.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "transport/proxy.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>

namespace cairn::transport {

// One attempt; destroying it gives up without a word.
class reach {
public:
    using tcp = boost::asio::ip::tcp;

    // `done` is called once, never from inside the constructor. errc::connect_failed, and
    // proxy_failed where the proxy is to blame, with what went wrong in `where`.
    reach(
        boost::asio::io_context& io,
        const std::string& host,
        std::uint16_t port,
        const proxy_options& proxy,
        mono_time give_up_at,
        std::function<void(result<tcp::socket>)> done
    );
    ~reach();
    reach(const reach&) = delete;
    reach& operator=(const reach&) = delete;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace cairn::transport
