// What is cut short, too long or no HTTP/2 at all.
#include "unit/session/attacked.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

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
