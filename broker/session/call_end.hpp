// How a call ended, read from what the peer sent: its trailers, the code of a reset, an HTTP
// status.
#pragma once

#include "session/client.hpp"
#include "session/http_exchange.hpp"

namespace cairn::session {

// An end of our own making; `why` replaces the catalogue's text.
call_end end_with(errc code, std::string_view why = {});
// The stream was reset, or ended without a status.
call_end end_of_reset(std::uint32_t code);
// Trailers, or the head of a Trailers-Only answer. A status that is no number of gRPC's is UNKNOWN.
call_end end_of_trailers(const header_list& headers);
// The answer is not gRPC: `status` says why ("HTTP to gRPC Status Code Mapping").
call_end end_of_http(int status);

} // namespace cairn::session
