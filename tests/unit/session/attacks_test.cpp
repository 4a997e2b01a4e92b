// What a hostile or broken peer sends, frame by frame.
#include "unit/session/pipe.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

struct attacked : bench {
    script s;
    explicit attacked(method_kind kind = method_kind::unary, server_settings settings = {}) {
        add(routes, "/t.T/M", kind, s);
        open(settings);
    }
    // The connection still answers.
    void check_usable(std::uint32_t id) {
        s.on_message = [](session::call& c, bytes_view) { c.finish(); };
        call(id, "still there?");
        const auto all = take();
        CHECK(std::any_of(all.begin(), all.end(), [&](auto& f) {
            return f.type == f_headers && f.id == id;
        }));
        CHECK_FALSE(server->finished());
    }
};

} // namespace

TEST_CASE("a rapid reset flood is told to go away") {
    attacked a;
    std::uint32_t id = 1;
    std::vector<seen_frame> last;
    for (; id < 2001 && !a.server->finished(); id += 2) {
        a.put(frame(f_headers, end_headers, id, grpc_head("/t.T/M")));
        a.put(frame(f_rst, 0, id, bytes("\0\0\0\x08", 4)));
        last = a.take();
    }
    CHECK(a.server->finished());
    CHECK(find(last, f_goaway) != nullptr);
    CHECK(id / 2 <= limits::reset_burst + limits::reset_rate * 3);
    CHECK(a.s.closed == a.s.made);
}

TEST_CASE("streams opened and reset in one breath make no handlers") {
    attacked a;
    bytes all;
    for (std::uint32_t id = 1; id < 201; id += 2) {
        all += frame(f_headers, end_headers, id, grpc_head("/t.T/M"));
        all += frame(f_rst, 0, id, bytes("\0\0\0\x08", 4));
    }
    a.put(all);
    CHECK(a.s.made == 0);
    a.check_usable(301);
}

TEST_CASE("a CONTINUATION flood drops the connection") {
    attacked a;
    a.put(frame(f_headers, 0, 1, hpack({{":method", "POST"}})));
    int sent = 0;
    for (; sent < 100 && !a.server->finished(); ++sent) {
        a.put(frame(f_continuation, 0, 1, hpack({{"x", "y"}})));
        a.take();
    }
    CHECK(a.server->finished());
    CHECK(sent <= 9);
}

TEST_CASE("SETTINGS with 33 entries is told to calm down") {
    attacked a;
    a.take();
    bytes entries;
    for (int i = 0; i < 33; ++i) entries += bytes("\0\x01\0\0\x10\0", 6);
    a.put(frame(f_settings, 0, 0, entries));
    const auto all = a.take();
    const seen_frame* g = find(all, f_goaway);
    REQUIRE(g != nullptr);
    CHECK(goaway_code(*g) == 11);
    CHECK(a.server->finished());
}

TEST_CASE("a PING flood that never reads is cut, and costs no memory") {
    attacked a;
    const bytes ping = frame(f_ping, 0, 0, "12345678");
    int sent = 0;
    for (; sent < 10000 && !a.server->finished(); ++sent) a.put(ping);
    CHECK(a.server->finished());
    CHECK(sent < 1000);
}

TEST_CASE("a SETTINGS flood that never reads is cut") {
    attacked a;
    int sent = 0;
    for (; sent < 10000 && !a.server->finished(); ++sent) a.put(frame(f_settings, 0, 0, {}));
    CHECK(a.server->finished());
    CHECK(sent < 1000);
}

TEST_CASE("WINDOW_UPDATE of zero is an error of the peer") {
    const std::uint32_t id = GENERATE(0U, 1U);
    attacked a;
    a.call(1, "x", false);
    a.take();
    a.put(frame(f_window, 0, id, bytes(4, '\0')));
    const auto all = a.take();
    const seen_frame* g = find(all, f_goaway);
    REQUIRE(g != nullptr);
    CHECK(goaway_code(*g) == 1);
    CHECK(a.server->finished());
    CHECK(a.s.closed == 1);
}

TEST_CASE("streams refused without the peer reading drop the connection before memory goes") {
    attacked a;
    // Our SETTINGS are never acknowledged, so every stream over the limit queues a reset.
    std::uint32_t id = 1;
    for (; id < 200'001 && !a.server->finished(); id += 2) {
        a.put(frame(f_headers, end_headers, id, grpc_head("/t.T/M")));
    }
    CHECK(a.server->finished());
    CHECK(id / 2 < limits::outbound_frames + limits::streams + 2000);
    CHECK(a.s.closed == a.s.made);
    CHECK_FALSE(a.server->wants_read());
}

