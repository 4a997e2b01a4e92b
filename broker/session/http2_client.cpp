// The engine in client mode: gRPC calls over one HTTP/2 connection.
//
// Invariants: as in http2_server.hpp, observers run from run_events(), tick() and closed() only;
// every call that started gets exactly one on_end.
#include "core/limits.hpp"
#include "session/client.hpp"
#include "session/envelope.hpp"
#include "session/http2_engine.hpp"
#include "session/send_buffer.hpp"
#include "session/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>

namespace cairn::session {
namespace {

// Larger than the server's: answers and notices are what the client is for.
constexpr std::uint32_t stream_window = 1024 * 1024;
constexpr std::uint32_t connection_window = 4 * 1024 * 1024;
constexpr std::size_t output_bytes = 64 * 1024;
constexpr std::uint64_t keepalive_mark = 0x636169726e2d6b61;
constexpr duration look_every = std::chrono::seconds(2);

enum grpc_number : int {
    cancelled = 1,
    unknown = 2,
    deadline_exceeded = 4,
    permission_denied = 7,
    resource_exhausted = 8,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    unauthenticated = 16
};

call_end end_with(errc code, std::string_view why = {}) {
    const error_entry& e = describe(code);
    return {
        .grpc_status = e.grpc,
        .message = std::string(why.empty() ? e.text : why),
        .number = static_cast<std::uint32_t>(code),
        .retryable = e.retryable};
}

// A stream that ended without trailers (gRPC over HTTP/2, "HTTP2 Transport Mapping").
call_end end_of_reset(std::uint32_t code) {
    switch (code) {
    case h2_error::refused_stream:
        return end_with(errc::unavailable, "the stream was refused");
    case h2_error::cancel:
        return end_with(errc::cancelled);
    case h2_error::enhance_your_calm:
        return end_with(errc::overloaded);
    case h2_error::none:
        return end_with(errc::internal, "the answer has no status");
    default:
        return end_with(errc::internal, "the stream was reset");
    }
}

int grpc_of_http(int status) {
    switch (status) {
    case 400:
        return internal;
    case 401:
        return unauthenticated;
    case 403:
        return permission_denied;
    case 404:
        return unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
        return unavailable;
    default:
        return unknown;
    }
}

std::uint32_t number_of(std::string_view text) {
    std::uint32_t v = 0;
    std::from_chars(text.data(), text.data() + text.size(), v);
    return v;
}

// Trailers, or the head of a Trailers-Only answer, as the end of a call.
call_end parse_end(const header_list& headers) {
    call_end end;
    const std::string_view status = find_header(headers, "grpc-status");
    end.grpc_status = static_cast<int>(number_of(status));
    if (status.empty() || end.grpc_status > unauthenticated) end.grpc_status = unknown;
    if (end.grpc_status == 0) return end;
    end.message = percent_decode(find_header(headers, "grpc-message"));
    end.number = number_of(find_header(headers, "cairn-error-number"));
    end.retry_after_ms = number_of(find_header(headers, "cairn-retry-after-ms"));
    end.retryable = end.grpc_status == unavailable;
    const auto* row = std::find_if(std::begin(error_table), std::end(error_table), [&](auto& e) {
        return static_cast<std::uint32_t>(e.code) == end.number;
    });
    if (row != std::end(error_table)) end.retryable = row->retryable;
    if (end.number == 0) end.number = static_cast<std::uint32_t>(errc::internal);
    return end;
}

class http2_client;

class http2_call final : public client_call {
public:
    http2_call(http2_client& owner, std::shared_ptr<call_observer> o, mono_time until)
        : owner_(&owner), observer(std::move(o)), deadline(until), in(limits::message_bytes) {}

    void send(bytes_view message) override;
    void half_close() override;
    void cancel() override;
    [[nodiscard]] std::size_t pending() const override { return out_.size(); }

    body_pull pull(char* to, std::size_t room, bool& fell);
    // on_end, once.
    void end(const call_end& how);
    [[nodiscard]] bool ended() const { return owner_ == nullptr; }

private:
    http2_client* owner_; // null after on_end
    send_buffer out_;
    bool half_closed_ = false;
    bool waiting_ = false;
    bool above_ = false;
    bool flowing_ = true;

public:
    std::int32_t id = 0;
    std::shared_ptr<call_observer> observer;
    mono_time deadline;
    envelope_reader in;
    header_list headers; // the block that is arriving or came last
    int status = 0;
    bool refused = false; // not read any more: what comes is granted and dropped
};

class http2_client final : public client_connection, engine_events {
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

    http2_engine& engine() { return *engine_; }
    void wrote();
    void finish_call(http2_call& c, const call_end& how, std::uint32_t code);

private:
    struct event {
        enum class what : std::uint8_t { data, trailers, closed } kind;
        std::int32_t id;
        std::uint32_t code;
        bytes_view part;
    };
    void head_begins(std::int32_t id) override;
    void header(std::int32_t id, bytes_view name, bytes_view value) override;
    void head_ends(std::int32_t id, bool last) override;
    void data(std::int32_t id, bytes_view part) override { push({event::what::data, id, 0, part}); }
    void data_ends(std::int32_t, bool, bool) override {}
    void stream_closed(std::int32_t id, std::uint32_t code) override {
        push({event::what::closed, id, code, {}});
    }
    void frame_received() override;
    void ping_answered(std::uint64_t) override {}
    void goaway_received() override { going_away_ = true; }
    void frame_invalid() override {}
    void end_sent(std::int32_t) override {}
    void reset_sent(std::int32_t, std::uint32_t) override {}
    body_pull pull(std::int32_t id, char* to, std::size_t room) override;
    const header_list& trailers(std::int32_t) override { return none_; }

