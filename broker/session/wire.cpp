#include "session/wire.hpp"

#include "session/envelope.hpp"

#include <array>
#include <charconv>

namespace cairn::session {
namespace {

// A place named in a failure may come from the client; a header line must stay small.
constexpr std::size_t sentence_bytes_max = 1024;
// U+FFFD.
constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr std::array<std::string_view, 17> code_names = {
    "ok",
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated"};

// Connect protocol, "Error Codes".
constexpr std::array<int, 17> code_statuses = {
    200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401};

std::optional<std::uint64_t> digits(std::string_view text, std::size_t at_most) {
    if (text.empty() || text.size() > at_most) return std::nullopt;
    std::uint64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Length of the well-formed UTF-8 sequence at the front; 0: none (Unicode 15, table 3-7).
std::size_t utf8_length(bytes_view t) {
    const auto at = [&](std::size_t i) -> unsigned {
        return i < t.size() ? static_cast<std::uint8_t>(t[i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
    const unsigned a = at(0);
    if (a < 0x80) return 1;
    if (a >= 0xc2 && a <= 0xdf) return tail(1) ? 2 : 0;
    if (a >= 0xe0 && a <= 0xef) {
        if (!tail(1) || !tail(2)) return 0;
        if (a == 0xe0 && at(1) < 0xa0) return 0;
        if (a == 0xed && at(1) > 0x9f) return 0;
        return 3;
    }
    if (a >= 0xf0 && a <= 0xf4) {
        if (!tail(1) || !tail(2) || !tail(3)) return 0;
        if (a == 0xf0 && at(1) < 0x90) return 0;
        if (a == 0xf4 && at(1) > 0x8f) return 0;
        return 4;
    }
    return 0;
}

} // namespace

std::string percent_encode(bytes_view text) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + 16);
    for (const char c : text) {
        const auto b = static_cast<std::uint8_t>(c);
        if (b >= 0x20 && b <= 0x7e && c != '%') {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(hex[b >> 4U]);
            out.push_back(hex[b & 15U]);
        }
    }
    return out;
}

std::string percent_decode(bytes_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int hi = hex_digit(text[i + 1]);
            const int lo = hex_digit(text[i + 2]);
            if (hi >= 0 && lo >= 0) {
                out.push_back(static_cast<char>(hi * 16 + lo));
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
    return out;
}

std::optional<duration> parse_grpc_timeout(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 2) return std::nullopt;
    const auto n = digits(text.substr(0, text.size() - 1), 8);
    if (!n) return std::nullopt;
    const auto v = static_cast<std::int64_t>(*n);
    switch (text.back()) {
    // 99,999,999 hours do not fit into nanoseconds; a year is as good as no deadline.
    case 'H':
        return std::min<hours>(hours(v), hours(24 * 366));
    case 'M':
        return std::min<minutes>(minutes(v), hours(24 * 366));
    case 'S':
        return seconds(v);
    case 'm':
        return milliseconds(v);
    case 'u':
        return microseconds(v);
    case 'n':
        return nanoseconds(v);
    default:
        return std::nullopt;
    }
}

std::string format_grpc_timeout(duration d) {
    using namespace std::chrono;
    const auto ms = ceil<milliseconds>(d).count();
    if (ms <= 0) return "1n";
    if (ms < 100'000'000) return std::to_string(ms) + "m";
    return std::to_string(std::min<std::int64_t>(ms / 1000, 99'999'999)) + "S";
}

std::optional<duration> parse_connect_timeout(std::string_view text) {
    const auto n = digits(text, 10);
    if (!n) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*n));
}

std::string_view connect_code(std::uint8_t grpc_status) {
    return grpc_status < code_names.size() ? code_names[grpc_status] : "unknown";
}

int http_status(const failure& f) {
    // More exact than Connect's table, for people with curl; Connect clients read "code".
    if (f.code == errc::too_large) return 413;
    if (f.code == errc::unsupported_media) return 415;
    const std::uint8_t grpc = describe(f.code).grpc;
    return grpc < code_statuses.size() ? code_statuses[grpc] : 500;
}

bool is_utf8(bytes_view text) {
    while (!text.empty()) {
        const std::size_t n = utf8_length(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

std::string json_string(bytes_view text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    out.reserve(text.size() + 8);
    while (!text.empty()) {
        const std::size_t n = utf8_length(text);
        const char c = text[0];
        if (n == 0) {
            out += replacement;
        } else if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<std::uint8_t>(c) < 0x20) {
            out += "\\u00";
            out +=
                {hex[static_cast<std::uint8_t>(c) >> 4U], hex[static_cast<std::uint8_t>(c) & 15U]};
        } else {
            out += text.substr(0, n);
        }
        text.remove_prefix(n == 0 ? 1 : n);
    }
    out += '"';
    return out;
}

std::string sentence(const failure& f) {
    const std::string said = f.public_text();
    std::string out;
    for (bytes_view rest = said; !rest.empty() && out.size() < sentence_bytes_max;) {
        const std::size_t n = utf8_length(rest);
        out += n == 0 ? replacement : rest.substr(0, n);
        rest.remove_prefix(n == 0 ? 1 : n);
    }
    out += ". ";
    out += describe(f.code).next_step;
    return out;
}

header_list grpc_trailers(const status& how) {
    if (how) return {{"grpc-status", "0"}};
    const failure& f = how.error();
    const error_entry& e = describe(f.code);
    header_list out = {
        {"grpc-status", std::to_string(e.grpc)},
        {"grpc-message", percent_encode(sentence(f))},
        {"cairn-error-number", std::to_string(static_cast<unsigned>(e.code))},
        {"cairn-error", std::string(e.symbol)},
        {"cairn-next-step", percent_encode(e.next_step)}};
    if (f.retry_after_ms != 0) {
        out.emplace_back("cairn-retry-after-ms", std::to_string(f.retry_after_ms));
    }
    return out;
}

std::string error_json(const failure& f) {
    const error_entry& e = describe(f.code);
    std::string out = "{\"code\":" + json_string(connect_code(e.grpc));
    out += ",\"message\":" + json_string(sentence(f));
    out += ",\"cairn\":{\"number\":" + std::to_string(static_cast<unsigned>(e.code));
    out += ",\"symbol\":" + json_string(e.symbol);
    out += ",\"nextStep\":" + json_string(e.next_step);
    out += e.retryable ? ",\"retryable\":true" : ",\"retryable\":false";
    if (f.retry_after_ms != 0) out += ",\"retryAfterMs\":" + std::to_string(f.retry_after_ms);
    return out + "}}";
}

void refuse(
    response_sink& sink, wire_form form, std::string_view content_type, const failure& f, int http
) {
    if (form == wire_form::grpc) {
        // Trailers-Only: one HEADERS frame that ends the stream.
        header_list all = {{"content-type", std::string(content_type)}};
        for (auto& h : grpc_trailers(f)) all.push_back(std::move(h));
        sink.start(200, all, true);
        return;
    }
    std::string body = error_json(f);
    header_list headers = {{"cache-control", "no-store"}, {"x-content-type-options", "nosniff"}};
    if (form == wire_form::connect_stream && http == 0) {
        headers.emplace_back("content-type", std::string(content_type));
        sink.start(200, headers, false);
        body = "{\"error\":" + body + "}";
        const auto head = envelope_head(envelope_end, body.size());
        sink.write({head.data(), head.size()});
    } else {
        const int code = http == 0 ? http_status(f) : http;
        headers.emplace_back("content-type", "application/json");
        headers.emplace_back("content-length", std::to_string(body.size()));
        if (code == 405) headers.emplace_back("allow", "POST");
        if (f.retry_after_ms != 0) {
            headers.emplace_back("retry-after", std::to_string((f.retry_after_ms + 999) / 1000));
        }
        sink.start(code, headers, false);
    }
    sink.write(body);
    sink.end({});
}

std::string_view find_header(const header_list& headers, std::string_view name) {
    for (const auto& [n, v] : headers) {
        if (n == name) return v;
    }
    return {};
}

} // namespace cairn::session
