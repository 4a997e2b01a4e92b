// One remote call as its handler sees it: whole messages, no frames, no HTTP version, no socket.
//
// The same handler serves gRPC, Connect (unary and streaming, protobuf and JSON) and plain HTTP/1.1
// JSON POST. Everything here runs on the connection's own thread; a handler never blocks.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class Descriptor;
}

namespace cairn::session {

// How the client wrote its messages.
enum class codec : std::uint8_t { proto, json };

// Who is at the other end, as TLS established it. Plain data; the registry decides what it may do.
struct peer {
    // SHA-256 of the certificate's DER, hex; empty: no certificate was presented.
    std::string certificate_sha256;
    // Every URI SAN of the certificate.
    std::vector<std::string> uris;
    // For the operator's log only: address and port.
    std::string address;
};

// The server's side of one call. Owned by the connection and, where an answer comes later, by the
// handler through weak_from_this(). After on_closed every member function does nothing.
class call : public std::enable_shared_from_this<call> {
public:
    virtual ~call() = default;
    // "/cairn.v1.Exchange/Submit"
    [[nodiscard]] virtual std::string_view path() const = 0;
    [[nodiscard]] virtual const peer& who() const = 0;
    [[nodiscard]] virtual codec how() const = 0;
    // W3C traceparent header as received; may be empty.
    [[nodiscard]] virtual std::string_view traceparent() const = 0;
    // When the client gives up, by the monotonic clock.
    [[nodiscard]] virtual std::optional<mono_time> deadline() const = 0;

    // Queues one response message, given as encoded protobuf; written as JSON where the client
    // speaks JSON.
    virtual void send(bytes_view message) = 0;
    // Ends the call, well or with a failure of the catalogue. Unary calls: after one send.
    virtual void finish(const status& how = {}) = 0;
    // Lets the next request message of a client stream come. The first message comes by itself.
    // Called outside the handler's own callbacks it may run on_message before it returns; called
    // inside one, the message comes when that returns.
    virtual void read_more() = 0;
    // Response bytes not yet taken by the peer's window; above limits::queued_output_bytes wait for
    // on_writable.
    [[nodiscard]] virtual std::size_t queued() const = 0;
    // False once the call is finished or the peer is gone.
    [[nodiscard]] virtual bool alive() const = 0;
};

// What answers one call; made per call by the method's factory, destroyed after on_closed.
class handler {
public:
    virtual ~handler() = default;
    // `message` is exactly what the client sent (protobuf or JSON by call::how), valid during the
    // call only. Unary and server-stream methods get exactly one.
    virtual void on_message(call& c, bytes_view message) = 0;
    // The client sends no more.
    virtual void on_end(call&) {}
    // queued() fell below half of the limit after having been above it.
    virtual void on_writable(call&) {}
    // Last event: finished, cancelled, reset, deadline passed or connection lost.
    virtual void on_closed(call&) {}
};

enum class method_kind : std::uint8_t { unary, server_stream, bidi };

struct method {
    // "/cairn.v1.Exchange/Submit"
    std::string path;
    method_kind kind = method_kind::unary;
    // For JSON transcoding; live as long as the process.
    const google::protobuf::Descriptor* input = nullptr;
    const google::protobuf::Descriptor* output = nullptr;
    std::function<std::unique_ptr<handler>(call&)> make;
};

// Plain GET pages: health and metrics.
struct page {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

// Everything a port serves. Built once, then constant; any thread.
class router {
public:
    void add(method m) { methods_.insert_or_assign(m.path, std::move(m)); }
    void add_page(std::string path, std::function<page(const peer&)> make) {
        pages_.insert_or_assign(std::move(path), std::move(make));
    }
    [[nodiscard]] const method* find(std::string_view path) const {
        const auto it = methods_.find(path);
        return it == methods_.end() ? nullptr : &it->second;
    }
    [[nodiscard]] const std::function<page(const peer&)>* find_page(std::string_view path) const {
        const auto it = pages_.find(path);
        return it == pages_.end() ? nullptr : &it->second;
    }

private:
    std::map<std::string, method, std::less<>> methods_;
    std::map<std::string, std::function<page(const peer&)>, std::less<>> pages_;
};

} // namespace cairn::session
