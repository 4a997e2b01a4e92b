#include "session/http2_server.hpp"

#include "core/limits.hpp"
#include "session/raised.hpp"
#include "session/wire.hpp"

#include <exception>

namespace cairn::session {
namespace {

constexpr std::size_t output_bytes = 64 * 1024;
// Frames waiting beside bodies at which the peer is not read any more.
constexpr std::size_t backlog_frames = limits::outbound_frames / 5;

} // namespace

http2_server::http2_server(const router& routes, peer who, server_settings settings, mono_time now)
    : routes_(routes), who_(std::move(who)), settings_(settings), now_(now), born_(now),
      frame_at_(now), busy_at_(now), look_at_(now), write_at_(now) {
    if (settings_.max_streams == 0) settings_.max_streams = limits::streams;
    if (settings_.max_age == duration{}) settings_.max_age = limits::connection_age;
    if (settings_.drain == duration{}) settings_.drain = limits::drain;
    engine_ = make_http2_engine(
        *this,
        {.server = true,
         .streams = settings_.max_streams,
         .stream_window = limits::stream_window,
         .connection_window = limits::connection_window}
    );
}

http2_server::~http2_server() {
    try {
        break_off();
    } catch (...) {
        // A handler threw in its last event; all the others had theirs.
        streams_.clear();
    }
}

void http2_server::receive(bytes_view in, mono_time now) {
    if (broken_) return;
    const raised here(inside_);
    now_ = now;
    const bool usable = engine_->receive(in);
    if (!usable) ++counters_.protocol_errors;
    run_events();
    if (!usable) return break_off();
    check_end();
}

void http2_server::closed() {
    const raised here(inside_);
    break_off();
}

bytes_view http2_server::output() {
    woken_ = false;
    if (broken_) return {};
    if (out_at_ == out_.size()) {
        out_.clear();
        out_at_ = 0;
        output_moved_ = true;
    }
    if (out_.empty() && !engine_->gather(out_, output_bytes)) {
        const raised here(inside_);
        break_off();
        return {};
    }
    return bytes_view(out_).substr(out_at_);
}

void http2_server::sent(std::size_t n, mono_time now) {
    const raised here(inside_);
    now_ = now;
    out_at_ = std::min(out_at_ + n, out_.size());
    output_moved_ = true;
    run_events();
}

bool http2_server::wants_read() const {
    if (broken_ || !engine_->wants_read()) return false;
    if (engine_->queued_frames() > backlog_frames) return false;
    // Only while the socket is what holds the output up: with nothing to write, the peer's window
    // does, and to be told of a larger one we must read.
    const bool socket_full = output_waits_ || out_at_ < out_.size();
    return !socket_full || queued_ <= limits::connection_queued_bytes;
}

bool http2_server::finished() const {
    if (broken_) return true;
    return out_at_ == out_.size() && !engine_->wants_read() && !engine_->wants_write();
}

// Ends everything at once, without a word to the peer. A handler that throws keeps no other from
// being told.
void http2_server::break_off() {
    broken_ = true;
    events_.clear();
    std::exception_ptr first;
    for (auto& [id, s] : streams_) {
        s->gone = true;
        try {
            drop_exchange(*s);
        } catch (...) {
            if (!first) first = std::current_exception();
        }
    }
    streams_.clear();
    answered_.clear();
    drained_.clear();
    // out_ stays as it is: a write of the driver may still look at it.
    if (first) std::rethrow_exception(first);
}

http2_stream* http2_server::find(std::int32_t id) {
    const auto it = streams_.find(id);
    return it == streams_.end() ? nullptr : it->second.get();
}

// ---- what the engine tells while it is on the stack ----

void http2_server::head_begins(std::int32_t id) {
    auto& s = streams_[id];
    if (s != nullptr) return; // trailers of a request
    s = std::make_unique<http2_stream>(*this, id);
    s->body_at = s->output_at = now_;
}

void http2_server::header(std::int32_t id, bytes_view name, bytes_view value) {
    http2_stream* s = find(id);
    if (s != nullptr && !s->opened) s->take_header(name, value);
}

void http2_server::head_ends(std::int32_t id, bool last) {
    http2_stream* s = find(id);
    if (s == nullptr) return;
    if (!s->opened) {
        s->opened = true;
        events_.push_back({event::what::open, id, {}});
    }
    if (last) events_.push_back({event::what::end, id, {}});
}

void http2_server::data(std::int32_t id, bytes_view part) {
    events_.push_back({event::what::data, id, part});
}

void http2_server::data_ends(std::int32_t id, bool last, bool empty) {
    if (last) events_.push_back({event::what::end, id, {}});
    if (!empty) return;
    http2_stream* s = find(id);
    if (s != nullptr && ++s->empty_frames > limits::empty_data_frames) {
        ++counters_.protocol_errors;
        engine_->terminate(h2_error::enhance_your_calm);
    }
}

void http2_server::frame_invalid() {
    ++counters_.protocol_errors;
    blame(invalid_frames_);
}

// What a peer makes us reset costs it nothing and us a handler; the library limits only the resets
// that the peer sends.
void http2_server::blame(std::size_t& faults) {
    if (++faults > limits::invalid_frames) engine_->terminate(h2_error::enhance_your_calm);
}

void http2_server::stream_closed(std::int32_t id, std::uint32_t) {
    if (http2_stream* s = find(id)) s->gone = true;
    events_.push_back({event::what::closed, id, {}});
}

void http2_server::frame_received() {
    greeted_ = true;
    frame_at_ = now_;
    pinged_at_.reset();
}

void http2_server::end_sent(std::int32_t id) {
    http2_stream* s = find(id);
    // gRPC asks a server that answers early to reset right after the trailers; other clients lose
    // the answer by it, theirs is swallowed (transport.md, trap 1).
    if (s != nullptr && s->is_grpc() && !s->request_ended) engine_->reset(id, h2_error::none);
}

void http2_server::reset_sent(std::int32_t, std::uint32_t code) {
    switch (code) {
    case h2_error::refused_stream:
        ++counters_.refused_streams;
        return;
    case h2_error::none:
    case h2_error::internal:
    case h2_error::cancel:
        return; // our own wish
    default:
        blame(provoked_resets_);
    }
}

body_pull http2_server::pull(std::int32_t id, char* to, std::size_t room) {
    http2_stream* s = find(id);
    return s == nullptr ? body_pull{0, body_pull::then::end} : s->pull(to, room);
}

const header_list& http2_server::trailers(std::int32_t id) {
    static const header_list none;
    const http2_stream* s = find(id);
    return s == nullptr ? none : s->trailers();
}

// ---- what streams tell ----

void http2_server::stream_wrote(std::size_t n) {
    queued_ += n;
    if (inside_ || woken_ || !wake_) return;
    woken_ = true;
    wake_();
}

void http2_server::stream_pulled(http2_stream& s, std::size_t n, bool fell) {
    queued_ -= n;
    if (fell) drained_.push_back(s.id());
}

void http2_server::message_counted(bool in) {
    ++(in ? counters_.messages_in : counters_.messages_out);
}

// ---- what is done about it ----

void http2_server::run_events() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const event e = events_[i];
        http2_stream* s = find(e.id);
        if (s == nullptr) continue;
        switch (e.kind) {
        case event::what::open:
            open_stream(*s);
            break;
        case event::what::data:
            take_body(*s, e.part);
            break;
        case event::what::end:
            s->request_ended = true;
            if (s->exchange) s->exchange->body_end();
            break;
        case event::what::closed:
            close_stream(e.id);
            continue;
        }
        note(*s);
    }
    events_.clear();
    for (std::size_t i = 0; i < drained_.size(); ++i) {
        http2_stream* s = find(drained_[i]);
        if (s == nullptr || s->gone || !s->exchange) continue;
        s->exchange->drained();
        note(*s);
    }
    drained_.clear();
    settle_answered();
    if (!streams_.empty()) busy_at_ = now_;
    // After a GOAWAY for an error the library closes no streams: that is left to us.
    if (!broken_ && !engine_->wants_read() && !engine_->wants_write()) {
        while (!streams_.empty()) close_stream(streams_.begin()->first);
    }
}

