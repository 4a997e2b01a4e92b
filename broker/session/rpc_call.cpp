#include "session/rpc_call.hpp"

#include "core/limits.hpp"
#include "session/raised.hpp"

namespace cairn::session {
namespace {

const peer nobody;

failure over_limit() {
    return fail(
        errc::too_large, "message, limit " + std::to_string(limits::message_bytes) + " bytes"
    );
}

} // namespace

rpc_call::rpc_call(
    const method& m, const peer& who, rpc_head head, response_sink& sink, mono_time now
)
    : method_(m), who_(&who), head_(std::move(head)), sink_(&sink),
      reply_(head_.form, head_.how, head_.content_type, m, sink), in_(limits::message_bytes),
      now_(now) {}

rpc_call::~rpc_call() = default;

void rpc_call::begin() {
    {
        const raised in_handler(in_handler_);
        handler_ = method_.make(*this);
    }
    if (handler_ == nullptr) finish(fail(errc::internal, {}, "no handler was made"));
    settle();
}

void rpc_call::send(bytes_view message) {
    if (finished_) return;
    if (const status s = reply_.send(message); !s) return finish(s);
    sink_->count_message(false);
}

void rpc_call::finish(const status& how) {
    if (finished_) return;
    finished_ = true;
    backlog_ = false;
    reply_.finish(how);
    grant(0);
}

void rpc_call::read_more() {
    if (finished_) return;
    may_deliver_ = true;
    pump();
}

void rpc_call::body(bytes_view part) {
    if (finished_) return;
    ungranted_ += part.size();
    if (method_.kind == method_kind::bidi) {
        in_.feed(part);
        pump();
        if (!finished_) in_.keep();
    } else {
        gather_unary(part);
    }
    settle();
}

void rpc_call::body_end() {
    if (finished_) return;
    body_ended_ = true;
    if (method_.kind == method_kind::bidi) {
        pump();
    } else {
        deliver_unary();
    }
    settle();
}

// Unary and server-stream methods wait for the end of the request, so that "exactly one message" is
// known before the handler acts on it.
void rpc_call::gather_unary(bytes_view part) {
    partial_ = true;
    if (head_.form == wire_form::connect_unary) {
        if (unary_.size() + part.size() > limits::message_bytes) return finish(over_limit());
        unary_.append(part);
        return grant(0);
    }
    in_.feed(part);
    const front f = look();
    in_.keep();
    if (finished_) return;
    if (f == front::whole && in_.buffered() > envelope_bytes + in_.peek().length) {
        return finish(fail(errc::malformed, "more than one message"));
    }
    grant(0);
}

void rpc_call::deliver_unary() {
    partial_ = false;
    if (head_.form == wire_form::connect_unary) {
        deliver(unary_);
    } else if (const front f = look(); f == front::whole) {
        deliver(in_.take());
    } else if (!finished_) {
        finish(fail(errc::malformed, in_.buffered() == 0 ? "no message" : "message cut short"));
    }
    if (!finished_) tell_end();
}

// Looks at the front of the request and refuses what may not come in.
rpc_call::front rpc_call::look() {
    const envelope e = in_.peek();
    if (!e.head) return in_.buffered() == 0 ? front::none : front::partial;
    if ((e.flags & envelope_compressed) != 0) {
        finish(fail(errc::compressed));
    } else if (e.flags != 0) {
        finish(fail(errc::malformed, "envelope flags"));
    } else if (e.length > limits::message_bytes) {
        finish(over_limit());
    } else {
        return e.whole ? front::whole : front::partial;
    }
    return front::none;
}

void rpc_call::deliver(bytes_view message) {
    may_deliver_ = false;
    sink_->count_message(true);
    const raised in_handler(in_handler_);
    handler_->on_message(*this, message);
}

void rpc_call::tell_end() {
    const raised in_handler(in_handler_);
    handler_->on_end(*this);
}

// Streams: hands out messages while the handler asks for more, for one turn at most.
void rpc_call::pump() {
    if (in_handler_ || finished_) return;
    front f = look();
    std::size_t turns = 0;
    for (; f == front::whole && may_deliver_ && !finished_; ++turns) {
        if (turns == limits::messages_a_turn) break;
        deliver(in_.take());
        if (!finished_) f = look();
    }
    if (finished_) return;
    backlog_ = f == front::whole && may_deliver_;
    partial_ = f == front::partial;
    if (body_ended_ && partial_) return finish(fail(errc::malformed, "message cut short"));
    if (body_ended_ && f == front::none && !end_told_) {
        end_told_ = true;
        tell_end();
        if (finished_) return;
    }
    grant(partial_ ? 0 : in_.buffered());
}

void rpc_call::grant(std::size_t still_held) {
    if (sink_ == nullptr || ungranted_ <= still_held) return;
    sink_->consumed(ungranted_ - still_held);
    ungranted_ = still_held;
}

void rpc_call::drained() {
    if (finished_) return;
    {
        const raised in_handler(in_handler_);
        handler_->on_writable(*this);
    }
    if (method_.kind == method_kind::bidi) pump();
    settle();
}

void rpc_call::detach() {
    finished_ = true;
    backlog_ = false;
    sink_ = nullptr;
    settle();
    who_ = &nobody;
}

void rpc_call::tick(mono_time now) {
    now_ = now;
    if (!finished_ && head_.deadline && now >= *head_.deadline) finish(fail(errc::deadline));
    if (backlog_) pump();
    settle();
}

void rpc_call::settle() {
    if (!finished_ || in_handler_ || handler_ == nullptr) return;
    in_.clear();
    unary_.clear();
    // Taken out first: a handler that ends the connection in on_closed must not be closed twice.
    const std::unique_ptr<handler> last = std::move(handler_);
    last->on_closed(*this);
}

std::optional<mono_time> rpc_call::wake_at() const {
    if (finished_) return std::nullopt;
    return backlog_ ? std::optional(now_) : head_.deadline;
}

bool rpc_call::awaits_body() const {
    if (finished_ || body_ended_) return false;
    return method_.kind != method_kind::bidi || partial_;
}

} // namespace cairn::session
