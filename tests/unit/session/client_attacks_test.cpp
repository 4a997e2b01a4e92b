// What a hostile or broken broker answers a client, frame by frame.
#include "unit/session/pipe.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

// A client with one call open, and a broker that speaks by hand.
struct deceived {
    mono_time now = start_time;
    std::unique_ptr<client_connection> client = make_http2_client("broker.example", now);
    std::shared_ptr<observed> o = std::make_shared<observed>();
    std::shared_ptr<client_call> call;

    // `whole`: the request is ended.
    explicit deceived(bool whole = true) {
        put(frame(f_settings, 0, 0, {}));
        call = begin(o, whole);
        take();
    }
    std::shared_ptr<client_call> begin(const std::shared_ptr<observed>& to, bool whole = true) {
        auto c = client->start("/t.T/M", to, 5s, now);
        if (c == nullptr) return c;
        c->send("request");
        if (whole) c->half_close();
        return c;
    }
    void put(bytes_view in) { client->receive(in, now); }
    std::vector<seen_frame> take() {
        bytes all;
        for (;;) {
            const bytes part(client->output());
            if (part.empty()) break;
            all += part;
            client->sent(part.size(), now);
        }
        if (all.starts_with(preface)) all.erase(0, preface.size());
        return frames(all);
    }
    void head(std::uint32_t id = 1, bool last = false, bytes_view more = {}) {
        const bytes h = hpack({{":status", "200"}, {"content-type", "application/grpc"}});
        put(frame(f_headers, end_headers | (last ? end_stream : 0), id, h + bytes(more)));
    }
    void status(std::string_view status, bytes_view more = {}, std::uint32_t id = 1) {
        const bytes t = hpack({{"grpc-status", status}}) + bytes(more);
        put(frame(f_headers, end_headers | end_stream, id, t));
    }
    void check_ended(int grpc_status, std::string_view words = {}) {
        // What the engine itself finds wrong ends the stream once it is told to the peer.
        if (!o->end) take();
        REQUIRE(o->end);
        INFO(o->end->message);
        CHECK(o->end->grpc_status == grpc_status);
        CHECK(o->end->message.find(words) != std::string::npos);
        CHECK((grpc_status == 0) == (o->end->number == 0));
    }
    // The connection carries the next call.
    void check_usable(std::uint32_t id = 3) {
        auto next = std::make_shared<observed>();
        REQUIRE(begin(next) != nullptr);
        take();
        head(id);
        put(frame(f_data, 0, id, enveloped("answer")));
        status("0", {}, id);
        REQUIRE(next->end);
        CHECK(next->end->grpc_status == 0);
        CHECK(next->got == std::vector<std::string>{"answer"});
    }
};

} // namespace

TEST_CASE("a status that is no number of gRPC's is not a success") {
    const auto [text, as] = GENERATE(table<std::string, int>({
        {"0", 0},
        {"16", 16},
        {"x", 2},
        {"-1", 2},
        {"17", 2},
        {"0x0", 2},
        {"00000000000000000000", 0},
        {"4294967296", 2},
        {"", 2},
    }));
    INFO("grpc-status: " << text);
    deceived d;
    const bool at_once = GENERATE(true, false);
    if (at_once) {
        d.head(1, true, hpack({{"grpc-status", text}}));
    } else {
        d.head();
        d.status(text);
    }
    d.check_ended(as);
    d.check_usable();
}

TEST_CASE("an answer without a status is not a success") {
    deceived d;
    d.head();
    d.put(frame(f_data, 0, 1, enveloped("half the truth")));
    SECTION("trailers that say nothing") {
        d.put(frame(f_headers, end_headers | end_stream, 1, hpack({{"x", "y"}})));
        d.check_ended(2);
    }
    SECTION("the end without trailers") {
        d.put(frame(f_data, end_stream, 1, {}));
        d.check_ended(13, "no status");
    }
    CHECK(d.o->got.size() == 1);
    d.check_usable();
}

