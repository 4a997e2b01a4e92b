// One HTTP request and response, whatever the HTTP version: what lies between the HTTP/2 engine or
// the HTTP/1.1 reader below and calls above.
#pragma once

#include "core/clock.hpp"
#include "session/call.hpp"

#include <utility>

namespace cairn::session {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct request_head {
    std::string method; // "POST"
    std::string path;   // without query
    // Names in lower case, pseudo-headers left out.
    header_list headers;
    bool http2 = true;
};

// Where the response goes. Implemented by the HTTP/2 stream and by the HTTP/1.1 driver.
class response_sink {
public:
    virtual ~response_sink() = default;
    // Once. `end`: no body follows.
    virtual void start(int status, const header_list& headers, bool end) = 0;
    virtual void write(bytes_view body) = 0;
    // Once, unless start() ended it. Trailers only where HTTP/2 (gRPC); else empty.
    virtual void end(const header_list& trailers) = 0;
    // The response cannot be completed: reset the stream or close the connection.
    virtual void abort() = 0;
    // Written and not yet taken by the network.
    [[nodiscard]] virtual std::size_t queued() const = 0;
    // More request body may come: `n` bytes were used up.
    virtual void consumed(std::size_t n) = 0;
    // A whole message came in or went out, for the counters.
    virtual void count_message(bool /*in*/) {}
};

// The server's side of one exchange; drives a call.
class http_exchange {
public:
    virtual ~http_exchange() = default;
    virtual void body(bytes_view part) = 0;
    virtual void body_end() = 0;
    // The sink's queued() fell.
    virtual void drained() = 0;
    // The peer went away or reset; the sink must not be used any more.
    virtual void aborted() = 0;
    // A call deadline to be told about through tick().
    [[nodiscard]] virtual std::optional<mono_time> deadline() const = 0;
    virtual void tick(mono_time now) = 0;
    // Ends the call with errc::shutting_down.
    virtual void shut_down() = 0;
    // The response is complete; further request body may be swallowed.
    [[nodiscard]] virtual bool answered() const = 0;
    // Waits for request bytes that must come, so that the driver may limit how long.
    [[nodiscard]] virtual bool awaits_body() const { return false; }
    // Request bytes held and not yet handed to the handler.
    [[nodiscard]] virtual std::size_t buffered() const { return 0; }
    // Ends the call with `why`; nothing when answered.
    virtual void refuse(const failure& /*why*/) {}
};

// Picks the wire form from method, path and content type. Never null: what is not understood
// answers 404, 405, 415 or 505 by itself. `routes`, `who` and `sink` outlive the exchange.
std::unique_ptr<http_exchange> accept_exchange(
    const router& routes,
    const peer& who,
    const request_head& head,
    response_sink& sink,
    mono_time now
);

} // namespace cairn::session
