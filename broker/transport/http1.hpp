// HTTP/1.1 as an engine: the same bytes in, bytes out as HTTP/2, so one driver serves both. Beast
// parses, nothing of Beast touches a socket.
//
// One exchange at a time; pipelined requests wait in the input. Answers what breaks a limit in
// words (400, 408, 413, 431, 505) and then closes.
#pragma once

#include "core/bytes.hpp"
#include "core/limits.hpp"
#include "session/connection.hpp"

#include <memory>

namespace cairn::transport {

struct http1_times {
    // Between requests, and before the first.
    duration idle = limits::idle;
    // From the first byte of a request to the end of its header.
    duration header = limits::header;
    // Without one byte of the body.
    duration body = limits::body_progress;
    duration drain = limits::drain;
    duration max_age = limits::connection_age;
};

// `routes` outlives the connection.
std::unique_ptr<session::server_connection> make_http1_server(
    const session::router& routes, session::peer who, http1_times times, mono_time now
);

} // namespace cairn::transport
