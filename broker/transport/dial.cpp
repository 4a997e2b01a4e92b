#include "transport/dial.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>

namespace cairn::transport {

namespace asio = boost::asio;
using boost::system::error_code;

struct reach::state : std::enable_shared_from_this<reach::state> {
    state(asio::io_context& io, std::string p, std::function<void(result<tcp::socket>)> d)
        : resolver(io), socket(io), timer(io), place(std::move(p)), done(std::move(d)) {}

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer timer;
    std::string place;
    std::function<void(result<tcp::socket>)> done;

    void begin(const std::string& host, std::uint16_t port, mono_time give_up_at) {
        timer.expires_at(give_up_at);
        timer.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->give_up("no answer in time");
        });
        resolver.async_resolve(
            host,
            std::to_string(port),
            tcp::resolver::numeric_service,
            [self = shared_from_this()](error_code ec, const tcp::resolver::results_type& found) {
                if (!self->done) return;
                if (ec) return self->give_up("the name is not known", ec);
                self->connect(found);
            }
        );
    }

    void connect(const tcp::resolver::results_type& found) {
        asio::async_connect(
            socket,
            found,
            [self = shared_from_this()](error_code ec, const tcp::endpoint&) {
                if (!self->done) return;
                if (ec == asio::error::connection_refused) {
                    return self->give_up("nothing listens there", ec);
                }
                if (ec) return self->give_up("no connection", ec);
                self->timer.cancel();
                const auto tell = std::exchange(self->done, nullptr);
                tell(std::move(self->socket));
            }
        );
    }

    void give_up(const char* why, error_code ec = {}) {
        if (!done) return;
        const auto tell = std::exchange(done, nullptr);
        cancel();
        tell(fail(errc::connect_failed, place + ": " + why, ec ? ec.message() : std::string()));
    }

    void cancel() {
        done = nullptr;
        error_code ignored;
        resolver.cancel();
        timer.cancel();
        socket.close(ignored);
    }
};

reach::reach(
    asio::io_context& io,
    const std::string& host,
    std::uint16_t port,
    mono_time give_up_at,
    std::function<void(result<tcp::socket>)> done
)
    : state_(std::make_shared<state>(io, host + ":" + std::to_string(port), std::move(done))) {
    state_->begin(host, port, give_up_at);
}

reach::~reach() {
    state_->cancel();
}

} // namespace cairn::transport
