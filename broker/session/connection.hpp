// The server's protocol engine: bytes in, calls and bytes out. No socket, no clock, no thread.
//
// Owner: the transport's driver, one a connection, on that connection's thread. Everything the
// engine wants of time is in next_deadline(); everything it wants of the network in output().
#pragma once

#include "core/clock.hpp"
#include "session/call.hpp"

#include <memory>

namespace cairn::session {

struct server_settings {
    std::uint32_t max_streams = 0; // 0: limits::streams
    // Connection ends kindly after this; zero: limits::connection_age.
    duration max_age{};
    // Between the announcement of the end and the end of the remaining calls; zero: limits::drain.
    duration drain{};
};

// Counters an engine adds to; the owner reads them on the same thread.
struct session_counters {
    std::uint64_t calls = 0;
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t refused_streams = 0;
    std::uint64_t protocol_errors = 0;
};

class server_connection {
public:
    virtual ~server_connection() = default;
    // Bytes read from the peer. Handlers run from inside, never from inside nghttp2.
    virtual void receive(bytes_view in, mono_time now) = 0;
    // The peer closed its side, or the socket failed.
    virtual void closed() = 0;
    // Bytes to write next, at most about 64 KiB at a time; empty: nothing now. The view lives until
    // the next output(), sent() or closed(), whatever else is called; sent(n) drops the first n.
    virtual bytes_view output() = 0;
    virtual void sent(std::size_t n, mono_time now) = 0;
    // True: the driver still holds bytes told as sent, because the socket takes no more; false: all
    // left. An engine that can make much output reads no more requests meanwhile.
    virtual void output_waits(bool /*waits*/) {}
    // False while too much output is queued: the driver stops reading.
    [[nodiscard]] virtual bool wants_read() const = 0;
    // True when nothing will come any more and the output is empty: close the socket.
    [[nodiscard]] virtual bool finished() const = 0;
    [[nodiscard]] virtual std::optional<mono_time> next_deadline() const = 0;
    virtual void tick(mono_time now) = 0;
    // Graceful: announces, lets calls end until the time to drain passed, then ends them with
    // errc::shutting_down.
    virtual void shut_down(mono_time now) = 0;
    // Called (on this thread) when output appears outside receive, sent and tick, because a handler
    // answered later. At most once until output() is next called.
    virtual void on_output(std::function<void()> wake) = 0;
    [[nodiscard]] virtual const session_counters& counters() const = 0;
};

// HTTP/2 on a connection whose ALPN said "h2". `routes` outlives the connection.
std::unique_ptr<server_connection>
make_http2_server(const router& routes, peer who, server_settings settings, mono_time now);

} // namespace cairn::session
