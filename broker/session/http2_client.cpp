#include "session/http2_client.hpp"

#include "core/limits.hpp"
#include "session/call_end.hpp"
#include "session/raised.hpp"
#include "session/wire.hpp"

#include <algorithm>
#include <utility>

namespace cairn::session {
namespace {

// Larger than the server's: answers and notices are what the client is for.
constexpr std::uint32_t stream_window = 1024 * 1024;
constexpr std::uint32_t connection_window = 4 * 1024 * 1024;
constexpr std::size_t output_bytes = 64 * 1024;
constexpr std::uint64_t keepalive_mark = 0x636169726e2d6b61;
constexpr duration look_every = std::chrono::seconds(2);

} // namespace

http2_client::http2_client(std::string authority, mono_time now)
    : authority_(std::move(authority)), now_(now), frame_at_(now), write_at_(now) {
    engine_ = make_http2_engine(
        *this,
        {.server = false,
         .streams = 0,
         .stream_window = stream_window,
         .connection_window = connection_window}
    );
}

http2_client::~http2_client() {
    break_off(end_with(errc::unavailable, "the connection ended"));
}

void http2_client::receive(bytes_view in, mono_time now) {
    if (broken_) return;
    const raised here(inside_);
    now_ = now;
    const bool usable = engine_->receive(in);
    run_events();
    if (!usable) break_off(end_with(errc::unavailable, "the peer does not speak HTTP/2"));
}

void http2_client::closed() {
    break_off(end_with(errc::unavailable, "the connection was lost"));
}

bytes_view http2_client::output() {
    woken_ = false;
    if (broken_) return {};
    if (out_at_ == out_.size()) {
        out_.clear();
        out_at_ = 0;
        output_moved_ = true;
    }
    if (out_.empty() && !engine_->gather(out_, output_bytes)) {
        break_off(end_with(errc::unavailable, "the connection failed"));
        return {};
    }
    return bytes_view(out_).substr(out_at_);
}

void http2_client::sent(std::size_t n, mono_time now) {
    const raised here(inside_);
    now_ = now;
    out_at_ = std::min(out_at_ + n, out_.size());
    output_moved_ = true;
    run_events();
}

bool http2_client::finished() const {
    if (broken_) return true;
    return out_at_ == out_.size() && !engine_->wants_read() && !engine_->wants_write();
}

std::optional<mono_time> http2_client::next_deadline() const {
    if (broken_) return std::nullopt;
    mono_time at =
        pinged_at_ ? *pinged_at_ + limits::ping_answer : frame_at_ + limits::keepalive_ping;
    if (out_at_ < out_.size()) at = std::min(at, write_at_ + limits::write_stall + look_every);
    for (const auto& [id, c] : calls_) at = std::min(at, c->deadline);
    return at;
}

void http2_client::tick(mono_time now) {
    if (broken_) return;
    const raised here(inside_);
    now_ = now;
    std::vector<std::shared_ptr<http2_call>> late;
    for (const auto& [id, c] : calls_) {
        if (now >= c->deadline) late.push_back(c);
    }
    for (const auto& c : late) finish_call(*c, end_with(errc::deadline), h2_error::cancel);
    if (out_at_ == out_.size() || std::exchange(output_moved_, false)) write_at_ = now;
    const bool stuck = now - write_at_ >= limits::write_stall;
    const bool silent = pinged_at_ && now - *pinged_at_ >= limits::ping_answer;
    if (stuck || silent) {
        break_off(end_with(errc::unavailable, "the broker does not answer"));
    } else if (!pinged_at_ && now - frame_at_ >= limits::keepalive_ping) {
        pinged_at_ = now;
        engine_->ping(keepalive_mark);
    }
    if (!broken_) run_events();
}

std::shared_ptr<client_call> http2_client::start(
    std::string_view path, std::shared_ptr<call_observer> observer, duration timeout, mono_time now
) {
    if (going_away()) return nullptr;
    const mono_time deadline = timeout > duration{} ? now + timeout : mono_time::max();
    header_list all = {
        {":method", "POST"},
        {":scheme", "https"},
        {":path", std::string(path)},
        {":authority", authority_},
        {"te", "trailers"},
        {"content-type", "application/grpc+proto"},
        {"user-agent", "cairn"}};
    if (timeout > duration{}) all.emplace_back("grpc-timeout", format_grpc_timeout(timeout));
    auto c = std::make_shared<http2_call>(*this, std::move(observer), deadline);
    c->id = engine_->request(all);
    if (c->id < 0) {
        going_away_ = true; // ids are used up
        return nullptr;
    }
    calls_.emplace(c->id, c);
    wrote();
    return c;
}

void http2_client::wrote() {
    if (inside_ || woken_ || !wake_) return;
    woken_ = true;
    wake_();
}

void http2_client::finish_call(http2_call& c, const call_end& how, std::uint32_t code) {
    const auto it = calls_.find(c.id);
    if (it == calls_.end()) return;
    const std::shared_ptr<http2_call> keep = it->second;
    calls_.erase(it);
    engine_->reset(keep->id, code);
    wrote();
    keep->end(how);
}

std::shared_ptr<http2_call> http2_client::find(std::int32_t id) {
    const auto it = calls_.find(id);
    return it == calls_.end() ? nullptr : it->second;
}

void http2_client::head_begins(std::int32_t id) {
    if (const auto c = find(id)) c->forget_headers();
}

void http2_client::header(std::int32_t id, bytes_view name, bytes_view value) {
    if (const auto c = find(id)) c->take_header(name, value);
}

void http2_client::head_ends(std::int32_t id, bool last) {
    const auto c = find(id);
    if (c == nullptr) return;
    const bool ours = c->take_head();
    if (last) {
        push({event::what::trailers, id, 0, {}});
    } else if (!ours) {
        push({event::what::foreign, id, 0, {}});
    }
}

void http2_client::data_ends(std::int32_t id, bool last, bool) {
    if (last) push({event::what::end, id, 0, {}});
}

void http2_client::stream_closed(std::int32_t id, std::uint32_t code) {
    if (const auto c = find(id)) c->closed = true;
    push({event::what::closed, id, code, {}});
}

void http2_client::end_sent(std::int32_t id) {
    if (const auto c = find(id)) c->sent_whole = true;
}

void http2_client::frame_received() {
    frame_at_ = now_;
    pinged_at_.reset();
}

body_pull http2_client::pull(std::int32_t id, char* to, std::size_t room) {
    const auto c = find(id);
    if (c == nullptr) return {0, body_pull::then::end};
    bool fell = false;
    const body_pull out = c->pull(to, room, fell);
    if (fell) drained_.push_back(id);
    return out;
}

void http2_client::run_events() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const event e = events_[i];
        if (const auto c = find(e.id)) work_off(*c, e);
    }
    events_.clear();
    const std::vector<std::int32_t> drained = std::exchange(drained_, {});
    for (const std::int32_t id : drained) {
        if (const auto c = find(id)) {
            const std::shared_ptr<call_observer> o = c->observer();
            o->on_writable();
        }
    }
    // After a GOAWAY for an error of ours the library closes no streams.
    if (!broken_ && !engine_->wants_read() && !engine_->wants_write() && !calls_.empty()) {
        break_off(end_with(errc::unavailable, "the connection ended"));
    }
}

void http2_client::work_off(http2_call& c, const event& e) {
    switch (e.kind) {
    case event::what::data:
        engine_->consume(e.id, e.part.size());
        return c.take_body(e.part);
    case event::what::foreign:
    case event::what::end:
        return answer_ended(c, c.end_of_answer(false));
    case event::what::trailers:
        return answer_ended(c, c.end_of_answer(true));
    case event::what::closed:
        return answer_ended(c, end_of_reset(e.code));
    }
}

// The caller keeps `c` alive.
void http2_client::answer_ended(http2_call& c, const call_end& how) {
    calls_.erase(c.id);
    // The rest of the request interests nobody any more.
    if (!c.closed && !c.sent_whole) engine_->reset(c.id, h2_error::cancel);
    c.end(how);
}

void http2_client::break_off(const call_end& how) {
    broken_ = true;
    events_.clear();
    const auto calls = std::exchange(calls_, {});
    for (const auto& [id, c] : calls) c->end(how);
}

std::unique_ptr<client_connection> make_http2_client(std::string authority, mono_time now) {
    return std::make_unique<http2_client>(std::move(authority), now);
}

} // namespace cairn::session
