// The same engine in client mode: gRPC over HTTP/2, for agents and the command line.
#pragma once

#include "core/clock.hpp"
#include "session/call.hpp"

#include <memory>

namespace cairn::session {

// How a call ended, as the client saw it.
struct call_end {
    // gRPC status number; 0 is success.
    int grpc_status = 0;
    // Percent-decoded message.
    std::string message;
    // From the catalogue where the broker sent its number; internal otherwise.
    std::uint32_t number = 0;
    bool retryable = false;
    std::uint32_t retry_after_ms = 0;
};

// What the caller of one call gets to know. On the connection's thread.
class call_observer {
public:
    virtual ~call_observer() = default;
    virtual void on_message(bytes_view message) = 0;
    // Last event.
    virtual void on_end(const call_end& how) = 0;
    // pending() fell below half the limit.
    virtual void on_writable() {}
};

// A started call; dies with on_end.
class client_call {
public:
    virtual ~client_call() = default;
    virtual void send(bytes_view message) = 0;
    virtual void half_close() = 0;
    virtual void cancel() = 0;
    // Bytes queued and not taken by the window.
    [[nodiscard]] virtual std::size_t pending() const = 0;
};

class client_connection {
public:
    virtual ~client_connection() = default;
    virtual void receive(bytes_view in, mono_time now) = 0;
    // Ends every call with UNAVAILABLE.
    virtual void closed() = 0;
    virtual bytes_view output() = 0;
    virtual void sent(std::size_t n, mono_time now) = 0;
    [[nodiscard]] virtual bool finished() const = 0;
    [[nodiscard]] virtual std::optional<mono_time> next_deadline() const = 0;
    virtual void tick(mono_time now) = 0;
    virtual void on_output(std::function<void()> wake) = 0;
    // Starts a call. `timeout` zero: none. `observer` is kept until on_end. Null when the peer is
    // going away: connect anew.
    virtual std::shared_ptr<client_call> start(
        std::string_view path,
        std::shared_ptr<call_observer> observer,
        duration timeout,
        mono_time now
    ) = 0;
    // The peer sent GOAWAY: no new calls here.
    [[nodiscard]] virtual bool going_away() const = 0;
};

std::unique_ptr<client_connection> make_http2_client(std::string authority, mono_time now);

} // namespace cairn::session
