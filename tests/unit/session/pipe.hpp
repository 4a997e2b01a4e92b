// Two engines back to back, without a socket; and frames made by hand for what no engine would
// send.
#pragma once

#include "core/limits.hpp"
#include "session/client.hpp"
#include "session/connection.hpp"
#include "unit/session/hpack.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

namespace cairn::session::test {

using namespace std::chrono_literals;

inline constexpr mono_time start_time{std::chrono::hours(1)};

// A handler whose behaviour is given by the test; notes what happened to it.
struct script {
    std::function<void(call&, bytes_view)> on_message = [](call&, bytes_view) {};
    std::function<void(call&)> on_end = [](call&) {};
    std::function<void(call&)> on_writable = [](call&) {};
    std::vector<std::string> got;
    int ended = 0;
    int closed = 0;
    int made = 0;
    std::function<void(call&)> on_closed = [](call&) {};
    std::vector<std::weak_ptr<call>> calls;
};

class scripted final : public handler {
public:
    explicit scripted(script& s) : s_(s) {}
    void on_message(call& c, bytes_view m) override {
        s_.got.emplace_back(m);
        s_.on_message(c, m);
    }
    void on_end(call& c) override {
        ++s_.ended;
        s_.on_end(c);
    }
    void on_writable(call& c) override { s_.on_writable(c); }
    void on_closed(call& c) override {
        ++s_.closed;
        s_.on_closed(c);
    }

private:
    script& s_;
};

inline void add(router& r, std::string path, method_kind kind, script& s) {
    method m;
    m.path = std::move(path);
    m.kind = kind;
    m.make = [&s](call& c) {
        ++s.made;
        s.calls.push_back(c.weak_from_this());
        return std::make_unique<scripted>(s);
    };
    r.add(std::move(m));
}

struct observed final : call_observer {
    std::vector<std::string> got;
    std::optional<call_end> end;
    int writable = 0;
    void on_message(bytes_view m) override { got.emplace_back(m); }
    void on_end(const call_end& how) override {
        REQUIRE_FALSE(end.has_value());
        end = how;
    }
    void on_writable() override { ++writable; }
};

// Moves bytes both ways until nothing moves, in pieces of at most `step`.
inline void
run(client_connection& c, server_connection& s, mono_time now, std::size_t step = 1 << 20) {
    const auto move = [&](auto& from, auto& to) {
        const bytes all(from.output());
        for (std::size_t at = 0; at < all.size(); at += step) {
            to.receive(bytes_view(all).substr(at, step), now);
        }
        from.sent(all.size(), now);
        return !all.empty();
    };
    for (int rounds = 0; rounds < 100000; ++rounds) {
        const bool a = move(c, s);
        const bool b = move(s, c);
        if (!a && !b) return;
    }
    FAIL("the two never come to rest");
}

// ---- frames by hand (RFC 9113 section 4.1) ----

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum frame_type : std::uint8_t {
    f_data = 0,
    f_headers = 1,
    f_rst = 3,
    f_settings = 4,
    f_ping = 6,
    f_goaway = 7,
    f_window = 8,
    f_continuation = 9
};
inline constexpr std::uint8_t end_stream = 1;
inline constexpr std::uint8_t end_headers = 4;
inline constexpr std::uint8_t ack = 1;

inline bytes frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, bytes_view payload) {
    bytes out;
    put_u32(out, static_cast<std::uint32_t>(payload.size()));
    out.erase(0, 1);
    out.push_back(static_cast<char>(type));
    out.push_back(static_cast<char>(flags));
    put_u32(out, id);
    out += payload;
    return out;
}

// Literal header field without indexing, no Huffman (RFC 7541 section 6.2.2).
inline bytes hpack(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    bytes out;
    const auto text = [&](std::string_view t) {
        if (t.size() < 127) {
            out.push_back(static_cast<char>(t.size()));
        } else {
            out.push_back(127);
            std::size_t rest = t.size() - 127;
            for (; rest >= 128; rest /= 128) out.push_back(static_cast<char>(rest % 128 | 128));
            out.push_back(static_cast<char>(rest));
        }
        out += t;
    };
    for (const auto& [name, value] : fields) {
        out.push_back(0);
        text(name);
        text(value);
    }
    return out;
}

