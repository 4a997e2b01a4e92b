// One request at the server: its head while it arrives, its exchange, its response while it waits.
#pragma once

#include "session/http2_engine.hpp"
#include "session/send_buffer.hpp"

namespace cairn::session {

class http2_stream;

// What a stream needs of its connection.
class stream_owner {
public:
    virtual ~stream_owner() = default;
    virtual http2_engine& engine() = 0;
    // The response is complete or given up: the exchange may go at the next turn.
    virtual void stream_answered(http2_stream& s) = 0;
    // Output appeared.
    virtual void stream_wrote(std::size_t n) = 0;
    // Body left for the network; `fell`: below half the limit after having been above it.
    virtual void stream_pulled(http2_stream& s, std::size_t n, bool fell) = 0;
    virtual void message_counted(bool in) = 0;
};

class http2_stream final : public response_sink {
public:
    http2_stream(stream_owner& owner, std::int32_t id) : owner_(owner), id_(id) {}

    void start(int status, const header_list& headers, bool end) override;
    void write(bytes_view body) override;
    void end(const header_list& trailers) override;
    void abort() override;
    [[nodiscard]] std::size_t queued() const override { return out_.size(); }
    void consumed(std::size_t n) override;
    void count_message(bool in) override { owner_.message_counted(in); }

    [[nodiscard]] std::int32_t id() const { return id_; }
    body_pull pull(char* to, std::size_t room);
    [[nodiscard]] const header_list& trailers() const { return trailers_; }
    // Takes one header of the request. Past the limit the head is forgotten but for what tells how
    // to refuse: the method and the first content type.
    void take_header(bytes_view name, bytes_view value);
    // The exchange has taken what it needs of the head.
    void release_head();
    [[nodiscard]] bool is_grpc() const { return grpc_; }
    [[nodiscard]] bool head_too_large() const;
    [[nodiscard]] bool ended() const { return ended_; }
    // The response cannot go on: what waits is dropped.
    void discard_output();

    request_head head;
    std::unique_ptr<http_exchange> exchange;
    bool opened = false;        // the exchange was made, or refused
    bool request_ended = false; // as read from the wire
    bool gone = false;          // the engine closed the stream
    std::size_t swallowed = 0;
    std::size_t empty_frames = 0;
    std::size_t held = 0; // the exchange's buffered(), as last seen
    // Since the last look by the timers.
    bool body_moved = true;
    bool output_moved = true;
    mono_time body_at{};
    mono_time output_at{};

private:
    void keep_type_only();

    stream_owner& owner_;
    std::int32_t id_;
    std::size_t head_bytes_ = 0;
    bool typed_ = false; // a content type came
    bool grpc_ = false;
    bool no_body_ = false; // HEAD, 204, 304
    bool ended_ = false;
    bool waiting_ = false; // the engine asked and there was nothing
    bool above_ = false;
    send_buffer out_;
    header_list trailers_;
};

} // namespace cairn::session