    void push(const event& e) { events_.push_back(e); }
    std::shared_ptr<http2_call> find(std::int32_t id);
    void run_events();
    void take(http2_call& c, bytes_view part);
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

// ---- one call ----

void http2_call::send(bytes_view message) {
    if (owner_ == nullptr || half_closed_) return;
    const auto head = envelope_head(0, message.size());
    out_.append({head.data(), head.size()});
    out_.append(message);
    above_ = above_ || out_.size() > limits::queued_output_bytes;
    if (std::exchange(waiting_, false)) owner_->engine().resume(id);
    owner_->wrote();
}

void http2_call::half_close() {
    if (owner_ == nullptr || half_closed_) return;
    half_closed_ = true;
    if (std::exchange(waiting_, false)) owner_->engine().resume(id);
    owner_->wrote();
}

void http2_call::cancel() {
    if (owner_ == nullptr) return;
    owner_->finish_call(*this, end_with(errc::cancelled), h2_error::cancel);
}

body_pull http2_call::pull(char* to, std::size_t room, bool& fell) {
    const bytes_view front = out_.front();
    const std::size_t n = std::min(room, front.size());
    std::memcpy(to, front.data(), n);
    if (n > 0) out_.drop(n);
    fell = above_ && out_.size() < limits::queued_output_bytes / 2;
    if (fell) above_ = false;
    if (!out_.empty()) return {n, body_pull::then::more};
    if (half_closed_ || owner_ == nullptr) return {n, body_pull::then::end};
    waiting_ = n == 0;
    return {n, n == 0 ? body_pull::then::wait : body_pull::then::more};
}

void http2_call::end(const call_end& how) {
    if (owner_ == nullptr) return;
    owner_ = nullptr;
    out_.clear();
    // The observer may drop the last reference to this call.
    const std::shared_ptr<call_observer> last = std::move(observer);
    last->on_end(how);
}

// ---- the connection ----

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
    const bool before = std::exchange(inside_, true);
    now_ = now;
    const bool usable = engine_->receive(in);
    run_events();
    if (!usable) break_off(end_with(errc::unavailable, "the peer does not speak HTTP/2"));
    inside_ = before;
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
    const bool before = std::exchange(inside_, true);
    now_ = now;
    out_at_ = std::min(out_at_ + n, out_.size());
    output_moved_ = true;
    run_events();
    inside_ = before;
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
    const bool before = std::exchange(inside_, true);
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
    inside_ = before;
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

// Ends a call from our side; the stream is reset and what still comes for it is dropped.
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
    if (const auto c = find(id)) c->headers.clear();
}

void http2_client::header(std::int32_t id, bytes_view name, bytes_view value) {
    const auto c = find(id);
    if (c == nullptr) return;
    if (name == ":status") {
        c->status = static_cast<int>(number_of(value));
    } else if (c->headers.size() < 64) {
        c->headers.emplace_back(name, value);
    }
}

void http2_client::head_ends(std::int32_t id, bool last) {
    if (last) push({event::what::trailers, id, 0, {}});
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
        const auto c = find(e.id);
        if (c == nullptr) continue;
        if (e.kind == event::what::data) {
            take(*c, e.part);
            continue;
        }
        call_end end =
            e.kind == event::what::trailers ? parse_end(c->headers) : end_of_reset(e.code);
        if (c->status != 0 && c->status != 200) {
            end = end_with(errc::internal, "HTTP status " + std::to_string(c->status));
            end.grpc_status = grpc_of_http(c->status);
            end.retryable = end.grpc_status == unavailable;
        }
        calls_.erase(e.id);
        c->end(end);
    }
    events_.clear();
    const std::vector<std::int32_t> drained = std::exchange(drained_, {});
    for (const std::int32_t id : drained) {
        if (const auto c = find(id); c && !c->ended()) c->observer->on_writable();
    }
    // After a GOAWAY for an error of ours the library closes no streams.
    if (!broken_ && !engine_->wants_read() && !engine_->wants_write() && !calls_.empty()) {
        break_off(end_with(errc::unavailable, "the connection ended"));
    }
}

void http2_client::take(http2_call& c, bytes_view part) {
    engine_->consume(c.id, part.size());
    c.in.feed(part);
    for (envelope e = c.in.peek(); e.head && !c.ended(); e = c.in.peek()) {
        if (e.flags != 0) {
            return finish_call(c, end_with(errc::compressed), h2_error::cancel);
        }
        if (e.length > limits::message_bytes) {
            return finish_call(c, end_with(errc::too_large), h2_error::cancel);
        }
        if (!e.whole) break;
        const std::shared_ptr<call_observer> o = c.observer;
        o->on_message(c.in.take());
    }
    c.in.keep();
}

void http2_client::break_off(const call_end& how) {
    broken_ = true;
    events_.clear();
    const auto calls = std::exchange(calls_, {});
    for (const auto& [id, c] : calls) c->end(how);
}

} // namespace

std::unique_ptr<client_connection> make_http2_client(std::string authority, mono_time now) {
    return std::make_unique<http2_client>(std::move(authority), now);
}

} // namespace cairn::session