TEST_CASE("a driver is told not to read on while frames pile up") {
    attacked a;
    std::uint32_t id = 1;
    for (; id < 200'001 && a.server->wants_read(); id += 2) {
        a.put(frame(f_headers, end_headers, id, grpc_head("/t.T/M")));
    }
    CHECK_FALSE(a.server->finished());
    a.take();
    CHECK(a.server->wants_read());
    CHECK(a.server->counters().refused_streams > 500);
}

TEST_CASE("an empty DATA flood is told to calm down, a few are nothing") {
    attacked a(method_kind::bidi);
    a.call(1, "x", false);
    const bytes nothing = frame(f_data, 0, 1, {});
    for (std::size_t i = 0; i < limits::empty_data_frames; ++i) a.put(nothing);
    a.take();
    CHECK_FALSE(a.server->finished());
    a.put(nothing);
    const auto all = a.take();
    const seen_frame* g = find(all, f_goaway);
    REQUIRE(g != nullptr);
    CHECK(goaway_code(*g) == 11);
    CHECK(a.server->finished());
    a.server->sent(0, a.now);
    CHECK(a.s.closed == 1);
}

TEST_CASE("padding does not hide an empty DATA flood") {
    attacked a(method_kind::bidi);
    a.call(1, "x", false);
    const bytes padded = frame(f_data, 8, 1, bytes("\x03\0\0\0", 4));
    for (std::size_t i = 0; i < limits::empty_data_frames + 1; ++i) a.put(padded);
    a.take();
    CHECK(a.server->finished());
}