TEST_CASE("a success whose last message was cut short is a failure") {
    const bytes whole = enveloped("answer");
    const std::size_t n = GENERATE_COPY(range(std::size_t{1}, whole.size()));
    deceived d;
    d.head();
    d.put(frame(f_data, 0, 1, bytes_view(whole).substr(0, n)));
    d.status("0");
    d.check_ended(13, "cut short");
    CHECK(d.o->got.empty());
    d.check_usable();
}

TEST_CASE("a status told again in binary, padded or not or no base64 at all, is the same status") {
    const std::string details = GENERATE("CAgSBWJ1c3k=", "CAgSBWJ1c3k", "CAgS,BWJ1", "=", "%", "");
    INFO("grpc-status-details-bin: " << details);
    deceived d;
    d.head(1, false, hpack({{"x-bin", details}}));
    d.status(
        "8",
        hpack(
            {{"grpc-status-details-bin", details},
             {"cairn-error-number", "1004"},
             {"grpc-status-details-bin", details}}
        )
    );
    d.check_ended(8);
    CHECK(d.o->end->number == 1004);
    d.check_usable();
}

TEST_CASE("an HTTP status ends the call, also while the request is open") {
    const auto [status, as] = GENERATE(table<std::string, int>({
        {"400", 13},
        {"401", 16},
        {"403", 7},
        {"404", 12},
        {"429", 14},
        {"502", 14},
        {"503", 14},
        {"504", 14},
        {"500", 2},
        {"302", 2},
        {"204", 2},
    }));
    const bool whole = GENERATE(true, false);
    const bool with_body = GENERATE(true, false);
    deceived d(whole);
    const bytes head = hpack({{":status", status}, {"content-type", "application/json"}});
    if (with_body && status != "204") {
        d.put(frame(f_headers, end_headers, 1, head));
        d.put(frame(f_data, end_stream, 1, "{\"code\":\"unauthenticated\"}"));
    } else {
        d.put(frame(f_headers, end_headers | end_stream, 1, head));
    }
    d.check_ended(as, "HTTP status " + status);
    CHECK(d.o->got.empty());
    CHECK(d.o->end->retryable == (as == 14));
    // Nobody waits for the rest of the request.
    const auto said = d.take();
    if (!whole) REQUIRE(find(said, f_rst, 1) != nullptr);
    CHECK(find(said, f_data, 1) == nullptr);
    d.check_usable();
}

TEST_CASE("an answer of another kind than gRPC is not read as one") {
    const std::string type = GENERATE("text/html", "application/grpc-web+proto", "");
    deceived d;
    d.put(frame(f_headers, end_headers, 1, hpack({{":status", "200"}, {"content-type", type}})));
    d.put(frame(f_data, end_stream, 1, enveloped("looks like a message")));
    d.check_ended(2, "not gRPC");
    CHECK(d.o->got.empty());
    d.check_usable();
}

TEST_CASE("an interim answer is waited through") {
    deceived d;
    d.put(frame(f_headers, end_headers, 1, hpack({{":status", "103"}, {"link", "</x>"}})));
    CHECK_FALSE(d.o->end);
    d.head();
    d.put(frame(f_data, 0, 1, enveloped("answer")));
    d.status("0");
    d.check_ended(0);
    CHECK(d.o->got.size() == 1);
}

TEST_CASE("a compressed answer is refused") {
    deceived d;
    d.head();
    d.put(frame(f_data, 0, 1, enveloped("zip bomb", 1)));
    d.check_ended(12);
    CHECK(d.o->got.empty());
    const auto said = d.take();
    REQUIRE(find(said, f_rst, 1) != nullptr);
    CHECK(reset_code(*find(said, f_rst, 1)) == 8);
    d.put(frame(f_data, 0, 1, enveloped("late"))); // ignored
    d.check_usable();
}

