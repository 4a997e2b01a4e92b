#include "agents/core/client.hpp"

#include "agents/core/record_time.hpp"
#include "core/errors.hpp"

#include "cairn/v1/exchange.pb.h"

#include <map>
#include <set>
#include <utility>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view publish_path = "/cairn.v1.Exchange/Publish";
constexpr std::string_view receive_path = "/cairn.v1.Exchange/Receive";
constexpr std::string_view confirm_path = "/cairn.v1.Exchange/Confirm";
constexpr duration confirm_timeout = std::chrono::seconds(30);

trouble trouble_of(const session::call_end& end) {
    // A stream that ends well has ended all the same: come again.
    if (end.grpc_status == 0) return {};
    constexpr int unavailable = 14;
    return {end.number, end.retryable || end.grpc_status == unavailable, end.retry_after_ms};
}

std::string describe(const session::call_end& end) {
    return "status " + std::to_string(end.grpc_status) + " number " + std::to_string(end.number);
}

// Streams end when a broker stops, too.
log_level level_of(const session::call_end& end) {
    return end.grpc_status == 0 ? log_level::info : log_level::warning;
}

// Hands the events of one call to two functions.
class relay final : public session::call_observer {
public:
    std::function<void(bytes_view)> message = [](bytes_view) {};
    std::function<void(const session::call_end&)> ended;

    void on_message(bytes_view m) override { message(m); }
    void on_end(const session::call_end& how) override { ended(how); }
};

class driver final : public agent_client, public std::enable_shared_from_this<driver> {
public:
    driver(
        transport::dialer& dialer,
        transport::dial_options broker,
        outbox_store& outbox,
        const clock& time,
        engine core,
        client_hooks hooks
    )
        : dialer_(dialer), broker_(std::move(broker)), outbox_(outbox), time_(time),
          engine_(std::move(core)), hooks_(std::move(hooks)) {}

    void start() override {
        state_.last_activity = time_.mono_now();
        feed(event::tick{});
    }

    void queued(std::string key) override {
        if (client_) fresh_.insert(key);
        feed(event::queued{std::move(key)});
    }

    void stop() override {
        stopped_ = true;
        ++epoch_;
        if (publish_) publish_->half_close();
        // A call that is cancelled ends at once, and its end would take it out of the table.
        for (const auto& [desk, call] : std::exchange(receiving_, {})) {
            ++receive_epoch_[desk];
            if (call) call->cancel();
        }
        publish_.reset();
        if (client_) client_->close();
        client_.reset();
    }

    void redial(transport::dial_options broker) override {
        broker_ = std::move(broker);
        const auto gone = std::exchange(client_, nullptr);
        if (!gone) return;
        gone->close();
        lost(epoch_);
    }

    [[nodiscard]] client_state state() const override {
        auto out = state_;
        out.load = engine_.load();
        return out;
    }

private:
    // Actions are performed one after the other; events they cause at once join the queue.
    void feed(event_t e) {
        if (stopped_) return;
        events_.push_back(std::move(e));
        if (feeding_) return;
        feeding_ = true;
        while (!events_.empty() && !stopped_) {
            auto next = std::move(events_.front());
            events_.pop_front();
            for (auto& a : engine_.step(std::move(next), time_.mono_now()))
                std::visit([this](auto& what) { perform(what); }, a);
        }
        feeding_ = false;
        arm();
    }

    void arm() {
        const auto at = engine_.wake_at();
        if (!at || stopped_ || (armed_ && *armed_ <= *at)) return;
        armed_ = *at;
        const auto now = time_.mono_now();
        const auto wait = std::max(duration(std::chrono::milliseconds(1)), duration(*at - now));
        dialer_.post_after(wait, [weak = weak_from_this(), at] {
            const auto self = weak.lock();
            if (!self) return;
            if (self->armed_ == at) self->armed_.reset();
            self->feed(event::tick{});
        });
    }

    void perform(action::dial&) {
        const auto epoch = ++epoch_;
        dialer_.dial(
            broker_,
            [weak = weak_from_this(), epoch](result<std::shared_ptr<transport::client>> made) {
                if (const auto self = weak.lock()) self->dialled(epoch, std::move(made));
            },
            [weak = weak_from_this(), epoch] {
                if (const auto self = weak.lock()) self->lost(epoch);
            }
        );
    }

    void dialled(std::uint64_t epoch, result<std::shared_ptr<transport::client>> made) {
        if (epoch != epoch_ || stopped_) {
            if (made) (*made)->close();
            return;
        }
        if (!made) {
            const auto why = made.error();
            hooks_.log(log_level::warning, "connect_failed", why.public_text());
            hooks_.link(&why);
            feed(event::disconnected{});
            return;
        }
        client_ = std::move(*made);
        hooks_.log(log_level::info, "connected", "to the broker");
        hooks_.link(nullptr);
        state_.last_activity = time_.mono_now();
        feed(event::connected{});
    }

    void lost(std::uint64_t epoch) {
        if (epoch != epoch_ || stopped_) return;
        ++epoch_;
        client_.reset();
        publish_.reset();
        fresh_.clear();
        receiving_.clear();
        hooks_.log(log_level::warning, "disconnected", "the connection broke off");
        const auto why = fail(errc::connect_failed, "the connection ended");
        hooks_.link(&why);
        feed(event::disconnected{});
    }

