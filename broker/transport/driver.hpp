// Moves bytes between one socket and one protocol engine; the only place with async_* calls on a
// connected socket.
//
// One reader and one writer, both on the connection's thread, whose io_context runs on one thread:
// no strand, no lock. Everything an engine produces in one turn leaves in one write of up to
// 64 KiB; answers that handlers give later are collected until the work already queued on the
// thread has run.
//
// Lives as long as an operation of it is pending; the owner's list keeps it findable. An exception
// out of an engine or handler ends this connection and no other.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/limits.hpp"
#include "session/connection.hpp"
#include "transport/tls_channel.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace cairn::transport {

struct driver_times {
    duration handshake = limits::handshake;
    duration write_stall = limits::write_stall;
    duration drain = limits::drain;
    // After close_notify: how long the peer may take to close its side.
    duration linger = std::chrono::seconds(2);
};

// All called on the connection's thread.
struct driver_hooks {
    // After the handshake (at once without TLS). Null ends the connection.
    std::function<std::unique_ptr<session::server_connection>(const tls_channel*, mono_time)> open;
    // Last event, once. errc::cancelled: ended as asked or by the peer's orderly close.
    std::function<void(const failure& why)> ended;
};

class driver : public std::enable_shared_from_this<driver> {
public:
    using tcp = boost::asio::ip::tcp;

    // `tls` null: plain bytes.
    driver(
        tcp::socket socket, std::unique_ptr<tls_channel> tls, driver_times times, driver_hooks hooks
    );

    // Everything below: on the connection's thread.
    void start();
    // Looks at the engine's output once the work now queued on this thread has run.
    void wake();
    // The engine ends its calls, then the connection closes; a cap ends it anyhow.
    void drain();
    // Sends what is ready, then close_notify; does not wait for calls. From inside callbacks too.
    void close();
    // At once, nothing more is sent.
    void kill(failure why);
    // As tls_channel::passes(); a plain connection passes.
    [[nodiscard]] bool passes(ssl_ctx_st* context) const {
        return tls_ == nullptr || phase_ == phase::handshaking || tls_->passes(context);
    }
    [[nodiscard]] bool is_open() const { return phase_ == phase::open; }

private:
    enum class phase : std::uint8_t { handshaking, open, closing, lingering, ended };

    template <class F>
    void guarded(F&& f);
    void wait_readable();
    void on_readable();
    void take(bytes_view in, mono_time now);
    void advance_handshake(mono_time now);
    void open(mono_time now);
    void take_plaintext(mono_time now);
    void peer_closed(failure why, mono_time now);
    void settle(mono_time now);
    void collect_output(mono_time now);
    [[nodiscard]] bool encrypt(bytes_view plain);
    void flush(mono_time now);
    void write_some();
    void on_written(std::size_t n, mono_time now);
    void begin_close(failure why, mono_time now);
    void close_now(mono_time now);
    void half_close();
    void arm();
    void on_timer();
    void finish();

    tcp::socket socket_;
    boost::asio::steady_timer timer_;
    std::unique_ptr<tls_channel> tls_;
    driver_times times_;
    driver_hooks hooks_;
    std::unique_ptr<session::server_connection> engine_;
    failure why_;
    bytes out_;
    std::size_t written_ = 0;
    std::optional<mono_time> phase_deadline_;
    mono_time stall_deadline_{};
    mono_time armed_at_{};
    phase phase_ = phase::handshaking;
    bool armed_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool woken_ = false;
    bool peer_closed_ = false;
    bool engine_closed_ = false;
};

} // namespace cairn::transport
