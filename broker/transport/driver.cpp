#include "transport/driver.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

namespace cairn::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t step_bytes = 64 * 1024;
constexpr std::size_t record_bytes = 16 * 1024;

// One per thread, not per connection: an idle connection holds no read buffer.
std::array<char, step_bytes>& wire_scratch() {
    thread_local const auto buffer = std::make_unique<std::array<char, step_bytes>>();
    return *buffer;
}
std::array<char, record_bytes>& plain_scratch() {
    thread_local const auto buffer = std::make_unique<std::array<char, record_bytes>>();
    return *buffer;
}

mono_time mono_now() {
    return asio::steady_timer::clock_type::now();
}

failure orderly() {
    return fail(errc::cancelled);
}

// TLS says farewell before the end; an end without it may be anybody's, also in the middle of an
// answer.
failure cut() {
    return fail(errc::connect_failed, "the peer cut the connection");
}

failure lost(std::string where, const error_code& ec) {
    return fail(errc::connect_failed, std::move(where), ec.message());
}

} // namespace

driver::driver(
    tcp::socket socket, std::unique_ptr<tls_channel> tls, driver_times times, driver_hooks hooks
)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), tls_(std::move(tls)),
      times_(times), hooks_(std::move(hooks)), why_(orderly()) {}

template <class F>
void driver::guarded(F&& f) {
    if (phase_ == phase::ended) return;
    try {
        f(mono_now());
        if (phase_ != phase::ended) arm();
    } catch (const std::exception& e) {
        kill(fail(errc::internal, "connection", e.what()));
    }
}

void driver::start() {
    guarded([this](mono_time now) {
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        socket_.non_blocking(true, ignored);
        phase_deadline_ = now + times_.handshake;
        if (tls_)
            advance_handshake(now);
        else
            open(now);
        settle(now);
    });
}

void driver::wake() {
    if (woken_ || phase_ != phase::open) return;
    woken_ = true;
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->woken_ = false;
        self->guarded([&](mono_time now) { self->settle(now); });
    });
}

void driver::drain() {
    guarded([this](mono_time now) {
        if (phase_ == phase::handshaking) {
            why_ = fail(errc::shutting_down);
            return finish();
        }
        if (phase_ != phase::open) return;
        engine_->shut_down(now);
        // The engine keeps the cap itself; this one is for an engine that cannot.
        phase_deadline_ = now + times_.drain + times_.linger;
        settle(now);
    });
}

void driver::close() {
    // Posted: the caller may stand inside a callback of the engine.
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->guarded([&](mono_time now) { self->close_now(now); });
    });
}

void driver::close_now(mono_time now) {
    if (phase_ == phase::handshaking) {
        why_ = fail(errc::shutting_down);
        return finish();
    }
    if (phase_ != phase::open) return;
    if (!writing_) collect_output(now);
    begin_close(orderly(), now);
}

void driver::kill(failure why) {
    if (phase_ == phase::ended) return;
    why_ = std::move(why);
    finish();
}

void driver::wait_readable() {
    if (reading_ || peer_closed_ || phase_ == phase::ended) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code ec) {
        self->reading_ = false;
        if (!ec) self->on_readable();
    });
}

void driver::on_readable() {
    guarded([this](mono_time now) {
        error_code ec;
        auto& scratch = wire_scratch();
        const std::size_t n = socket_.read_some(asio::buffer(scratch), ec);
        if (ec == asio::error::would_block || ec == asio::error::try_again) {
            return wait_readable();
        }
        if (ec == asio::error::eof)
            peer_closed(tls_ ? cut() : orderly(), now);
        else if (ec)
            kill(lost("connection lost", ec));
        else
            take({scratch.data(), n}, now);
        settle(now);
    });
}

void driver::take(bytes_view in, mono_time now) {
    if (phase_ == phase::closing || phase_ == phase::lingering) return; // discarded
    if (!tls_) {
        engine_->receive(in, now);
        return;
    }
    // By record, so that the TLS buffers stay small.
    for (; !in.empty() && phase_ != phase::ended;
         in.remove_prefix(std::min(in.size(), record_bytes))) {
        tls_->feed(in.substr(0, record_bytes));
        if (phase_ == phase::handshaking) advance_handshake(now);
        if (phase_ == phase::open) take_plaintext(now);
    }
}

void driver::advance_handshake(mono_time now) {
    switch (tls_->handshake()) {
    case tls_progress::done:
        return open(now);
    case tls_progress::more:
        return;
    case tls_progress::peer_gone:
        return peer_closed(orderly(), now);
    case tls_progress::failed:
        break;
    }
    // Close slowly: a reset would destroy the alert that tells the peer why.
    begin_close(tls_->why(), now);
}

void driver::open(mono_time now) {
    engine_ = hooks_.open(tls_.get(), now);
    if (!engine_) return begin_close(fail(errc::tls_failed, "no common protocol"), now);
    engine_->on_output([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->wake();
    });
    phase_ = phase::open;
    phase_deadline_.reset();
}

void driver::take_plaintext(mono_time now) {
    auto& scratch = plain_scratch();
    while (phase_ == phase::open && engine_->wants_read()) {
        std::size_t got = 0;
        switch (tls_->read(scratch, got)) {
        case tls_progress::done:
            engine_->receive({scratch.data(), got}, now);
            break;
        case tls_progress::more:
            return;
        case tls_progress::peer_gone:
            return peer_closed(orderly(), now);
        case tls_progress::failed:
            return peer_closed(tls_->why(), now);
        }
    }
}

