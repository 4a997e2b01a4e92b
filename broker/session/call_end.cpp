#include "session/call_end.hpp"

#include "session/http2_engine.hpp"
#include "session/wire.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cairn::session {
namespace {

enum grpc_number : int {
    unknown = 2,
    permission_denied = 7,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    unauthenticated = 16
};

int grpc_of_http(int status) {
    switch (status) {
    case 400:
        return internal;
    case 401:
        return unauthenticated;
    case 403:
        return permission_denied;
    case 404:
        return unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
        return unavailable;
    default:
        return unknown;
    }
}

// Digits and nothing else.
std::optional<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

std::uint32_t number_of(const header_list& headers, std::string_view name) {
    return number_in(find_header(headers, name)).value_or(0);
}

int status_in(const header_list& headers) {
    const auto status = number_in(find_header(headers, "grpc-status"));
    return status && *status <= unauthenticated ? static_cast<int>(*status) : unknown;
}

} // namespace

call_end end_with(errc code, std::string_view why) {
    const error_entry& e = describe(code);
    return {
        .grpc_status = e.grpc,
        .message = std::string(why.empty() ? e.text : why),
        .number = static_cast<std::uint32_t>(code),
        .retryable = e.retryable};
}

call_end end_of_reset(std::uint32_t code) {
    switch (code) {
    case h2_error::refused_stream:
        return end_with(errc::unavailable, "the stream was refused");
    case h2_error::cancel:
        return end_with(errc::cancelled);
    case h2_error::enhance_your_calm:
        return end_with(errc::overloaded);
    case h2_error::none:
        return end_with(errc::internal, "the answer has no status");
    default:
        return end_with(errc::internal, "the stream was reset");
    }
}

call_end end_of_trailers(const header_list& headers) {
    call_end end;
    end.grpc_status = status_in(headers);
    if (end.grpc_status == 0) return end;
    end.message = percent_decode(find_header(headers, "grpc-message"));
    end.number = number_of(headers, "cairn-error-number");
    end.retry_after_ms = number_of(headers, "cairn-retry-after-ms");
    end.retryable = end.grpc_status == unavailable;
    const auto* row = std::find_if(std::begin(error_table), std::end(error_table), [&](auto& e) {
        return static_cast<std::uint32_t>(e.code) == end.number;
    });
    if (row != std::end(error_table)) end.retryable = row->retryable;
    if (end.number == 0) end.number = static_cast<std::uint32_t>(errc::internal);
    return end;
}

call_end end_of_http(int status) {
    call_end end = end_with(errc::internal, "HTTP status " + std::to_string(status));
    if (status == 200) end.message = "the answer is not gRPC";
    end.grpc_status = grpc_of_http(status);
    end.retryable = end.grpc_status == unavailable;
    return end;
}

} // namespace cairn::session