    // Null where the connection takes no more calls; it is given up then.
    std::shared_ptr<session::client_call>
    call(std::string_view path, std::shared_ptr<relay> observer, duration timeout) {
        auto started = client_ ? client_->start(path, std::move(observer), timeout) : nullptr;
        if (started || !client_) return started;
        const auto gone = std::exchange(client_, nullptr);
        const auto epoch = epoch_;
        dialer_.post([weak = weak_from_this(), epoch, gone] {
            gone->close();
            if (const auto self = weak.lock()) self->lost(epoch);
        });
        return nullptr;
    }

    void perform(action::open_publish&) {
        auto observer = std::make_shared<relay>();
        const auto stream = ++publish_epoch_;
        observer->message = [weak = weak_from_this(), stream](bytes_view m) {
            if (const auto self = weak.lock()) self->on_publish_answer(stream, m);
        };
        observer->ended = [weak = weak_from_this(), stream](const session::call_end& how) {
            const auto self = weak.lock();
            if (!self || stream != self->publish_epoch_) return;
            self->publish_.reset();
            self->fresh_.clear();
            self->hooks_.log(level_of(how), "publish_ended", describe(how));
            self->hooks_.stream(how.number);
            self->feed(event::publish_ended{trouble_of(how)});
        };
        publish_ = call(publish_path, std::move(observer), duration::zero());
    }

    void on_publish_answer(std::uint64_t stream, bytes_view m) {
        if (stream != publish_epoch_) return;
        v1::PublishResponse answer;
        if (!answer.ParseFromArray(m.data(), static_cast<int>(m.size()))) {
            hooks_.log(log_level::error, "answer_unreadable", "to a concern");
            return;
        }
        state_.last_activity = time_.mono_now();
        hooks_.stream(0);
        if (answer.has_accepted()) {
            const auto at = record_time(answer.accepted().receipt());
            if (fresh_.erase(answer.key()) != 0 && at) hooks_.recorded(*at);
            feed(event::accepted{answer.key(), bytes(m)});
        } else {
            const auto& r = answer.refused();
            hooks_.log(log_level::warning, "refused", "number " + std::to_string(r.number()));
            feed(event::refused{
                answer.key(), bytes(m), {r.number(), r.retryable(), r.retry_after_ms()}});
        }
    }

    void perform(action::submit& a) {
        const auto row = outbox_.find(a.key);
        if (!row) {
            hooks_.log(log_level::error, "outbox_unreadable", row.error().public_text());
            feed(event::refused{a.key, {}, {}});
            return;
        }
        if (publish_) publish_->send(row->request);
    }

