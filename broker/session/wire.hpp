// Small texts of the wire: percent encoding, timeouts, names of codes, failures as gRPC trailers
// and as Connect JSON.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "session/http_exchange.hpp"

#include <optional>
#include <string>

namespace cairn::session {

enum class wire_form : std::uint8_t { grpc, connect_unary, connect_stream };

// gRPC's `Status-Message` rule: space to '~' but '%' stand as they are.
std::string percent_encode(bytes_view text);
// Never fails: what is no escape stays.
std::string percent_decode(bytes_view text);

// `grpc-timeout`: one to eight digits and one of H M S m u n. Nullopt: not of that form.
std::optional<duration> parse_grpc_timeout(std::string_view text);
std::string format_grpc_timeout(duration d);
// `connect-timeout-ms`: one to ten digits.
std::optional<duration> parse_connect_timeout(std::string_view text);

// "invalid_argument" for 3.
std::string_view connect_code(std::uint8_t grpc_status);
// The HTTP status a failure has outside gRPC.
int http_status(const failure& f);

// Quotes included; what is not UTF-8 becomes U+FFFD.
std::string json_string(bytes_view text);
bool is_utf8(bytes_view text);

// "Public text. Next step", bounded, UTF-8 whatever the place named in it was.
std::string sentence(const failure& f);
// grpc-status and, for a failure, the catalogue's words.
header_list grpc_trailers(const status& how);
// {"code", "message", "cairn": {...}}
std::string error_json(const failure& f);

// Answers a request as a whole with a failure, before anything was sent. `content_type` is what the
// client sent (gRPC repeats it); `http` zero takes http_status(f).
void refuse(
    response_sink& sink,
    wire_form form,
    std::string_view content_type,
    const failure& f,
    int http = 0
);

// First header of that name, empty when missing. `name` in lower case.
std::string_view find_header(const header_list& headers, std::string_view name);

} // namespace cairn::session