TEST_CASE("an answer over the limit is refused by its length, before it arrives") {
    deceived d;
    d.head();
    bytes announced(1, '\0');
    put_u32(announced, limits::message_bytes + 1);
    d.put(frame(f_data, 0, 1, announced));
    d.check_ended(8);
    CHECK(d.o->end->number == 1203);
    CHECK(find(d.take(), f_rst, 1) != nullptr);
    d.check_usable();
}

TEST_CASE("a reset ends the call by its code") {
    const auto [code, as] = GENERATE(table<std::uint32_t, int>({
        {0, 13},
        {1, 13},
        {2, 13},
        {3, 13},
        {5, 13},
        {7, 14},
        {8, 1},
        {11, 8},
        {12, 13},
        {0xffffffff, 13},
    }));
    INFO("code " << code);
    deceived d(GENERATE(true, false));
    if (GENERATE(true, false)) d.head();
    bytes payload;
    put_u32(payload, code);
    d.put(frame(f_rst, 0, 1, payload));
    d.check_ended(as);
    CHECK(d.o->end->retryable == (code == 7 || code == 11));
    d.check_usable();
}

TEST_CASE("a reset without blame after the trailers changes nothing") {
    deceived d(false);
    d.head(1, true, hpack({{"grpc-status", "9"}, {"cairn-error-number", "1500x"}}));
    d.put(frame(f_rst, 0, 1, bytes(4, '\0')));
    d.check_ended(9);
    CHECK(d.o->end->number == static_cast<std::uint32_t>(errc::internal));
    d.check_usable();
}

TEST_CASE("a GOAWAY below a call's id says that it was never looked at") {
    deceived d;
    auto second = std::make_shared<observed>();
    REQUIRE(d.begin(second) != nullptr);
    d.take();
    bytes last;
    put_u32(last, 1);
    put_u32(last, 0);
    d.put(frame(f_goaway, 0, 0, last));
    REQUIRE(second->end);
    CHECK(second->end->grpc_status == 14);
    CHECK(second->end->retryable);
    CHECK(d.client->going_away());
    CHECK(d.client->start("/t.T/M", second, {}, d.now) == nullptr);
    // The one it did look at goes on.
    CHECK_FALSE(d.o->end);
    d.head();
    d.put(frame(f_data, 0, 1, enveloped("answer")));
    d.status("0");
    d.check_ended(0);
    CHECK(d.client->finished());
}

TEST_CASE("headers without end are not kept") {
    deceived d;
    d.head();
    bytes many;
    for (int i = 0; i < 100; ++i) many += hpack({{"cairn-x", std::string(150, 'x')}});
    d.put(frame(f_headers, 0, 1, bytes_view(many).substr(0, 16'000)));
    d.put(frame(f_continuation, end_headers, 1, many.substr(16'000) + hpack({{"y", "z"}})));
    // Trailers must end the stream; these did not, which is the peer's fault.
    d.check_ended(13);
    d.check_usable();
}

TEST_CASE("noise ends every call once and does no harm") {
    const unsigned seed = GENERATE(range(1U, 80U));
    INFO("seed " << seed);
    deceived d(seed % 3 == 0);
    d.head();
    unsigned v = seed;
    const auto next = [&] {
        v = v * 1664525U + 1013904223U;
        return static_cast<std::uint8_t>(v >> 24U);
    };
    bytes noise;
    for (int i = 0; i < 200; ++i) {
        bytes part;
        for (int k = 0; k < 12; ++k) part.push_back(static_cast<char>(next()));
        // Half of them look like frames.
        noise += seed % 2 == 0 ? frame(next() % 10, next() & 0x2dU, next() % 6, part) : part;
    }
    d.put(noise);
    d.take();
    d.client->closed();
    REQUIRE(d.o->end);
    CHECK(d.client->finished());
    CHECK(d.client->start("/t.T/M", d.o, {}, d.now) == nullptr);
}

TEST_CASE("what is not HTTP/2 ends the calls") {
    deceived d;
    d.put("HTTP/1.1 400 Bad Request\r\n\r\n");
    d.check_ended(14);
    CHECK(d.client->finished());
    CHECK(d.client->output().empty());
}