void http2_server::open_stream(http2_stream& s) {
    if (s.gone) return; // reset in the same breath: no handler is made
    ++counters_.calls;
    if (s.head_too_large()) {
        const std::string limit = std::to_string(limits::header_list_bytes);
        turn_away(s, fail(errc::too_large, "headers, limit " + limit + " bytes"), 431);
    } else if (running_ >= limits::running_handlers) {
        // Apart from the streams: a reset stream frees its place before its handler is gone.
        turn_away(s, fail(errc::overloaded));
    } else {
        ++running_;
        s.exchange = accept_exchange(routes_, who_, s.head, s, now_);
        s.body_at = now_;
    }
    s.release_head();
}

void http2_server::turn_away(http2_stream& s, const failure& why, int http) {
    const auto form = s.is_grpc() ? wire_form::grpc : wire_form::connect_unary;
    refuse(s, form, find_header(s.head.headers, "content-type"), why, http);
}

void http2_server::take_body(http2_stream& s, bytes_view part) {
    if (s.gone) return;
    s.body_moved = true;
    if (!s.exchange || s.exchange->answered()) return swallow(s, part.size());
    s.exchange->body(part);
}

// The answer is given; a client that does not stop sending may, up to a limit.
void http2_server::swallow(http2_stream& s, std::size_t n) {
    s.swallowed += n;
    if (s.swallowed > limits::swallowed_body_bytes) return engine_->reset(s.id(), h2_error::none);
    engine_->consume(s.id(), n);
}

// After anything happened to a stream: its deadline, and what it holds.
void http2_server::note(http2_stream& s) {
    if (!s.exchange) return;
    if (const auto d = s.exchange->deadline()) soonest_ = std::min(soonest_, *d);
    const std::size_t holds = s.exchange->buffered();
    held_ += holds - s.held; // wraps and comes back
    s.held = holds;
    if (held_ > limits::connection_held_bytes && holds > 0 && !s.exchange->answered()) {
        s.exchange->refuse(fail(errc::overloaded, "request bytes held for this connection"));
        note(s);
    }
}

void http2_server::drop_exchange(http2_stream& s) {
    if (!s.exchange) return;
    const auto ended = std::move(s.exchange);
    held_ -= s.held;
    s.held = 0;
    --running_;
    // Not left to the destructor, which must not throw: the handler's last event may come of it.
    ended->aborted();
}

void http2_server::settle_answered() {
    for (std::size_t i = 0; i < answered_.size(); ++i) {
        http2_stream* s = find(answered_[i]);
        if (s != nullptr && s->exchange && s->exchange->answered()) drop_exchange(*s);
    }
    answered_.clear();
}

void http2_server::close_stream(std::int32_t id) {
    const auto it = streams_.find(id);
    if (it == streams_.end()) return;
    it->second->gone = true;
    it->second->discard_output();
    drop_exchange(*it->second);
    streams_.erase(it);
}

std::unique_ptr<server_connection>
make_http2_server(const router& routes, peer who, server_settings settings, mono_time now) {
    return std::make_unique<http2_server>(routes, std::move(who), settings, now);
}

} // namespace cairn::session
