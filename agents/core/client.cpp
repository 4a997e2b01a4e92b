#include "agents/core/client_driver.hpp"

#include <algorithm>
#include <utility>

namespace cairn::agents {

trouble trouble_of(const session::call_end& end) {
    // A stream that ends well has ended all the same: come again.
    if (end.grpc_status == 0) return {};
    constexpr int unavailable = 14;
    return {end.number, end.retryable || end.grpc_status == unavailable, end.retry_after_ms};
}

std::string words_of(const session::call_end& end) {
    return "status " + std::to_string(end.grpc_status) + " number " + std::to_string(end.number);
}

log_level level_of(const session::call_end& end) {
    return end.grpc_status == 0 ? log_level::info : log_level::warning;
}

void client_driver::start() {
    state_.last_activity = time_.mono_now();
    feed(event::tick{});
}

void client_driver::queued(std::string key) {
    if (client_) fresh_.insert(key);
    feed(event::queued{std::move(key)});
}

void client_driver::stop() {
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

void client_driver::redial(transport::dial_options broker) {
    broker_ = std::move(broker);
    outdated_ = true;
    const auto gone = std::exchange(client_, nullptr);
    if (!gone) return;
    gone->close();
    lost(epoch_);
}

client_state client_driver::state() const {
    auto out = state_;
    out.load = engine_.load();
    return out;
}

// Actions are performed one after the other; events they cause at once join the queue.
void client_driver::feed(event_t e) {
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

void client_driver::arm() {
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

void client_driver::perform(action::dial&) {
    const auto epoch = ++epoch_;
    outdated_ = false;
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

void client_driver::dialled(std::uint64_t epoch, result<std::shared_ptr<transport::client>> made) {
    if (epoch != epoch_ || stopped_) {
        if (made) (*made)->close();
        return;
    }
    if (outdated_) {
        if (made) (*made)->close();
        action::dial anew;
        return perform(anew);
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

void client_driver::lost(std::uint64_t epoch) {
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

std::shared_ptr<session::client_call>
client_driver::call(std::string_view path, std::shared_ptr<call_relay> observer, duration timeout) {
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
    return std::shared_ptr<agent_client>(std::make_shared<client_driver>(
        dialer, std::move(broker), outbox, time, std::move(core), std::move(hooks)
    ));
}

} // namespace cairn::agents
