// A connection that is told why it is not served, and nothing else.
#pragma once

#include "core/result.hpp"
#include "session/connection.hpp"

namespace cairn::session {

// `http2`: SETTINGS and a GOAWAY with the words, after which nothing is read; else one HTTP/1.1
// answer that closes. Every call the peer tries fails with them.
std::unique_ptr<server_connection> make_refusal(bool http2, const failure& why);

} // namespace cairn::session
