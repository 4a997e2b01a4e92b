// What a hostile or broken peer sends too much of, frame by frame.
#include "unit/session/attacked.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

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
