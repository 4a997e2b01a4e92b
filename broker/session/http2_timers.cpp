// The server connection's clock: stalls, idleness, keepalive, age and the graceful end.
//
// Deadlines of calls are exact. Everything else is looked at every `look_every` and may be late by
// that much: limits of 30 s and more do not need a timer each.
#include "core/limits.hpp"
#include "session/http2_server.hpp"
#include "session/raised.hpp"

#include <algorithm>

namespace cairn::session {
namespace {

constexpr duration look_every = std::chrono::seconds(2);
// For the last answers to reach the peer.
constexpr duration flush_time = std::chrono::seconds(2);
constexpr std::uint64_t keepalive_mark = 0x636169726e2d6b61; // "cairn-ka"
constexpr std::uint64_t shutdown_mark = 0x636169726e2d7364;  // "cairn-sd"

} // namespace

std::optional<mono_time> http2_server::next_deadline() const {
    if (broken_) return std::nullopt;
    mono_time at = std::min(soonest_, phase_ends_at_);
    const bool busy = !streams_.empty() || out_at_ < out_.size() || !greeted_;
    if (busy) at = std::min(at, look_at_ + look_every);
    if (pinged_at_) {
        at = std::min(at, *pinged_at_ + limits::ping_answer);
    } else {
        at = std::min(at, frame_at_ + limits::keepalive_ping);
    }
    if (phase_ == phase::serving) {
        at = std::min(at, born_ + settings_.max_age);
        if (streams_.empty()) at = std::min(at, busy_at_ + limits::idle);
    }
    return at;
}

void http2_server::tick(mono_time now) {
    if (broken_) return;
    const raised here(inside_);
    now_ = now;
    check_connection();
    if (!broken_) check_end();
    if (!broken_) check_streams();
    if (!broken_) run_events();
}

void http2_server::check_connection() {
    if (out_at_ == out_.size() || output_moved_) {
        output_moved_ = false;
        write_at_ = now_;
    } else if (now_ - write_at_ >= limits::write_stall) {
        return break_off(); // the peer does not read: no word would reach it
    }
    if (!greeted_ && now_ - born_ >= limits::handshake) return break_off();
    if (!wants_read()) {
        // What we do not read cannot answer; the write that holds us up has a limit of its own.
        frame_at_ = now_;
        pinged_at_.reset();
    } else if (pinged_at_) {
        if (now_ - *pinged_at_ >= limits::ping_answer) return break_off();
    } else if (now_ - frame_at_ >= limits::keepalive_ping) {
        pinged_at_ = now_;
        engine_->ping(keepalive_mark);
    }
    if (phase_ != phase::serving) return;
    const bool idle = streams_.empty() && now_ - busy_at_ >= limits::idle;
    if (idle || now_ - born_ >= settings_.max_age) shut_down(now_);
}

void http2_server::shut_down(mono_time now) {
    if (broken_ || phase_ != phase::serving) return;
    const raised here(inside_);
    now_ = now;
    phase_ = phase::announced;
    phase_ends_at_ = now + limits::shutdown_notice;
    drain_ends_at_ = now + settings_.drain;
    engine_->announce_end();
    engine_->ping(shutdown_mark);
}

void http2_server::ping_answered(std::uint64_t what) {
    // A round trip after the announcement no stream of before it can still be on its way.
    if (what == shutdown_mark && phase_ == phase::announced) phase_ends_at_ = now_;
}

void http2_server::check_end() {
    if (phase_ == phase::announced && now_ >= phase_ends_at_) {
        phase_ = phase::draining;
        phase_ends_at_ = drain_ends_at_;
        engine_->goaway();
    }
    if (phase_ == phase::draining && now_ >= phase_ends_at_) {
        phase_ = phase::ending;
        phase_ends_at_ = now_ + flush_time;
        for (auto& [id, s] : streams_) {
            if (s->exchange) s->exchange->shut_down();
        }
        return;
    }
    if (phase_ == phase::ending && now_ >= phase_ends_at_) break_off();
}

void http2_server::check_streams() {
    const bool look = now_ - look_at_ >= look_every;
    if (look) look_at_ = now_;
    if (!look && now_ < soonest_) return;
    soonest_ = mono_time::max();
    for (auto& [id, s] : streams_) {
        if (s->exchange) {
            const auto d = s->exchange->deadline();
            if (d && *d <= now_) s->exchange->tick(now_);
        }
        if (look && !check_stream(*s)) return break_off();
        note(*s);
    }
}

// False: the connection as a whole is stuck.
bool http2_server::check_stream(http2_stream& s) {
    if (s.gone) return true;
    if (s.queued() == 0 || std::exchange(s.output_moved, false)) {
        s.output_at = now_;
    } else if (now_ - s.output_at >= limits::write_stall) {
        // Zero window: its handler would wait for ever and hold a place.
        engine_->reset(s.id(), h2_error::cancel);
        return true;
    }
    const bool awaits = s.exchange ? s.exchange->awaits_body() : !s.request_ended;
    if (!awaits || std::exchange(s.body_moved, false) || !wants_read()) {
        s.body_at = now_;
    } else if (now_ - s.body_at >= limits::body_progress) {
        // Until a header block ends nothing else may come on the connection.
        if (!s.opened) return false;
        if (s.exchange) {
            s.exchange->refuse(fail(errc::deadline, "request body"));
        } else {
            engine_->reset(s.id(), h2_error::none);
        }
    }
    return true;
}

} // namespace cairn::session
