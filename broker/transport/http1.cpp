#include "transport/http1.hpp"

#include "session/send_buffer.hpp"
#include "transport/http1_request.hpp"
#include "transport/http1_response.hpp"

#include <algorithm>

namespace cairn::transport {
namespace {

// Unparsed input beyond which nothing is read while a request is being answered.
constexpr std::size_t ahead_bytes = 64 * 1024;

class http1_server final : public session::server_connection,
                           private http1_request::sink,
                           private session::response_sink {
public:
    http1_server(const session::router& routes, session::peer who, http1_times times, mono_time now)
        : routes_(routes), who_(std::move(who)), times_(times), request_(new_request()), now_(now),
          quiet_since_(now), ends_at_(now + times.max_age) {}

    void receive(bytes_view in, mono_time now) override {
        const inside here(*this, now);
        if (leaving_) return;
        input_.append(in);
        process();
    }

    void closed() override {
        const inside here(*this, now_);
        leaving_ = true;
        out_.clear();
        drop_exchange();
    }

    bytes_view output() override {
        woken_ = false;
        render();
        return out_.front().substr(0, ahead_bytes);
    }

    void sent(std::size_t n, mono_time now) override {
        const inside here(*this, now);
        out_.drop(n);
        if (exchange_ && !response_.complete()) exchange_->drained();
        process();
    }

    bool wants_read() const override {
        return input_.size() < ahead_bytes && out_.size() < limits::queued_output_bytes &&
               unread_ < limits::message_bytes + ahead_bytes;
    }

    bool finished() const override { return leaving_ && out_.empty() && response_.idle(); }

    std::optional<mono_time> next_deadline() const override {
        if (leaving_) return std::nullopt;
        std::optional<mono_time> first = waiting_until();
        const auto consider = [&](mono_time t) { first = first ? std::min(*first, t) : t; };
        if (drain_at_) consider(*drain_at_);
        if (exchange_ && !response_.complete()) {
            if (const auto t = exchange_->deadline()) consider(*t);
        }
        return first;
    }

    void tick(mono_time now) override {
        const inside here(*this, now);
        if (leaving_) return;
        if (exchange_ && !response_.complete()) exchange_->tick(now);
        if (drain_at_ && *drain_at_ <= now) {
            drain_at_.reset();
            if (exchange_ && !response_.complete()) exchange_->shut_down();
            if (!response_.complete()) leave();
        }
        const auto limit = waiting_until();
        if (limit && *limit <= now) time_out();
        process();
    }

    void shut_down(mono_time now) override {
        const inside here(*this, now);
        draining_ = true;
        drain_at_ = now + times_.drain;
        response_.close_after();
        if (!request_->begun() && !exchange_) leave();
    }

    void on_output(std::function<void()> wake) override { wake_ = std::move(wake); }
    const session::session_counters& counters() const override { return counters_; }

private:
    // Marks that the owner is in one of our functions and will look at the output by itself.
    class inside {
    public:
        inside(http1_server& s, mono_time now) : s_(s) {
            ++s_.depth_;
            s_.now_ = now;
        }
        ~inside() { --s_.depth_; }
        inside(const inside&) = delete;
        inside& operator=(const inside&) = delete;

    private:
        http1_server& s_;
    };

    // --- the request

    void on_head(const session::request_head& head) override {
        ++counters_.calls;
        quiet_since_ = now_;
        const bool last = !request_->keep_alive() || draining_ || now_ >= ends_at_;
        response_.begin(head.method == "HEAD", request_->may_chunk(), last);
        exchange_ = session::accept_exchange(routes_, who_, head, *this, now_);
        if (!request_->expects_continue() || request_->done()) return;
        // An answer without having seen the body: the client may or may not send it now, so the
        // connection cannot carry another request (RFC 9110 10.1.1).
        if (response_.started())
            response_.close_after();
        else
            out_.append("HTTP/1.1 100 Continue\r\n\r\n");
    }

    void on_body(bytes_view part) override {
        quiet_since_ = now_;
        if (exchange_ && !exchange_->answered()) {
            unread_ += part.size();
            exchange_->body(part);
            return;
        }
        swallowed_ += part.size();
    }

    void on_request_end() override {
        if (exchange_ && !exchange_->answered()) exchange_->body_end();
    }

    void process() {
        while (!leaving_) {
            if (!request_->done() && !input_.empty()) {
                if (!request_->begun()) quiet_since_ = now_;
                const std::size_t used = request_->feed(input_.front());
                input_.drop(used);
                if (swallowed_ > limits::swallowed_body_bytes) return leave();
            }
            if (request_->refusal() && !leaving_) return refuse(*request_->refusal());
            if (!exchange_ || !response_.complete()) return;
            if (response_.closes() || draining_) {
                render();
                return leave();
            }
            // Answered; the rest of a long body is swallowed before the next request.
            if (!request_->done() || !out_.empty() || !response_.idle()) return;
            next_request();
        }
    }

    // A Beast parser reads one request.
    std::unique_ptr<http1_request> new_request() {
        http1_request::sink& self = *this;
        return std::make_unique<http1_request>(self);
    }

    void next_request() {
        drop_exchange();
        request_ = new_request();
        response_ = {};
        quiet_since_ = now_;
        unread_ = 0;
        swallowed_ = 0;
        if (now_ >= ends_at_) leave();
    }

    void refuse(const http1_refusal& why) {
        ++counters_.protocol_errors;
        if (!response_.sent_head()) {
            drop_exchange();
            response_ = {};
            response_.begin(false, true, true);
            response_.start(why.status, {{"content-type", "text/plain; charset=utf-8"}}, false);
            response_.write(why.text);
            response_.end();
            render();
        }
        leave();
    }

    void render() {
        bytes ready;
        response_.render(ready);
        out_.append(ready);
    }

    // --- time

    // Until when the peer may take for what it is to send next.
    [[nodiscard]] std::optional<mono_time> waiting_until() const {
        if (!request_->begun()) {
            return std::min(quiet_since_ + times_.idle, std::max(ends_at_, quiet_since_));
        }
        if (!request_->head_done()) return quiet_since_ + times_.header;
        if (request_->done() || !wants_read()) return std::nullopt;
        // A stream between two messages may be quiet; a message begun must go on.
        if (exchange_ && !exchange_->answered() && !exchange_->awaits_body()) return std::nullopt;
        return quiet_since_ + times_.body;
    }

    void time_out() {
        if (!request_->begun()) return leave();
        refuse({408, "The request took too long.\n"});
    }

    // Nothing more is taken in; what is in out_ still goes out.
    void leave() {
        leaving_ = true;
        input_.clear();
        drop_exchange();
    }

    void drop_exchange() {
        if (!exchange_) return;
        const auto ended = std::move(exchange_);
        if (!response_.complete()) response_ = {};
        // Not left to the destructor, which must not throw: the handler's last event may come of
        // it.
        ended->aborted();
    }

    // --- the response, called by the exchange

    void start(int code, const session::header_list& headers, bool end) override {
        response_.start(code, headers, end);
        changed();
    }
    void write(bytes_view body) override {
        response_.write(body);
        changed();
    }
    void count_message(bool in) override {
        ++(in ? counters_.messages_in : counters_.messages_out);
    }
    void end(const session::header_list&) override {
        response_.end();
        changed();
    }
    void abort() override {
        response_.cut_off();
        changed();
    }
    std::size_t queued() const override { return out_.size() + response_.held(); }
    void consumed(std::size_t n) override {
        const bool stopped = !wants_read();
        unread_ -= std::min(unread_, n);
        if (stopped) changed();
    }

    void changed() {
        if (depth_ > 0 || woken_ || !wake_) return;
        woken_ = true;
        wake_();
    }

    const session::router& routes_;
    session::peer who_;
    http1_times times_;
    std::unique_ptr<http1_request> request_;
    http1_response response_;
    std::unique_ptr<session::http_exchange> exchange_;
    session::session_counters counters_;
    std::function<void()> wake_;
    session::send_buffer input_;
    session::send_buffer out_;
    mono_time now_;
    mono_time quiet_since_;
    mono_time ends_at_;
    std::optional<mono_time> drain_at_;
    std::size_t unread_ = 0;
    std::size_t swallowed_ = 0;
    int depth_ = 0;
    bool woken_ = false;
    bool draining_ = false;
    bool leaving_ = false;
};

} // namespace

std::unique_ptr<session::server_connection> make_http1_server(
    const session::router& routes, session::peer who, http1_times times, mono_time now
) {
    return std::make_unique<http1_server>(routes, std::move(who), times, now);
}

} // namespace cairn::transport