    // Answers come in bursts: those of one burst wait for the disk together.
    void perform(action::settle& a) {
        if (a.answer.empty()) a.answer = own_refusal(a);
        answered_.push_back(
            {a.key,
             a.ok ? submission_state::accepted : submission_state::refused,
             std::move(a.answer)}
        );
        if (answered_.size() != 1) return;
        dialer_.post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->settle_answered();
        });
    }

    void settle_answered() {
        const auto all = std::exchange(answered_, {});
        if (all.empty()) return;
        const auto done = outbox_.settle(all);
        if (!done) {
            hooks_.log(log_level::error, "outbox_failed", done.error().public_text());
            for (const auto& one : all) feed(event::settle_failed{one.key});
            return;
        }
        std::vector<std::string> keys;
        for (const auto& one : all) keys.push_back(one.key);
        hooks_.settled(keys);
        for (auto& key : keys) feed(event::settled{std::move(key)});
    }

    // The stream's end refused the request; write it as the broker would have.
    static bytes own_refusal(const action::settle& a) {
        v1::PublishResponse answer;
        answer.set_key(a.key);
        answer.mutable_refused()->set_number(a.why.number);
        answer.mutable_refused()->set_retryable(false);
        for (const auto& known : error_table) {
            if (number(known.code) != a.why.number) continue;
            answer.mutable_refused()->set_symbol(std::string(known.symbol));
            answer.mutable_refused()->set_text(std::string(known.text));
            answer.mutable_refused()->set_next_step(std::string(known.next_step));
        }
        return answer.SerializeAsString();
    }

    void perform(action::open_receive& a) {
        auto observer = std::make_shared<relay>();
        const auto stream = ++receive_epoch_[a.desk];
        observer->message = [weak = weak_from_this(), stream, desk = a.desk](bytes_view m) {
            if (const auto self = weak.lock()) self->on_delivery(desk, stream, m);
        };
        observer->ended = [weak = weak_from_this(), stream, desk = a.desk](const auto& how) {
            const auto self = weak.lock();
            if (!self || stream != self->receive_epoch_[desk]) return;
            self->receiving_.erase(desk);
            self->hooks_.log(level_of(how), "receive_ended", describe(how));
            self->hooks_.stream(how.number);
            self->feed(event::receive_ended{desk, trouble_of(how)});
        };
        auto started = call(receive_path, std::move(observer), duration::zero());
        if (!started) return;
        v1::ReceiveRequest request;
        request.set_desk(a.desk);
        request.set_after(a.after);
        request.set_with_proofs(true);
        started->send(request.SerializeAsString());
        started->half_close();
        receiving_[a.desk] = std::move(started);
        state_.last_activity = time_.mono_now();
    }

    void on_delivery(const std::string& desk, std::uint64_t stream, bytes_view m) {
        if (stream != receive_epoch_[desk]) return;
        state_.last_activity = time_.mono_now();
        const auto d = parse_delivery(m);
        if (d) {
            hooks_.stream(0);
            feed(event::delivered{desk, d->position, d->withdrawn, bytes(m)});
            return;
        }
        hooks_.log(log_level::error, "delivery_unreadable", d.error().public_text());
        action::close_receive close{desk};
        perform(close);
        feed(event::receive_ended{desk, {number(errc::malformed), false, 0}});
    }

    void perform(action::close_receive& a) {
        ++receive_epoch_[a.desk];
        const auto it = receiving_.find(a.desk);
        if (it == receiving_.end()) return;
        const auto call = it->second;
        receiving_.erase(it);
        call->cancel();
    }

    void perform(action::store& a) {
        const auto d = parse_delivery(a.body);
        auto done = d ? hooks_.store(a.desk, *d) : status(d.error());
        if (done) done = outbox_.mark_stored(a.desk, a.position, !a.withdrawn);
        if (!done) {
            hooks_.log(log_level::error, "store_failed", done.error().public_text());
            feed(event::store_failed{a.desk});
            return;
        }
        if (!a.withdrawn) ++state_.notices_stored;
        feed(event::stored{a.desk});
    }

    void perform(action::confirm& a) {
        auto observer = std::make_shared<relay>();
        observer->ended = [weak = weak_from_this(), epoch = epoch_, a](const auto& how) {
            const auto self = weak.lock();
            if (!self || epoch != self->epoch_) return;
            self->confirm_ended(a, how);
        };
        auto started = call(confirm_path, std::move(observer), confirm_timeout);
        if (!started) return;
        v1::ConfirmRequest request;
        request.set_desk(a.desk);
        for (const auto p : a.positions) request.add_positions(p);
        started->send(request.SerializeAsString());
        started->half_close();
    }

    void confirm_ended(const action::confirm& a, const session::call_end& how) {
        state_.last_activity = time_.mono_now();
        if (how.grpc_status != 0) {
            hooks_.log(log_level::warning, "confirm_failed", describe(how));
            feed(event::confirm_failed{a.desk, trouble_of(how)});
            return;
        }
        // Not written down: confirmed once more after a restart, which changes nothing.
        const auto kept = outbox_.mark_confirmed(a.desk, a.positions);
        if (!kept) hooks_.log(log_level::error, "outbox_failed", kept.error().public_text());
        feed(event::confirmed{a.desk});
    }

    void perform(action::drop_confirm& a) {
        hooks_.log(log_level::error, "confirm_dropped", "refused for good");
        const auto kept = outbox_.mark_confirmed(a.desk, {a.position});
        if (!kept) hooks_.log(log_level::error, "outbox_failed", kept.error().public_text());
    }

    static std::uint32_t number(errc code) { return static_cast<std::uint32_t>(code); }

    transport::dialer& dialer_;
    transport::dial_options broker_;
    outbox_store& outbox_;
    const clock& time_;
    engine engine_;
    client_hooks hooks_;

    std::deque<event_t> events_;
    // Sent on this stream and on none before: a repeat is answered with the time of the first.
    std::set<std::string> fresh_;
    // Not yet in the outbox.
    std::vector<settlement> answered_;
    bool feeding_ = false;
    bool stopped_ = false;
    std::optional<mono_time> armed_;
    // Tells a connection, and each stream, from those before it.
    std::uint64_t epoch_ = 0;
    std::uint64_t publish_epoch_ = 0;
    std::map<std::string, std::uint64_t> receive_epoch_;
    std::shared_ptr<transport::client> client_;
    std::shared_ptr<session::client_call> publish_;
    std::map<std::string, std::shared_ptr<session::client_call>> receiving_;
    client_state state_;
};

} // namespace

result<std::shared_ptr<agent_client>> make_agent_client(
    transport::dialer& dialer,
    transport::dial_options broker,
    outbox_store& outbox,
    const clock& time,
    random_source& random,
    std::vector<std::string> desks,
    client_hooks hooks
) {
    auto queued = outbox.queued();
    if (!queued) return queued.error();
    std::vector<desk_start> starts;
    for (auto& desk : desks) {
        const auto last = outbox.last_stored(desk);
        if (!last) return last.error();
        auto owed = outbox.unconfirmed(desk);
        if (!owed) return owed.error();
        starts.push_back({desk, *last, std::move(*owed)});
    }
    engine core(std::move(*queued), std::move(starts), random);
    return std::shared_ptr<agent_client>(std::make_shared<driver>(
        dialer, std::move(broker), outbox, time, std::move(core), std::move(hooks)
    ));
}

} // namespace cairn::agents