TEST_CASE("a header list over the limit is answered in words and the connection lives") {
    const bool grpc = GENERATE(true, false);
    attacked a;
    bytes head = hpack(
        {{":method", "POST"},
         {":scheme", "https"},
         {":path", "/t.T/M"},
         {":authority", "broker.example"},
         {"content-type", grpc ? "application/grpc" : "application/json"},
         {"x-big", std::string(15'000, 'b')}}
    );
    a.take();
    SECTION("just under passes") {
        a.put(frame(f_headers, end_headers, 1, head));
        CHECK(a.s.made == 1);
    }
    SECTION("over is not") {
        head += hpack({{"x-bigger", std::string(1'300, 'b')}});
        a.put(frame(f_headers, 0, 1, bytes_view(head).substr(0, 16'000)));
        a.put(frame(f_continuation, end_headers, 1, bytes_view(head).substr(16'000)));
        CHECK(a.s.made == 0);
        const auto all = a.take();
        const seen_frame* h = find(all, f_headers);
        REQUIRE(h != nullptr);
        // Trailers-Only for gRPC, a body in words for others.
        CHECK(h->header(":status") == (grpc ? "200" : "431"));
        CHECK(h->header("grpc-status") == (grpc ? "8" : ""));
        CHECK(h->header("content-type") == (grpc ? "application/grpc" : "application/json"));
        CHECK(((h->flags & end_stream) != 0) == grpc);
        CHECK((find(all, f_data) == nullptr) == grpc);
        if (!grpc) CHECK(find(all, f_data)->payload.find("16384 bytes") != std::string::npos);
        // A gRPC request goes on, so the early answer is followed by a reset without blame.
        const seen_frame* r = find(all, f_rst);
        REQUIRE((r != nullptr) == grpc);
        if (grpc) CHECK(reset_code(*r) == 0);
        a.check_usable(3);
    }
}

TEST_CASE("a compressed message is refused by its flag and by its header") {
    attacked a;
    a.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M")));
    a.put(frame(f_data, end_stream, 1, enveloped("zip bomb", 1)));
    a.put(frame(f_headers, end_headers, 3, grpc_head("/t.T/M") + hpack({{"grpc-encoding", "gzip"}}))
    );
    const auto all = a.take();
    CHECK(count(all, f_headers) == 2);
    for (const auto& f : all) {
        if (f.type == f_headers) CHECK(f.header("grpc-status") == "12");
    }
    CHECK(a.s.got.empty());
    CHECK(a.s.made == 1);
    CHECK(a.s.closed == 1);
    a.check_usable(5);
}

TEST_CASE("a truncated frame does nothing, and a cut connection leaves nothing behind") {
    const bytes whole = frame(f_headers, end_headers, 3, grpc_head("/t.T/M"));
    const std::size_t n = GENERATE_COPY(range(std::size_t{1}, whole.size()));
    attacked a;
    a.call(1, "x");
    a.put(bytes_view(whole).substr(0, n));
    CHECK(a.s.made == 1);
    CHECK_FALSE(a.server->finished());
    a.server->closed();
    CHECK(a.s.closed == 1);
    CHECK(a.server->finished());
}

TEST_CASE("a frame longer than allowed ends the connection") {
    attacked a;
    a.take();
    a.put(frame(f_data, 0, 1, bytes(16'385, 'x')));
    const auto all = a.take();
    const seen_frame* g = find(all, f_goaway);
    REQUIRE(g != nullptr);
    CHECK(goaway_code(*g) == 6);
    CHECK(a.server->finished());
}

TEST_CASE("what is not HTTP/2 is dropped") {
    bench b;
    b.open({}, false);
    b.put("GET / HTTP/1.1\r\nhost: broker.example\r\n\r\n");
    CHECK(b.server->finished());
    CHECK(b.server->output().empty());
    CHECK(b.server->counters().protocol_errors == 1);
    b.put("more"); // does nothing
}

TEST_CASE("random bytes after a good start never do harm") {
    const unsigned seed = GENERATE(range(1U, 60U));
    INFO("seed " << seed);
    attacked a(method_kind::bidi);
    a.call(1, "x", false);
    unsigned v = seed;
    bytes noise;
    for (int i = 0; i < 4000; ++i) {
        v = v * 1664525U + 1013904223U;
        noise.push_back(static_cast<char>(v >> 24U));
    }
    // Half of them look like frames.
    if (seed % 2 == 0) {
        bytes shaped;
        for (std::size_t at = 0; at + 40 < noise.size(); at += 40) {
            const auto type = static_cast<std::uint8_t>(noise[at]) % 10U;
            shaped += frame(
                static_cast<std::uint8_t>(type),
                static_cast<std::uint8_t>(noise[at + 1]) & 0x2dU,
                static_cast<std::uint8_t>(noise[at + 2]) % 8U,
                bytes_view(noise).substr(at + 3, 8)
            );
        }
        noise = shaped;
    }
    a.put(noise);
    a.take();
    a.server->closed();
    CHECK(a.s.closed == a.s.made);
}

TEST_CASE("a message cut short by the end of the stream is refused") {
    const method_kind kind = GENERATE(method_kind::unary, method_kind::bidi);
    const std::size_t n = GENERATE(std::size_t{3}, std::size_t{7});
    attacked a(kind);
    a.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M")));
    a.put(frame(f_data, end_stream, 1, bytes_view(enveloped("message")).substr(0, n)));
    CHECK(a.s.got.empty());
    CHECK(a.s.closed == 1);
    CHECK(count(a.take(), f_headers) == 1);
    a.check_usable(3);
}

TEST_CASE("a unary call with no message or two is refused before its handler acts") {
    attacked a;
    a.put(frame(f_headers, end_headers | end_stream, 1, grpc_head("/t.T/M")));
    a.put(frame(f_headers, end_headers, 3, grpc_head("/t.T/M")));
    a.put(frame(f_data, end_stream, 3, enveloped("one") + enveloped("two")));
    CHECK(a.s.got.empty());
    CHECK(a.s.closed == 2);
    CHECK(count(a.take(), f_headers) == 2);
}

TEST_CASE("an early gRPC answer is followed by a reset without blame") {
    attacked a(method_kind::bidi);
    a.s.on_message = [](call& c, bytes_view) { c.finish(fail(errc::bad_value, "f")); };
    a.call(1, "x", false);
    const auto all = a.take();
    REQUIRE(find(all, f_headers) != nullptr);
    const seen_frame* r = find(all, f_rst);
    REQUIRE(r != nullptr);
    CHECK(r->payload == bytes(4, '\0'));
    a.put(frame(f_data, end_stream, 1, enveloped("late"))); // ignored
    a.check_usable(3);
    CHECK(a.s.got.size() == 2);
}

TEST_CASE("an early answer to others swallows the rest of the body, up to a limit") {
    attacked a;
    const bytes head = hpack(
        {{":method", "POST"},
         {":scheme", "https"},
         {":path", "/t.T/Other"},
         {":authority", "broker.example"},
         {"content-type", "application/json"}}
    );
    a.put(frame(f_headers, end_headers, 1, head));
    auto all = a.take();
    CHECK(find(all, f_headers) != nullptr);
    CHECK(find(all, f_rst) == nullptr);
    const bytes part = frame(f_data, 0, 1, bytes(16'000, 'j'));
    std::size_t sent = 0;
    std::size_t granted = 0;
    for (; sent < 2 * limits::swallowed_body_bytes; sent += 16'000) {
        a.put(part);
        all = a.take();
        for (const auto& f : all) {
            if (f.type == f_window && f.id == 1) {
                reader r(f.payload);
                granted += r.u32();
            }
        }
        if (find(all, f_rst) != nullptr) break;
    }
    CHECK(find(all, f_rst) != nullptr);
    CHECK(sent >= limits::swallowed_body_bytes - 16'000);
    CHECK(granted > limits::swallowed_body_bytes / 2);
    a.check_usable(3);
}

TEST_CASE("request bytes held for one connection are bounded over all its calls") {
    attacked a(method_kind::bidi);
    // Every call announces the largest message there is and sends nearly all of it.
    bytes announced(1, '\0');
    put_u32(announced, limits::message_bytes);
    const std::size_t calls = 12;
    for (std::uint32_t i = 0; i < calls; ++i) {
        a.put(frame(f_headers, end_headers, 2 * i + 1, grpc_head("/t.T/M")));
        a.put(frame(f_data, 0, 2 * i + 1, announced));
    }
    const bytes part(16'000, 'h');
    std::size_t ended = 0;
    for (std::size_t at = 0; at + part.size() < limits::message_bytes; at += part.size()) {
        for (std::uint32_t i = 0; i < calls; ++i) a.put(frame(f_data, 0, 2 * i + 1, part));
        for (const auto& f : a.take()) ended += f.type == f_rst ? 1U : 0U;
    }
    CHECK(ended >= calls - limits::connection_held_bytes / limits::message_bytes);
    CHECK(ended < calls);
    CHECK(a.s.closed == static_cast<int>(ended));
}

TEST_CASE("a HEAD request gets no body") {
    attacked a;
    a.routes.add_page("/livez", [](const peer&) { return page{200, "text/plain", "alive\n"}; });
    for (const auto& [method, id] : {std::pair("HEAD", 1U), std::pair("GET", 3U)}) {
        a.put(frame(
            f_headers,
            end_headers | end_stream,
            id,
            hpack(
                {{":method", method},
                 {":scheme", "https"},
                 {":path", "/livez?x=1"},
                 {":authority", "broker.example"}}
            )
        ));
        const auto all = a.take();
        const seen_frame* h = find(all, f_headers);
        REQUIRE(h != nullptr);
        CHECK(((h->flags & end_stream) != 0) == (id == 1));
        CHECK((find(all, f_data) == nullptr) == (id == 1));
        if (id == 3) CHECK(find(all, f_data)->payload == "alive\n");
    }
}

TEST_CASE("an answer of 204 or 304 has no body, whatever its page says") {
    const int status = GENERATE(204, 304);
    attacked a;
    a.routes.add_page("/none", [&](const peer&) { return page{status, "text/plain", "a body"}; });
    a.put(frame(
        f_headers,
        end_headers | end_stream,
        1,
        hpack(
            {{":method", "GET"},
             {":scheme", "https"},
             {":path", "/none"},
             {":authority", "broker.example"}}
        )
    ));
    const auto all = a.take();
    const seen_frame* h = find(all, f_headers);
    REQUIRE(h != nullptr);
    CHECK(h->header(":status") == std::to_string(status));
    CHECK((h->flags & end_stream) != 0);
    CHECK(h->header("content-length").empty() == (status == 204));
    CHECK(find(all, f_data) == nullptr);
    a.check_usable(3);
}

TEST_CASE("a refused HEAD request gets no body either") {
    attacked a;
    a.take();
    a.put(frame(
        f_headers,
        end_headers | end_stream,
        1,
        hpack(
            {{":method", "HEAD"},
             {":scheme", "https"},
             {":path", "/nothing"},
             {":authority", "broker.example"}}
        )
    ));
    const auto all = a.take();
    REQUIRE(find(all, f_headers) != nullptr);
    CHECK((find(all, f_headers)->flags & end_stream) != 0);
    CHECK(find(all, f_data) == nullptr);
}

TEST_CASE("running handlers are bounded apart from streams") {
    attacked a(method_kind::bidi, {.max_streams = 2000, .max_age = {}});
    const auto all = static_cast<std::uint32_t>(limits::running_handlers) + 50;
    for (std::uint32_t i = 0; i < all; ++i) a.call(2 * i + 1, "x", false);
    CHECK(a.s.made == static_cast<int>(limits::running_handlers));
    const auto said = a.take();
    CHECK(count(said, f_headers) == 50);
    CHECK(count(said, f_rst) == 50);
    CHECK_FALSE(a.server->finished());
}

TEST_CASE("the last byte of anything may be missing") {
    // The preface and a whole call, cut after every byte, then the connection ends.
    bytes all = bytes(preface) + frame(f_settings, 0, 0, {}) +
                frame(f_headers, end_headers, 1, grpc_head("/t.T/M")) +
                frame(f_data, end_stream, 1, enveloped("x"));
    for (std::size_t n = 0; n <= all.size(); ++n) {
        bench b;
        script s;
        add(b.routes, "/t.T/M", method_kind::unary, s);
        b.open({}, false);
        b.put(bytes_view(all).substr(0, n));
        b.take();
        b.server->closed();
        REQUIRE(s.closed == s.made);
        REQUIRE(s.got.size() == (n == all.size() ? 1U : 0U));
    }
}
