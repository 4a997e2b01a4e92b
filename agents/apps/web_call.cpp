#include "agents/apps/hook_call.hpp"

#include "agents/apps/folders.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <mutex>
#include <set>
#include <sys/stat.h>

namespace cairn::agents::apps {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

failure failed(const std::string& why) {
    return fail(errc::hook_failed, "address: " + why);
}

struct address {
    bool tls = false;
    std::string host;
    std::string port;
    std::string target;
};

result<address> parse_url(std::string_view url) {
    const auto bad = fail(errc::config_bad_value, "hook.url: wanted http(s)://host[:port]/path");
    address out;
    const auto mark = url.find("://");
    if (mark == url.npos) return bad;
    const auto scheme = url.substr(0, mark);
    if (scheme != "http" && scheme != "https") return bad;
    out.tls = scheme == "https";
    url.remove_prefix(mark + 3);
    const auto slash = url.find('/');
    auto place = url.substr(0, slash);
    out.target = slash == url.npos ? "/" : std::string(url.substr(slash));
    const auto close = place.find(']');
    const auto colon = place.find(':', close == place.npos ? 0 : close);
    out.host = place.substr(0, colon);
    out.port =
        colon == place.npos ? (out.tls ? "443" : "80") : std::string(place.substr(colon + 1));
    if (close != place.npos && place.front() == '[') out.host = place.substr(1, close - 1);
    const auto clean = [](std::string_view text) {
        for (const char c : text)
            if (c <= ' ' || c >= 0x7f || c == '@' || c == '#') return false;
        return !text.empty();
    };
    if (!clean(out.host) || !clean(out.target) || out.port.empty() ||
        out.port.find_first_not_of("0123456789") != std::string::npos)
        return bad;
    return out;
}

// One exchange; its io_context is the calling thread's.
class exchange : public std::enable_shared_from_this<exchange> {
public:
    exchange(
        asio::io_context& io, asio::ssl::context& tls, const address& to, const std::string& token
    )
        : resolver_(io), stream_(io, tls), to_(to) {
        request_.method(http::verb::post);
        request_.target(to.target);
        request_.version(11);
        request_.set(http::field::host, to.host);
        request_.set(http::field::user_agent, "cairn-agent");
        request_.set(http::field::content_type, "application/cloudevents+json; charset=utf-8");
        request_.set(http::field::connection, "close");
        if (!token.empty()) request_.set(http::field::authorization, "Bearer " + token);
        // What it answers is not read into memory beyond this.
        answer_.body_limit(64 * 1024);
    }

    void begin(std::string body, duration limit) {
        request_.body() = std::move(body);
        request_.prepare_payload();
        beast::get_lowest_layer(stream_).expires_after(limit);
        resolver_.async_resolve(
            to_.host,
            to_.port,
            [self = shared_from_this()](error_code ec, const auto& found) {
                if (ec) return self->end("the name is not known", ec);
                beast::get_lowest_layer(self->stream_)
                    .async_connect(found, [self](error_code e, const auto&) {
                        self->connected(e);
                    });
            }
        );
    }

    status outcome = failed("no answer in time");

private:
    void connected(error_code ec) {
        if (ec) return end("no connection", ec);
        if (!to_.tls) return write(beast::get_lowest_layer(stream_));
        stream_.set_verify_callback(asio::ssl::host_name_verification(to_.host));
        // OpenSSL's macro for this casts as C does.
        SSL_ctrl(
            stream_.native_handle(),
            SSL_CTRL_SET_TLSEXT_HOSTNAME,
            TLSEXT_NAMETYPE_host_name,
            to_.host.data()
        );
        stream_.async_handshake(
            asio::ssl::stream_base::client,
            [self = shared_from_this()](error_code e) {
                if (e) return self->end("the TLS handshake failed: is its authority known?", e);
                self->write(self->stream_);
            }
        );
    }

    template <class Stream>
    void write(Stream& stream) {
        http::async_write(
            stream,
            request_,
            [self = shared_from_this(), &stream](error_code ec, std::size_t) {
                if (ec) return self->end("it closed the connection", ec);
                http::async_read_header(
                    stream,
                    self->buffer_,
                    self->answer_,
                    [self](error_code e, std::size_t) { self->answered(e); }
                );
            }
        );
    }

    // The status is enough; what else it says is not read.
    void answered(error_code ec) {
        if (ec) return end("no answer", ec);
        const auto code = answer_.get().result_int();
        if (code < 200 || code >= 300)
            outcome = failed("it answered with status " + std::to_string(code));
        else
            outcome = status();
        close();
    }

    void end(const std::string& why, error_code ec) {
        const bool late = ec == beast::error::timeout;
        outcome = failed(late ? "no answer in time" : why);
        close();
    }
    void close() { beast::get_lowest_layer(stream_).close(); }

    asio::ip::tcp::resolver resolver_;
    tls_stream stream_;
    address to_;
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_;
    http::response_parser<http::string_body> answer_;
};

class web_call final : public hook_call {
public:
    web_call(address to, std::string token, duration limit, std::shared_ptr<asio::ssl::context> tls)
        : to_(std::move(to)), token_(std::move(token)), limit_(limit), tls_(std::move(tls)) {}

    status run(const notice_event& e) override {
        asio::io_context io(1);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return failed("the agent stopped");
            running_.insert(&io);
        }
        const auto one = std::make_shared<exchange>(io, *tls_, to_, token_);
        one->begin(cloud_event(e), limit_);
        // The resolver has no time limit of its own.
        io.run_for(limit_);
        const std::lock_guard lock(mutex_);
        running_.erase(&io);
        return one->outcome;
    }

    void stop() override {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto* io : running_) io->stop();
    }

private:
    address to_;
    std::string token_;
    duration limit_;
    std::shared_ptr<asio::ssl::context> tls_;
    std::mutex mutex_;
    std::set<asio::io_context*> running_;
    bool stopping_ = false;
};

result<std::string> read_token(const std::string& file) {
    if (file.empty()) return std::string();
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0)
        return fail(errc::file_permissions, file);
    auto text = read_whole(file, 8192);
    if (!text) return text.error();
    while (!text->empty() && static_cast<unsigned char>(text->back()) <= ' ') text->pop_back();
    for (const char c : *text)
        if (c <= ' ' || c >= 0x7f) return fail(errc::config_bad_value, "hook.token_file: one line");
    return *text;
}

} // namespace

result<std::unique_ptr<hook_call>> make_web_call(const hook_options& o) {
    auto to = parse_url(o.url);
    if (!to) return to.error();
    auto token = read_token(o.token_file);
    if (!token) return token.error();
    auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code ec;
    tls->set_options(
        asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
            asio::ssl::context::default_workarounds,
        ec
    );
    if (o.authority_file.empty())
        tls->set_default_verify_paths(ec);
    else
        tls->load_verify_file(o.authority_file, ec);
    if (ec) return fail(errc::file_unreadable, "hook.authority");
    tls->set_verify_mode(asio::ssl::verify_peer, ec);
    return std::unique_ptr<hook_call>(
        std::make_unique<web_call>(std::move(*to), std::move(*token), o.limit, std::move(tls))
    );
}

} // namespace cairn::agents::apps