void driver::peer_closed(failure why, mono_time now) {
    if (phase_ == phase::handshaking) {
        why_ = fail(errc::tls_failed, "the peer closed during the handshake");
        return finish();
    }
    peer_closed_ = true;
    if (phase_ == phase::lingering) return finish();
    if (phase_ == phase::closing) return;
    engine_closed_ = true;
    engine_->closed();
    begin_close(std::move(why), now);
}

// After every event: take in what is decrypted, send what there is, read on or close.
void driver::settle(mono_time now) {
    if (phase_ == phase::ended) return;
    if (phase_ == phase::open && tls_) take_plaintext(now);
    flush(now);
    if (phase_ == phase::open && !engine_->wants_read()) return;
    wait_readable();
}

void driver::collect_output(mono_time now) {
    while (out_.size() < step_bytes) {
        const bytes_view next = engine_->output();
        if (next.empty()) break;
        const std::size_t n = next.size();
        if (!tls_) {
            out_.append(next);
        } else if (!encrypt(next)) {
            return begin_close(tls_->why(), now);
        }
        engine_->sent(n, now);
    }
}

bool driver::encrypt(bytes_view plain) {
    for (; !plain.empty(); plain.remove_prefix(std::min(plain.size(), record_bytes))) {
        if (!tls_->write(plain.substr(0, record_bytes))) return false;
        tls_->take_output(out_);
    }
    return true;
}

void driver::flush(mono_time now) {
    if (writing_ || phase_ == phase::ended) return;
    if (phase_ == phase::open) collect_output(now);
    if (writing_) return; // it failed and began to close
    if (tls_) tls_->take_output(out_);
    if (out_.empty()) {
        if (phase_ == phase::open && engine_->finished())
            begin_close(orderly(), now);
        else if (phase_ == phase::closing)
            half_close();
        return;
    }
    writing_ = true;
    if (engine_) engine_->output_waits(true);
    stall_deadline_ = now + times_.write_stall;
    write_some();
}

void driver::write_some() {
    const auto rest = asio::buffer(out_) + written_;
    socket_.async_write_some(rest, [self = shared_from_this()](error_code ec, std::size_t n) {
        self->guarded([&](mono_time now) {
            if (ec)
                self->kill(lost("connection lost", ec));
            else
                self->on_written(n, now);
        });
    });
}

void driver::on_written(std::size_t n, mono_time now) {
    written_ += n;
    if (written_ < out_.size()) {
        stall_deadline_ = now + times_.write_stall;
        return write_some();
    }
    out_.clear();
    written_ = 0;
    writing_ = false;
    if (engine_) engine_->output_waits(false);
    settle(now);
    // An idle connection gives its buffer back; a busy one keeps it.
    if (!writing_ && out_.capacity() > step_bytes) out_.shrink_to_fit();
}

void driver::begin_close(failure why, mono_time now) {
    if (phase_ == phase::closing || phase_ == phase::lingering || phase_ == phase::ended) return;
    phase_ = phase::closing;
    why_ = std::move(why);
    // A peer that does not read must not pin the last write.
    phase_deadline_ = now + times_.linger;
    if (tls_) tls_->close_notify();
    flush(now);
}

void driver::half_close() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    if (peer_closed_) return finish();
    // Unread bytes would turn close() into a reset that destroys what the peer has not read yet.
    phase_ = phase::lingering;
    wait_readable();
}

void driver::arm() {
    std::optional<mono_time> first = phase_deadline_;
    const auto consider = [&](mono_time t) { first = first ? std::min(*first, t) : t; };
    if (writing_) consider(stall_deadline_);
    if (phase_ == phase::open) {
        if (const auto t = engine_->next_deadline()) consider(*t);
    }
    // A timer that fires too early only looks again; moving it for every read would cost more.
    if (!first || (armed_ && armed_at_ <= *first)) return;
    armed_ = true;
    armed_at_ = *first;
    timer_.expires_at(*first);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->on_timer();
    });
}

void driver::on_timer() {
    armed_ = false;
    guarded([this](mono_time now) {
        if (phase_deadline_ && *phase_deadline_ <= now) {
            if (phase_ == phase::handshaking) {
                why_ = fail(errc::tls_failed, "the handshake took too long");
            }
            return finish();
        }
        if (writing_ && stall_deadline_ <= now) {
            why_ = fail(errc::connect_failed, "the peer stopped reading");
            return finish();
        }
        if (phase_ != phase::open) return;
        const auto due = engine_->next_deadline();
        if (due && *due <= now) {
            engine_->tick(now);
            settle(now);
        }
    });
}

void driver::finish() {
    if (phase_ == phase::ended) return;
    phase_ = phase::ended;
    const auto keep = shared_from_this();
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    if (engine_ && !engine_closed_) {
        engine_closed_ = true;
        try {
            engine_->closed();
        } catch (const std::exception& e) {
            why_ = fail(errc::internal, "connection", e.what());
        }
    }
    const auto hooks = std::move(hooks_);
    hooks_ = {};
    if (hooks.ended) hooks.ended(why_);
}

} // namespace cairn::transport