inline bytes grpc_head(std::string_view path) {
    return hpack(
        {{":method", "POST"},
         {":scheme", "https"},
         {":path", path},
         {":authority", "broker.example"},
         {"te", "trailers"},
         {"content-type", "application/grpc"}}
    );
}

inline bytes enveloped(bytes_view message, std::uint8_t flags = 0) {
    bytes out(1, static_cast<char>(flags));
    put_u32(out, static_cast<std::uint32_t>(message.size()));
    return out + bytes(message);
}

struct seen_frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t id = 0;
    bytes payload;
    header_list headers; // where a bench decoded them

    [[nodiscard]] std::string header(std::string_view name) const {
        for (const auto& [n, v] : headers) {
            if (n == name) return v;
        }
        return {};
    }
};

// Cuts what a peer wrote into frames. Header blocks stay encoded.
inline std::vector<seen_frame> frames(bytes_view in) {
    std::vector<seen_frame> out;
    reader r(in);
    while (!r.rest().empty()) {
        const std::uint32_t high = r.u8();
        const std::uint32_t size = high << 16U | r.u16();
        seen_frame f;
        f.type = r.u8();
        f.flags = r.u8();
        f.id = r.u32();
        f.payload = bytes(r.take(size));
        REQUIRE(r.ok());
        out.push_back(std::move(f));
    }
    return out;
}

inline const seen_frame* find(const std::vector<seen_frame>& all, std::uint8_t type) {
    for (const auto& f : all) {
        if (f.type == type) return &f;
    }
    return nullptr;
}

inline const seen_frame*
find(const std::vector<seen_frame>& all, std::uint8_t type, std::uint32_t id) {
    for (const auto& f : all) {
        if (f.type == type && f.id == id) return &f;
    }
    return nullptr;
}

inline std::size_t count(const std::vector<seen_frame>& all, std::uint8_t type) {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& f) {
        return f.type == type;
    }));
}

inline std::uint32_t reset_code(const seen_frame& f) {
    return reader(f.payload).u32();
}

inline std::uint32_t goaway_code(const seen_frame& f) {
    reader r(bytes_view(f.payload).substr(4));
    return r.u32();
}

// A server and a peer that speaks by hand.
struct bench {
    router routes;
    mono_time now = start_time;
    std::unique_ptr<server_connection> server;
    hpack_reader heads;

    void open(server_settings settings = {}, bool greet = true) {
        server = make_http2_server(routes, {}, settings, now);
        if (greet) put(bytes(preface) + frame(f_settings, 0, 0, {}));
    }
    void put(bytes_view in) { server->receive(in, now); }
    // Everything the server has to say.
    std::vector<seen_frame> take() {
        bytes all;
        for (;;) {
            const bytes part(server->output());
            if (part.empty()) break;
            all += part;
            server->sent(part.size(), now);
        }
        auto out = frames(all);
        for (auto& f : out) {
            if (f.type == f_headers) f.headers = heads.read(f.payload);
        }
        return out;
    }
    // A request by hand; `whole`: its end too.
    void call(std::uint32_t id, bytes_view message, bool whole = true) {
        put(frame(f_headers, end_headers, id, grpc_head("/t.T/M")));
        put(frame(f_data, whole ? end_stream : 0, id, enveloped(message)));
    }
    // A peer that lives: takes everything, answers every PING, for as long as it takes.
    std::vector<seen_frame> live(duration d, duration step = 5s) {
        std::vector<seen_frame> all;
        for (duration gone{}; gone < d && !server->finished(); gone += step) {
            pass(std::min(step, d - gone));
            for (auto& f : take()) {
                if (f.type == f_ping && (f.flags & ack) == 0) put(frame(f_ping, ack, 0, f.payload));
                all.push_back(std::move(f));
            }
        }
        return all;
    }
    // Lets time pass as a driver would, tick by tick.
    void pass(duration d) {
        const mono_time until = now + d;
        while (!server->finished()) {
            const auto next = server->next_deadline();
            if (!next || *next > until) break;
            now = std::max(now, *next);
            server->tick(now);
        }
        now = until;
    }
};

} // namespace cairn::session::test
