// The two engines that take bytes from a socket, with a service that sends back what it gets. The
// first byte of an input says in how large pieces the rest comes.
#include "fuzz/targets.hpp"
#include "session/client.hpp"
#include "session/connection.hpp"
#include "transport/http1.hpp"

#include "cairn/v1/exchange.pb.h"

namespace cairn::fuzz {
namespace {

namespace v1 = ::cairn::v1;
using session::method_kind;
constexpr mono_time start{std::chrono::hours(1)};
constexpr std::string_view unary_path = "/cairn.v1.Exchange/ListDesks";
constexpr std::string_view stream_path = "/cairn.v1.Exchange/Publish";

class echo final : public session::handler {
public:
    void on_message(session::call& c, bytes_view m) override {
        c.send(m);
        c.read_more();
    }
    void on_end(session::call& c) override { c.finish(); }
    void on_writable(session::call& c) override { c.read_more(); }
};

void add(session::router& r, std::string_view path, method_kind kind) {
    session::method m;
    m.path = path;
    m.kind = kind;
    m.input = v1::SubmitRequest::descriptor();
    m.output = v1::SubmitRequest::descriptor();
    m.make = [](session::call&) { return std::make_unique<echo>(); };
    r.add(std::move(m));
}

const session::router& routes() {
    static const session::router made = [] {
        session::router r;
        add(r, unary_path, method_kind::unary);
        add(r, stream_path, method_kind::bidi);
        r.add_page("/page", [](const session::peer&) { return session::page{}; });
        return r;
    }();
    return made;
}

// What comes out is bounded by what goes in: nobody makes a broker talk for nothing.
void flush(session::server_connection& c, mono_time now, std::size_t& room) {
    for (bytes_view out = c.output(); !out.empty(); out = c.output()) {
        must(out.size() <= room, "a connection answers without end");
        room -= out.size();
        c.sent(out.size(), now);
    }
}

void drive(session::server_connection& c, bytes_view in) {
    if (in.empty()) return;
    const std::size_t piece = 1 + static_cast<std::uint8_t>(in.front()) * std::size_t{8};
    in.remove_prefix(1);
    std::size_t room = 1'000'000 + in.size() * 1000;
    mono_time now = start;
    for (; !in.empty() && !c.finished(); in.remove_prefix(std::min(piece, in.size()))) {
        if (c.wants_read()) c.receive(in.substr(0, piece), now);
        flush(c, now, room);
        now += std::chrono::milliseconds(10);
    }
    // Every wait ends: whatever came, the connection does too.
    c.shut_down(now);
    for (int rounds = 0; !c.finished(); ++rounds) {
        must(rounds < 10'000, "a connection that is to end does not");
        flush(c, now, room);
        if (c.finished()) break;
        const auto due = c.next_deadline();
        must(due.has_value(), "a connection that is to end waits for nothing");
        now = std::max(now + std::chrono::milliseconds(1), *due);
        c.tick(now);
    }
    c.closed();
}

class nothing final : public session::call_observer {
public:
    void on_message(bytes_view) override {}
    void on_end(const session::call_end&) override {}
};

// What a client of ours says for one call.
bytes call_of(std::string_view path, bytes_view message) {
    const auto client = session::make_http2_client("localhost", start);
    const auto call = client->start(path, std::make_shared<nothing>(), duration{}, start);
    call->send(message);
    call->half_close();
    bytes out(1, '\x10');
    for (bytes_view v = client->output(); !v.empty(); v = client->output()) {
        out += v;
        client->sent(v.size(), start);
    }
    return out;
}

bytes post(std::string_view path, std::string_view head, std::string_view body) {
    bytes out = "\x10POST ";
    out += path;
    out += " HTTP/1.1\r\nhost: x\r\n";
    out += head;
    return out + "\r\n\r\n" + bytes(body);
}

} // namespace

void http2(bytes_view in) {
    const session::peer who{"pin", {"spiffe://riverbank/agency/oakfield"}, "here"};
    drive(*session::make_http2_server(routes(), who, {}, start), in);
}

void http1(bytes_view in) {
    const session::peer who{"pin", {"spiffe://riverbank/agency/oakfield"}, "here"};
    drive(*transport::make_http1_server(routes(), who, {}, start), in);
}

std::vector<bytes> http2_seeds() {
    v1::SubmitRequest r;
    r.set_key("key-of-a-seed");
    const bytes message = r.SerializeAsString();
    return {
        call_of(unary_path, message), call_of(stream_path, message), call_of("/nowhere", message)};
}

std::vector<bytes> http1_seeds() {
    return {
        "\x10GET /page HTTP/1.1\r\nhost: x\r\n\r\n",
        post(
            unary_path, "content-type: application/json\r\ncontent-length: 12", R"({"key":"k"}  )"
        ),
        post(
            unary_path,
            "content-type: application/proto\r\ntransfer-encoding: chunked",
            "3\r\n\n\x01k\r\n0\r\n\r\n"
        ),
        post(
            stream_path,
            "content-type: application/connect+proto\r\ncontent-length: 8",
            std::string_view("\0\0\0\0\x03\n\x01k", 8)
        )};
}

} // namespace cairn::fuzz
