// One call of the client: what waits to be sent, what of the answer has come.
#pragma once

#include "session/client.hpp"
#include "session/envelope.hpp"
#include "session/http2_engine.hpp"
#include "session/send_buffer.hpp"

namespace cairn::session {

class http2_call;

// What a call needs of its connection.
class call_owner {
public:
    virtual ~call_owner() = default;
    virtual http2_engine& engine() = 0;
    // Output appeared.
    virtual void wrote() = 0;
    // Ends the call from our side: the stream is reset and what still comes for it is dropped.
    virtual void finish_call(http2_call& c, const call_end& how, std::uint32_t code) = 0;
};

class http2_call final : public client_call {
public:
    // `owner` outlives the call or ends it.
    http2_call(call_owner& owner, std::shared_ptr<call_observer> o, mono_time until);

    void send(bytes_view message) override;
    void half_close() override;
    void cancel() override;
    [[nodiscard]] std::size_t pending() const override { return out_.size(); }

    body_pull pull(char* to, std::size_t room, bool& fell);
    // Takes one header of the block that is arriving; what tells nothing about the end is dropped.
    void take_header(bytes_view name, bytes_view value);
    void forget_headers();
    // The block is whole. False: the answer is not gRPC, its body is none of ours.
    [[nodiscard]] bool take_head();
    // As the answer says it; `trailers`: its last block has the status. A success of which a
    // message was cut short is none.
    [[nodiscard]] call_end end_of_answer(bool trailers) const;
    // Hands out whole messages.
    void take_body(bytes_view part);
    // on_end, once.
    void end(const call_end& how);
    [[nodiscard]] bool ended() const { return owner_ == nullptr; }
    [[nodiscard]] const std::shared_ptr<call_observer>& observer() const { return observer_; }

    std::int32_t id = 0;
    const mono_time deadline;
    bool sent_whole = false; // our side of the stream is ended
    bool closed = false;     // the engine has forgotten the stream

private:
    call_owner* owner_; // null after on_end
    std::shared_ptr<call_observer> observer_;
    send_buffer out_;
    envelope_reader in_;
    header_list headers_; // the block that is arriving or came last
    std::size_t header_bytes_ = 0;
    int status_ = 0;
    bool head_seen_ = false; // of the answer; what follows are trailers
    bool foreign_ = false;   // the head does not say gRPC and 200
    bool half_closed_ = false;
    bool waiting_ = false;
    bool above_ = false;
};

} // namespace cairn::session
