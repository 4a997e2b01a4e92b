// The HTTP/2 server connection: streams, order of events, limits and timers over http2_engine.
//
// Invariants:
//  1. Handlers run from run_events(), tick and the streams' sinks' owners only, never while the
//     engine is on the stack: its callbacks note events, which are worked off when it returned.
//  2. A stream leaves the map only in run_events(), after its exchange was told and destroyed.
//  3. After `broken_` nothing is written and every exchange has been told.
#pragma once

#include "session/connection.hpp"
#include "session/http2_stream.hpp"

#include <unordered_map>

namespace cairn::session {

class http2_server final : public server_connection, private engine_events, public stream_owner {
public:
    http2_server(const router& routes, peer who, server_settings settings, mono_time now);
    ~http2_server() override;
    http2_server(const http2_server&) = delete;
    http2_server& operator=(const http2_server&) = delete;

    void receive(bytes_view in, mono_time now) override;
    void closed() override;
    bytes_view output() override;
    void sent(std::size_t n, mono_time now) override;
    void output_waits(bool waits) override { output_waits_ = waits; }
    [[nodiscard]] bool wants_read() const override;
    [[nodiscard]] bool finished() const override;
    [[nodiscard]] std::optional<mono_time> next_deadline() const override;
    void tick(mono_time now) override;
    void shut_down(mono_time now) override;
    void on_output(std::function<void()> wake) override { wake_ = std::move(wake); }
    [[nodiscard]] const session_counters& counters() const override { return counters_; }

private:
    // Serving; announced that the end comes; last GOAWAY sent; remaining calls ended by us.
    enum class phase : std::uint8_t { serving, announced, draining, ending };
    struct event {
        enum class what : std::uint8_t { open, data, end, closed } kind;
        std::int32_t id;
        bytes_view part;
    };

    // engine_events
    void head_begins(std::int32_t id) override;
    void header(std::int32_t id, bytes_view name, bytes_view value) override;
    void head_ends(std::int32_t id, bool last) override;
    void data(std::int32_t id, bytes_view part) override;
    void data_ends(std::int32_t id, bool last, bool empty) override;
    void stream_closed(std::int32_t id, std::uint32_t code) override;
    void frame_received() override;
    void ping_answered(std::uint64_t what) override;
    void goaway_received() override {}
    void frame_invalid() override;
    void end_sent(std::int32_t id) override;
    void reset_sent(std::int32_t id, std::uint32_t code) override;
    body_pull pull(std::int32_t id, char* to, std::size_t room) override;
    const header_list& trailers(std::int32_t id) override;

    // stream_owner
    http2_engine& engine() override { return *engine_; }
    void stream_answered(http2_stream& s) override { answered_.push_back(s.id()); }
    void stream_wrote(std::size_t n) override;
    void stream_pulled(http2_stream& s, std::size_t n, bool fell) override;
    void message_counted(bool in) override;

    http2_stream* find(std::int32_t id);
    void run_events();
    void open_stream(http2_stream& s);
    void turn_away(http2_stream& s, const failure& why, int http = 0);
    void blame(std::size_t& faults);
    void take_body(http2_stream& s, bytes_view part);
    void swallow(http2_stream& s, std::size_t n);
    void close_stream(std::int32_t id);
    void drop_exchange(http2_stream& s);
    void settle_answered();
    void note(http2_stream& s);
    void break_off();

    // http2_timers.cpp
    void check_connection();
    void check_end();
    void check_streams();
    bool check_stream(http2_stream& s);

    const router& routes_;
    const peer who_;
    server_settings settings_;
    session_counters counters_;
    std::unordered_map<std::int32_t, std::unique_ptr<http2_stream>> streams_;
    std::unique_ptr<http2_engine> engine_;
    std::vector<event> events_;
    std::vector<std::int32_t> answered_;
    std::vector<std::int32_t> drained_;
    std::function<void()> wake_;
    bytes out_;
    std::size_t out_at_ = 0;
    std::size_t queued_ = 0; // response bytes of all streams
    std::size_t held_ = 0;   // request bytes of all streams
    std::size_t running_ = 0;
    std::size_t invalid_frames_ = 0;
    std::size_t provoked_resets_ = 0;
    bool inside_ = false; // receive, sent, tick or shut_down is on the stack: no wake needed
    bool woken_ = false;
    bool broken_ = false;
    bool output_waits_ = false;
    bool greeted_ = false; // the peer's first whole frame came
    phase phase_ = phase::serving;

    mono_time now_;
    mono_time born_;
    mono_time frame_at_;
    mono_time busy_at_; // last time a stream was open
    mono_time look_at_; // next look at the streams
    mono_time write_at_;
    bool output_moved_ = true;
    mono_time soonest_ = mono_time::max(); // no call's deadline is before
    std::optional<mono_time> pinged_at_;
    mono_time phase_ends_at_ = mono_time::max();
    mono_time drain_ends_at_ = mono_time::max();
};

} // namespace cairn::session
