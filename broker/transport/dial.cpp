#include "transport/dial.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace cairn::transport {

namespace asio = boost::asio;
using boost::system::error_code;

struct reach::state : std::enable_shared_from_this<reach::state> {
    state(asio::io_context& io, proxy_options p, std::function<void(result<tcp::socket>)> d)
        : resolver(io), socket(io), timer(io), proxy(std::move(p)), done(std::move(d)),
          answer(!proxy.credentials.empty()) {}

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer timer;
    proxy_options proxy;
    // What an error is about: the broker, or the proxy before it.
    std::string place;
    std::function<void(result<tcp::socket>)> done;
    proxy_answer answer;
    bytes request;
    std::array<char, 4096> buffer{};

    void begin(const std::string& host, std::uint16_t port, mono_time give_up_at) {
        timer.expires_at(give_up_at);
        timer.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->give_up("no answer in time");
        });
        if (!proxy.used()) {
            place = host + ":" + std::to_string(port);
            return look_up(host, port);
        }
        place = "proxy " + proxy.place();
        auto made = connect_request(proxy, host, port);
        if (!made) {
            return asio::post(socket.get_executor(), [self = shared_from_this(), f = made.error()] {
                self->finish(f);
            });
        }
        request = std::move(*made);
        look_up(proxy.host, proxy.port);
    }

    void look_up(const std::string& host, std::uint16_t port) {
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
                if (self->proxy.used()) return self->ask_proxy();
                self->finish(std::move(self->socket));
            }
        );
    }

    void ask_proxy() {
        asio::async_write(
            socket,
            asio::buffer(request),
            [self = shared_from_this()](error_code ec, std::size_t) {
                if (!self->done) return;
                if (ec) return self->give_up("it closed the connection", ec);
                self->hear_proxy();
            }
        );
    }

    void hear_proxy() {
        socket.async_read_some(
            asio::buffer(buffer),
            [self = shared_from_this()](error_code ec, std::size_t n) {
                if (!self->done) return;
                if (ec) return self->give_up("it closed the connection without an answer", ec);
                const auto open = self->answer.feed({self->buffer.data(), n});
                if (!open) return self->give_up(open.error().where);
                if (!*open) return self->hear_proxy();
                self->finish(std::move(self->socket));
            }
        );
    }

    void give_up(const std::string& why, error_code ec = {}) {
        const auto code = proxy.used() ? errc::proxy_failed : errc::connect_failed;
        finish(fail(code, place + ": " + why, ec ? ec.message() : std::string()));
    }

    void finish(result<tcp::socket> outcome) {
        if (!done) return;
        const auto tell = std::exchange(done, nullptr);
        cancel();
        tell(std::move(outcome));
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
    const proxy_options& proxy,
    mono_time give_up_at,
    std::function<void(result<tcp::socket>)> done
)
    : state_(std::make_shared<state>(io, proxy, std::move(done))) {
    state_->begin(host, port, give_up_at);
}

reach::~reach() {
    state_->cancel();
}

} // namespace cairn::transport
