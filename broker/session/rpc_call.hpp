// One call between a wire form and its handler: cuts the request body into messages, hands them to
// the handler one at a time, writes what the handler answers.
//
// Invariants:
//  1. The handler is never entered while it is on the stack: events that arrive meanwhile are taken
//     up when it returns.
//  2. on_closed is never run from inside finish(): a handler may end its call from anywhere in its
//     own code. It runs when the exchange is next driven, or destroyed.
//  3. Every byte of request body is granted back exactly once: when taken, when it belongs to a
//     message still incomplete (bounded by limits::message_bytes), or when the call is finished.
#pragma once

#include "session/envelope.hpp"
#include "session/reply.hpp"

namespace cairn::session {

// What accept_exchange found out about a request.
struct rpc_head {
    wire_form form = wire_form::grpc;
    codec how = codec::proto;
    std::string content_type;
    std::string traceparent;
    std::optional<mono_time> deadline;
};

class rpc_call final : public call {
public:
    rpc_call(const method& m, const peer& who, rpc_head head, response_sink& sink, mono_time now);
    ~rpc_call() override;

    [[nodiscard]] std::string_view path() const override { return method_.path; }
    [[nodiscard]] const peer& who() const override { return *who_; }
    [[nodiscard]] codec how() const override { return head_.how; }
    [[nodiscard]] std::string_view traceparent() const override { return head_.traceparent; }
    [[nodiscard]] std::optional<mono_time> deadline() const override { return head_.deadline; }
    void send(bytes_view message) override;
    void finish(const status& how) override;
    void read_more() override;
    [[nodiscard]] std::size_t queued() const override { return sink_ ? sink_->queued() : 0; }
    [[nodiscard]] bool alive() const override { return !finished_; }

    // Makes the handler; apart from the constructor because handlers take weak_from_this().
    void begin();
    void body(bytes_view part);
    void body_end();
    void drained();
    // The sink is gone; on_closed runs before this returns.
    void detach();
    void tick(mono_time now);
    // Runs on_closed if the call is finished.
    void settle();

    // When tick() wants to be called: at once while messages wait for their turn.
    [[nodiscard]] std::optional<mono_time> wake_at() const;
    [[nodiscard]] bool finished() const { return finished_; }
    [[nodiscard]] bool awaits_body() const;
    [[nodiscard]] std::size_t buffered() const { return in_.buffered() + unary_.size(); }

private:
    enum class front { none, partial, whole };

    void pump();
    front look();
    void gather_unary(bytes_view part);
    void deliver_unary();
    void deliver(bytes_view message);
    void tell_end();
    void grant(std::size_t still_held);

    const method& method_;
    const peer* who_;
    rpc_head head_;
    response_sink* sink_;
    reply reply_;
    std::unique_ptr<handler> handler_;
    envelope_reader in_;
    std::string unary_; // Connect unary: the body so far
    std::size_t ungranted_ = 0;
    mono_time now_;
    bool in_handler_ = false;
    bool may_deliver_ = true;
    bool backlog_ = false;
    bool partial_ = false;
    bool body_ended_ = false;
    bool end_told_ = false;
    bool finished_ = false;
};

} // namespace cairn::session
