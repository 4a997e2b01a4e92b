#include "transport/http1_request.hpp"

#include "core/limits.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace cairn::transport {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;

// A message may be JSON around an encoded concern; base64 and escapes make it longer.
constexpr std::uint64_t declared_body_bytes = 2 * limits::message_bytes;

std::string lower(beast::string_view text) {
    std::string out(text.data(), text.size());
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// RFC 9112 3.2: origin form, or absolute form whose authority is ours anyhow. The query is dropped.
std::string path_of(beast::string_view target) {
    std::string_view t(target.data(), target.size());
    if (const auto scheme = t.find("://"); scheme != std::string_view::npos && t.front() != '/') {
        const auto slash = t.find('/', scheme + 3);
        t = slash == std::string_view::npos ? std::string_view("/") : t.substr(slash);
    }
    return std::string(t.substr(0, t.find('?')));
}

http1_refusal refusal_for(error_code ec) {
    if (ec == http::error::header_limit) {
        return {
            431,
            "The header is larger than " + std::to_string(limits::header_list_bytes) + " bytes.\n"};
    }
    if (ec == http::error::body_limit) {
        return {
            413, "The body is larger than " + std::to_string(declared_body_bytes) + " bytes.\n"};
    }
    if (ec == http::error::bad_version) return {505, "HTTP/1.1 or HTTP/2, please.\n"};
    return {400, "That is not HTTP/1.1: " + ec.message() + ".\n"};
}

} // namespace

class http1_request::parser final : public http::basic_parser<true> {
public:
    explicit parser(sink& to) : to_(to) {
        header_limit(static_cast<std::uint32_t>(limits::header_list_bytes));
        // Chunked bodies are streams; their messages are bounded by the exchange, what nobody reads
        // by the connection.
        body_limit(boost::none);
    }

    std::optional<http1_refusal> refused;
    int minor = 11;
    bool hosted = false;
    bool wants_continue = false;

private:
    void on_request_impl(
        http::verb,
        beast::string_view method,
        beast::string_view target,
        int version,
        error_code& ec
    ) override {
        if (version < 10 || version > 11) {
            ec = http::error::bad_version;
            return;
        }
        minor = version;
        head_.method.assign(method.data(), method.size());
        head_.path = path_of(target);
        head_.http2 = false;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void
    on_field_impl(http::field name, beast::string_view text, beast::string_view value, error_code&)
        override {
        if (name == http::field::host) hosted = true;
        if (name == http::field::expect) wants_continue = beast::iequals(value, "100-continue");
        head_.headers.emplace_back(lower(text), std::string(value.data(), value.size()));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view body, error_code&) override {
        to_.on_body({body.data(), body.size()});
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code&) override {
        to_.on_body({body.data(), body.size()});
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

public:
    session::request_head head_;
    sink& to_;
};

http1_request::http1_request(sink& to) : parser_(std::make_unique<parser>(to)) {}
http1_request::~http1_request() = default;

std::size_t http1_request::feed(bytes_view in) {
    parser& p = *parser_;
    std::size_t used = 0;
    while (!p.refused && !p.is_done() && used < in.size()) {
        const bool had_head = p.is_header_done();
        error_code ec;
        const std::size_t n = p.put(boost::asio::buffer(in.data() + used, in.size() - used), ec);
        used += n;
        if (ec && ec != http::error::need_more) {
            p.refused = refusal_for(ec);
            break;
        }
        if (!had_head && p.is_header_done()) {
            if (p.minor >= 11 && !p.hosted) {
                p.refused = http1_refusal{400, "The Host header is missing.\n"};
                break;
            }
            // Before any of the body: a client that waits for 100 would send none.
            if (p.content_length().value_or(0) > declared_body_bytes) {
                p.refused = refusal_for(http::error::body_limit);
                break;
            }
            p.to_.on_head(p.head_);
        }
        if (n == 0 && had_head == p.is_header_done()) break;
    }
    if (p.is_done() && !p.refused) p.to_.on_request_end();
    return used;
}

bool http1_request::begun() const {
    return parser_->got_some();
}
bool http1_request::head_done() const {
    return parser_->is_header_done();
}
bool http1_request::done() const {
    return parser_->is_done();
}
const std::optional<http1_refusal>& http1_request::refusal() const {
    return parser_->refused;
}
bool http1_request::keep_alive() const {
    return parser_->keep_alive();
}
bool http1_request::may_chunk() const {
    return parser_->minor >= 11;
}
bool http1_request::expects_continue() const {
    return parser_->wants_continue && parser_->minor >= 11;
}

} // namespace cairn::transport
