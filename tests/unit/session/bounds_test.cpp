// What one connection may cost, whatever its peer does: bytes, handlers, resets.
#include "unit/session/pipe.hpp"

#include <malloc.h>
#include <stdexcept>

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

struct bounded : bench {
    script s;
    explicit bounded(method_kind kind = method_kind::unary, bytes_view settings = {}) {
        add(routes, "/t.T/M", kind, s);
        open({}, false);
        put(bytes(preface) + frame(f_settings, 0, 0, settings));
    }
};

// SETTINGS_INITIAL_WINDOW_SIZE.
const bytes no_window("\0\x04\0\0\0\0", 6);
const bytes wide_window("\0\x04\x7f\xff\xff\xff", 6);

// Of the whole process; zero under a sanitizer with an allocator of its own.
std::size_t heap_bytes() {
    const auto m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

std::string as_bytes(std::uint32_t v) {
    bytes out;
    put_u32(out, v);
    return out;
}

} // namespace

TEST_CASE("a header field repeated by one byte each adds up to nothing") {
    const std::string type = GENERATE("application/grpc;", "application/json;");
    const bool repeats_type = GENERATE(true, false);
    bounded b;
    b.take();
    // One field of 4 KiB enters the decoder's table; each further byte of the block names it.
    const std::string value = type + std::string(4'000, 'x');
    bytes head = hpack(
        {{":method", "POST"},
         {":scheme", "https"},
         {":path", "/t.T/M"},
         {":authority", "broker.example"}}
    );
    if (!repeats_type) head += hpack({{"content-type", type}});
    bytes field = hpack({{repeats_type ? "content-type" : "x-filler-xxx", value}});
    field[0] = '\x40'; // with incremental indexing
    head += field;
    head.resize(16'384, '\xbe');
    const std::size_t before = heap_bytes();
    b.put(frame(f_headers, 0, 1, head));
    const bytes more(16'384, '\xbe');
    for (int i = 0; i < 3; ++i) {
        CHECK(heap_bytes() < before + 128 * 1024);
        b.put(frame(f_continuation, i == 2 ? end_headers : 0, 1, more));
    }
    CHECK(heap_bytes() < before + 128 * 1024);
    const auto all = b.take();
    const seen_frame* h = find(all, f_headers);
    REQUIRE(h != nullptr);
    const bool grpc = type == "application/grpc;";
    CHECK(h->header(":status") == (grpc ? "200" : "431"));
    CHECK(h->header("grpc-status") == (grpc ? "8" : ""));
    CHECK(h->header("content-type").size() <= 64);
    CHECK(b.s.made == 0);
    CHECK_FALSE(b.server->finished());
}

TEST_CASE("a peer that provokes resets is told to calm down") {
    bounded b;
    const bool overflow = GENERATE(true, false);
    const auto misbehave = [&](std::uint32_t id) {
        if (overflow) {
            b.call(id, "x");
            return b.put(frame(f_window, 0, id, as_bytes(0x7fffffff)));
        }
        // A length the body does not keep.
        b.put(frame(
            f_headers, end_headers, id, grpc_head("/t.T/M") + hpack({{"content-length", "7"}})
        ));
        b.put(frame(f_data, end_stream, id, enveloped("x")));
    };
    std::vector<seen_frame> last;
    std::uint32_t id = 1;
    for (; id < 20'001 && !b.server->finished(); id += 2) {
        misbehave(id);
        last = b.take();
    }
    CHECK(b.server->finished());
    CHECK(id / 2 <= limits::invalid_frames + 2);
    const seen_frame* g = find(last, f_goaway);
    REQUIRE(g != nullptr);
    CHECK(goaway_code(*g) == 11);
    b.server->sent(0, b.now);
    CHECK(b.s.closed == b.s.made);
    CHECK(b.s.made <= static_cast<int>(limits::invalid_frames) + 1);
}

TEST_CASE("a few faults are forgiven") {
    bounded b;
    for (std::uint32_t i = 0; i < limits::invalid_frames; ++i) {
        b.call(2 * i + 1, "x");
        b.put(frame(f_window, 0, 2 * i + 1, as_bytes(0x7fffffff)));
        const auto all = b.take();
        REQUIRE(find(all, f_rst, 2 * i + 1) != nullptr);
    }
    CHECK_FALSE(b.server->finished());
    CHECK(b.s.closed == b.s.made);
}

TEST_CASE("200 streams whose reader stops are read no further than the limit") {
    bounded b(method_kind::unary, wide_window);
    b.put(frame(f_window, 0, 0, as_bytes(0x7fff0000)));
    const std::size_t answer = 100'000;
    b.s.on_message = [&](call& c, bytes_view) {
        c.send(std::string(answer, 'a'));
        c.finish();
    };
    // As a driver does: one write is under way, and the socket takes nothing of it.
    b.server->sent(b.server->output().size(), b.now);
    b.server->output_waits(true);
    std::uint32_t calls = 0;
    for (; calls < 200 && b.server->wants_read(); ++calls) b.call(2 * calls + 1, "x");
    CHECK(calls > limits::connection_queued_bytes / answer - 2);
    CHECK(calls <= limits::connection_queued_bytes / answer + 1);
    // It reads again: everything leaves, the others have their turn.
    b.server->output_waits(false);
    std::size_t ended = 0;
    const auto note = [&](const std::vector<seen_frame>& all) {
        for (const auto& f : all) ended += (f.flags & end_stream) != 0 && f.type != f_settings;
    };
    note(b.take());
    CHECK(b.server->wants_read());
    for (; calls < 200; ++calls) {
        b.call(2 * calls + 1, "x");
        note(b.take());
    }
    CHECK(ended == 200);
    CHECK(b.s.closed == 200);
}

TEST_CASE("a peer that is not read is not blamed for its silence") {
    bounded b(method_kind::unary, wide_window);
    b.put(frame(f_window, 0, 0, as_bytes(0x7fff0000)));
    b.s.on_message = [](call& c, bytes_view) {
        c.send(std::string(100'000, 'a'));
        c.finish();
    };
    b.call(1, "x", false); // its end comes later
    b.server->sent(b.server->output().size(), b.now);
    b.server->output_waits(true);
    for (std::uint32_t id = 3; b.server->wants_read(); id += 2) b.call(id, "x");
    b.pass(limits::keepalive_ping + limits::ping_answer + limits::body_progress);
    CHECK_FALSE(b.server->finished());
    b.server->output_waits(false);
    b.take();
    b.put(frame(f_data, end_stream, 1, {}));
    CHECK(find(b.take(), f_data, 1) != nullptr);
    // From here on silence counts again.
    b.pass(limits::keepalive_ping + limits::ping_answer + 5s);
    CHECK(b.server->finished());
}

TEST_CASE("output that waits for the peer's windows does not stop the reading") {
    bounded b(method_kind::unary, no_window);
    b.s.on_message = [](call& c, bytes_view) {
        c.send(std::string(100'000, 'a'));
        c.finish();
    };
    for (std::uint32_t i = 0; i < 100; ++i) b.call(2 * i + 1, "x");
    b.take();
    // The socket is free; only a WINDOW_UPDATE, which must be read, lets anything go.
    CHECK(b.server->wants_read());
}

TEST_CASE("400 streams with no window: 256 run, the rest is refused, time frees them all") {
    bounded b(method_kind::server_stream, no_window);
    b.s.on_message = [](call& c, bytes_view) { c.send("cannot leave"); };
    for (std::uint32_t i = 0; i < 400; ++i) b.call(2 * i + 1, "x");
    CHECK(b.s.made == static_cast<int>(limits::streams));
    const auto codes = [](const std::vector<seen_frame>& all, std::uint32_t code) {
        return std::count_if(all.begin(), all.end(), [&](const auto& f) {
            return f.type == f_rst && reset_code(f) == code;
        });
    };
    CHECK(codes(b.take(), 7) == 400 - limits::streams);
    CHECK(b.server->counters().refused_streams == 400 - limits::streams);
    CHECK(b.s.closed == 0);
    CHECK(codes(b.live(limits::write_stall + 10s), 8) == limits::streams);
    CHECK(b.s.closed == b.s.made);
    CHECK_FALSE(b.server->finished());
    b.put(frame(f_settings, 0, 0, wide_window));
    b.call(1001, "x");
    CHECK(find(b.take(), f_data, 1001) != nullptr);
}

TEST_CASE("a handler that throws has its last event all the same, as every other") {
    bounded b(method_kind::bidi);
    const auto thrower = [](call&) { throw std::runtime_error("planted"); };
    b.call(1, "x", false);
    b.call(3, "x", false);
    SECTION("in on_message") {
        b.s.on_message = [&](call& c, bytes_view) { thrower(c); };
        CHECK_THROWS(b.call(5, "x", false));
    }
    SECTION("in on_end") {
        b.s.on_message = [](call& c, bytes_view) { c.read_more(); };
        b.s.on_end = thrower;
        CHECK_THROWS(b.call(5, "x"));
    }
    SECTION("in on_writable") {
        b.s.on_message = [](call& c, bytes_view) { c.send(std::string(100'000, 'x')); };
        b.s.on_writable = thrower;
        b.call(5, "x", false);
        CHECK_THROWS([&] {
            b.put(frame(f_window, 0, 0, as_bytes(200'000)));
            b.put(frame(f_window, 0, 5, as_bytes(200'000)));
            b.take();
        }());
    }
    SECTION("in the factory of another") {
        method bad;
        bad.path = "/t.T/Bad";
        bad.make = [](call&) -> std::unique_ptr<handler> { throw std::runtime_error("planted"); };
        b.routes.add(bad);
        CHECK_THROWS(b.put(frame(f_headers, end_headers, 5, grpc_head("/t.T/Bad"))));
    }
    SECTION("in on_closed itself") {
        b.s.on_closed = thrower;
        CHECK_THROWS(b.server->closed());
        b.s.on_closed = [](call&) {};
    }
    b.server->closed();
    CHECK(b.s.closed == b.s.made);
    CHECK(b.s.made >= 2);
    CHECK(b.server->finished());
}
