// The engine in client mode: gRPC calls over one HTTP/2 connection.
//
// Invariants: as in http2_server.hpp, observers run from run_events(), tick() and closed() only;
// every call that started gets exactly one on_end.
#pragma once

#include "session/http2_call.hpp"

#include <map>
#include <optional>

namespace cairn::session {

class http2_client final : public client_connection, private engine_events, public call_owner {
public:
    http2_client(std::string authority, mono_time now);
    ~http2_client() override;
    http2_client(const http2_client&) = delete;
    http2_client& operator=(const http2_client&) = delete;

    void receive(bytes_view in, mono_time now) override;
    void closed() override;
    bytes_view output() override;
    void sent(std::size_t n, mono_time now) override;
    [[nodiscard]] bool finished() const override;
    [[nodiscard]] std::optional<mono_time> next_deadline() const override;
    void tick(mono_time now) override;
    void on_output(std::function<void()> wake) override { wake_ = std::move(wake); }
    std::shared_ptr<client_call> start(
        std::string_view path,
        std::shared_ptr<call_observer> observer,
        duration timeout,
        mono_time now
    ) override;
    [[nodiscard]] bool going_away() const override { return going_away_ || broken_; }

    // call_owner
    http2_engine& engine() override { return *engine_; }
    void wrote() override;
    void finish_call(http2_call& c, const call_end& how, std::uint32_t code) override;

private:
    struct event {
        // The head is not gRPC's; a part of the body; the answer's end, with trailers or without;
        // the stream is gone.
        enum class what : std::uint8_t { foreign, data, trailers, end, closed } kind;
        std::int32_t id;
        std::uint32_t code;
        bytes_view part;
    };

    // engine_events
    void head_begins(std::int32_t id) override;
    void header(std::int32_t id, bytes_view name, bytes_view value) override;
    void head_ends(std::int32_t id, bool last) override;
    void data(std::int32_t id, bytes_view part) override { push({event::what::data, id, 0, part}); }
    void data_ends(std::int32_t id, bool last, bool empty) override;
    void stream_closed(std::int32_t id, std::uint32_t code) override;
    void frame_received() override;
    void ping_answered(std::uint64_t) override {}
    void goaway_received() override { going_away_ = true; }
    void frame_invalid() override {}
    void end_sent(std::int32_t id) override;
    void reset_sent(std::int32_t, std::uint32_t) override {}
    body_pull pull(std::int32_t id, char* to, std::size_t room) override;
    const header_list& trailers(std::int32_t) override { return none_; }

    void push(const event& e) { events_.push_back(e); }
    std::shared_ptr<http2_call> find(std::int32_t id);
    void run_events();
    void work_off(http2_call& c, const event& e);
    void answer_ended(http2_call& c, const call_end& how);
    void break_off(const call_end& how);

    std::string authority_;
    std::unique_ptr<http2_engine> engine_;
    std::map<std::int32_t, std::shared_ptr<http2_call>> calls_;
    std::vector<event> events_;
    std::vector<std::int32_t> drained_;
    header_list none_;
    std::function<void()> wake_;
    bytes out_;
    std::size_t out_at_ = 0;
    bool inside_ = false;
    bool woken_ = false;
    bool broken_ = false;
    bool going_away_ = false;
    bool output_moved_ = true;
    mono_time now_;
    mono_time frame_at_;
    mono_time write_at_;
    std::optional<mono_time> pinged_at_;
};

} // namespace cairn::session
