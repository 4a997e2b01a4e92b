// Receive: notices of one desk in log order, pushed as they are committed, read from the store when
// the stream fell behind.
#include "daemon/frames.hpp"
#include "daemon/services.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>
#include <deque>
#include <set>

namespace cairn::daemon {
namespace {

// Beyond this many waiting notices, or limits::stream_buffer_bytes of them, a stream drops its
// buffer and reads the store again.
constexpr std::size_t buffered_max = limits::unconfirmed_max;

// What is waiting to be sent. The notice may be shared with other streams, the proof is its own.
struct waiting_notice {
    committed_notice notice;
    std::string proof;
};

//   catching_up ──store has no more──▶ live ──buffer overflows──▶ catching_up
class receive_stream final : public desk_stream,
                             public std::enable_shared_from_this<receive_stream> {
public:
    receive_stream(services& s, session::call& c, registry::caller who, v1::ReceiveRequest asked)
        : s_(s), call_(c.weak_from_this()), who_(std::move(who)), asked_(std::move(asked)),
          mark_(s.hub.mark(asked_.desk())), sent_(asked_.after()), thread_(s.rt.here()) {
        credit_ =
            asked_.max_unconfirmed() == 0 ? limits::unconfirmed_default : asked_.max_unconfirmed();
        credit_ = std::min(credit_, limits::unconfirmed_max);
        rights_known(*s_.rt.registry.now());
    }

    void start() {
        ticket_ = s_.hub.attach(asked_.desk(), thread_, weak_from_this());
        pump();
    }
    void stop() { s_.hub.detach(asked_.desk(), ticket_); }

    void offered(const committed_notice& n) override {
        if (n.position <= sent_ || (behind_ && !reading_)) return;
        const std::size_t size = n.notice->size();
        const bool full =
            buffer_.size() >= buffered_max || buffered_bytes_ + size > limits::stream_buffer_bytes;
        // A proof needs the tree: with proofs every notice is read from the store.
        if (asked_.with_proofs() || full) {
            buffer_.clear();
            buffered_bytes_ = 0;
            behind_ = true;
            again_ = reading_;
            return;
        }
        buffered_bytes_ += size;
        buffer_.push_back(n);
    }
    void offers_done() override { pump(); }
    void settled(const std::vector<std::uint64_t>& positions) override {
        for (const std::uint64_t p : positions) {
            in_flight_.erase(p);
            if (p > sent_) drop(p);
        }
    }
    void recalled(std::uint64_t p) override {
        if (p > sent_) return drop(p);
        // Not confirmed over this stream, so it was withdrawn. What the desk had before it
        // connected may have been confirmed: the store knows.
        if (in_flight_.erase(p) == 0) return look_up_withdrawn(p);
        say_withdrawn(p);
    }
    void superseded() override {
        if (const auto c = call_.lock()) c->finish(fail(errc::superseded, asked_.desk()));
    }
    void shutting_down() override {
        if (const auto c = call_.lock()) c->finish(fail(errc::shutting_down));
    }

    void pump() {
        const auto c = call_.lock();
        if (c == nullptr || !c->alive() || !still_allowed(*c)) return;
        const duration from = s_.rt.time().thread_cpu();
        while (room(*c)) {
            if (!read_.empty()) {
                const waiting_notice n = std::move(read_.front());
                read_.pop_front();
                send(*c, n.notice, n.proof);
            } else if (behind_) {
                if (!reading_) read_store();
                break;
            } else if (!buffer_.empty()) {
                const committed_notice n = std::move(buffer_.front());
                buffer_.pop_front();
                buffered_bytes_ -= n.notice->size();
                if (n.position > sent_) send(*c, n, {});
            } else {
                break;
            }
        }
        const auto spent = (s_.rt.time().thread_cpu() - from).count();
        s_.count.deliver_ns.fetch_add(static_cast<std::uint64_t>(spent), std::memory_order_relaxed);
    }

private:
    struct found {
        std::vector<ledger::stored_notice> notices;
        std::vector<std::string> proofs;
        bool more = false;
    };

    bool room(const session::call& c) const {
        return in_flight_.size() < credit_ && c.queued() < limits::queued_output_bytes;
    }

    // What was queued under an older registry, or before a right ended by its date, is authorised
    // again before it leaves.
    bool still_allowed(session::call& c) {
        const auto registry = s_.rt.registry.now();
        if (registry->epoch() == epoch_ && now_us(s_.rt) < allowed_until_) return true;
        rights_known(*registry);
        return admit(s_, c, registry::operation::receive, asked_.desk()).has_value();
    }

    void rights_known(const registry::snapshot& registry) {
        registry::request asked;
        asked.what = registry::operation::receive;
        asked.desk = asked_.desk();
        asked.now_us = now_us(s_.rt);
        epoch_ = registry.epoch();
        allowed_until_ = registry::allowed_until(registry, who_, asked);
    }

    // Settled before it was sent: it must not leave any more.
    void drop(std::uint64_t position) {
        if (reading_) gone_.insert(position);
        std::erase_if(read_, [position](const waiting_notice& n) {
            return n.notice.position == position;
        });
        std::erase_if(buffer_, [this, position](const committed_notice& n) {
            if (n.position != position) return false;
            buffered_bytes_ -= n.notice->size();
            return true;
        });
    }

    void say_withdrawn(std::uint64_t position) {
        const auto c = call_.lock();
        if (c == nullptr || !c->alive() || !still_allowed(*c)) return;
        c->send(withdrawn_frame(position));
    }

    void look_up_withdrawn(std::uint64_t position) {
        auto self = shared_from_this();
        const bool taken = s_.rt.query([self, position] {
            const auto n = self->s_.rt.store().read().notice(self->asked_.desk(), position);
            if (!n || n->state != ledger::notice_state::withdrawn) return;
            self->s_.rt.post(self->thread_, [self, position] { self->say_withdrawn(position); });
        });
        // The recall itself is a notice to the same desk and comes in any case.
        if (!taken) s_.rt.log("withdrawal_untold", asked_.desk());
    }

    void read_store() {
        reading_ = true;
        const auto max =
            static_cast<std::uint32_t>(std::min<std::size_t>(credit_ - in_flight_.size(), 256));
        auto self = shared_from_this();
        const bool taken = s_.rt.query([self, max, after = sent_] {
            result<found> r = self->find(after, max);
            self->s_.rt.post(self->thread_, [self, r = std::move(r)]() mutable {
                self->read_done(std::move(r));
            });
        });
        if (!taken) {
            reading_ = false;
            if (const auto c = call_.lock()) c->finish(fail(errc::overloaded));
        }
    }

    // Query pool.
    result<found> find(std::uint64_t after, std::uint32_t max) {
        auto& store = s_.rt.store().read();
        auto rows = store.pending(asked_.desk(), after, max, limits::stream_read_bytes);
        if (!rows) return rows.error();
        found f;
        std::size_t size = 0;
        for (const auto& n : *rows) size += n.notice.size();
        f.more = rows->size() == max || size >= limits::stream_read_bytes;
        f.notices = std::move(*rows);
        if (asked_.with_proofs()) {
            for (const auto& n : f.notices) {
                auto proof = store.proof({n.position}, asked_.desk());
                if (!proof) return proof.error();
                f.proofs.push_back(std::move(*proof));
            }
        }
        return f;
    }

    void read_done(result<found> r) {
        reading_ = false;
        const auto c = call_.lock();
        if (c == nullptr || !c->alive()) return;
        if (!r) return c->finish(r.error());
        for (std::size_t i = 0; i < r->notices.size(); ++i) {
            auto& n = r->notices[i];
            if (gone_.contains(n.position)) continue;
            read_.push_back(
                {{asked_.desk(),
                  n.position,
                  std::make_shared<const bytes>(std::move(n.notice)),
                  n.recorded_at_us,
                  n.acknowledge_by_us},
                 asked_.with_proofs() ? std::move(r->proofs[i]) : std::string{}}
            );
        }
        gone_.clear();
        behind_ = r->more || again_;
        again_ = false;
        pump();
    }

    void send(session::call& c, const committed_notice& n, std::string_view proof) {
        const bool again = mark_->covers(n.position);
        c.send(delivery_frame(
            n.position, *n.notice, n.recorded_at_us, n.acknowledge_by_us, proof, again
        ));
        mark_->raise(n.position);
        sent_ = n.position;
        in_flight_.insert(n.position);
        s_.count.delivered.fetch_add(1, std::memory_order_relaxed);
    }

    services& s_;
    std::weak_ptr<session::call> call_;
    registry::caller who_;
    v1::ReceiveRequest asked_;
    std::shared_ptr<sent_mark> mark_;
    // Position of the last notice sent.
    std::uint64_t sent_;
    unsigned thread_;
    std::uint32_t credit_ = 0;
    std::uint64_t epoch_ = 0;
    // When a date ends the right to this desk, unless it is given anew.
    std::int64_t allowed_until_ = 0;
    std::uint64_t ticket_ = 0;
    std::set<std::uint64_t> in_flight_;
    // Out of the store, before everything in the buffer.
    std::deque<waiting_notice> read_;
    std::deque<committed_notice> buffer_;
    std::size_t buffered_bytes_ = 0;
    // Settled while the store was being read, which may have seen them pending.
    std::set<std::uint64_t> gone_;
    bool behind_ = true;
    bool reading_ = false;
    // Something came during the read that it may not have seen and the buffer does not hold.
    bool again_ = false;
};

class receive_handler final : public session::handler {
public:
    explicit receive_handler(services& s) : s_(s) {}

    void on_message(session::call& c, bytes_view message) override {
        v1::ReceiveRequest asked;
        auto who = admitted(s_, c, message, registry::operation::receive, asked);
        if (!who) return;
        stream_ = std::make_shared<receive_stream>(s_, c, std::move(*who), std::move(asked));
        stream_->start();
    }
    void on_writable(session::call&) override {
        if (stream_) stream_->pump();
    }
    void on_closed(session::call&) override {
        if (stream_) stream_->stop();
    }

private:
    services& s_;
    std::shared_ptr<receive_stream> stream_;
};

} // namespace

void add_receive(session::router& routes, services& s) {
    session::method m;
    m.path = "/cairn.v1.Exchange/Receive";
    m.kind = session::method_kind::server_stream;
    m.input = v1::ReceiveRequest::descriptor();
    m.output = v1::Delivery::descriptor();
    m.make = [&s](session::call&) { return std::make_unique<receive_handler>(s); };
    routes.add(std::move(m));
}

} // namespace cairn::daemon
