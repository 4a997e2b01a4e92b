#include "agents/core/engine.hpp"

#include "core/errors.hpp"
#include "core/limits.hpp"

#include <algorithm>
#include <utility>

namespace cairn::agents {
namespace {

constexpr std::uint32_t number(errc code) {
    return static_cast<std::uint32_t>(code);
}

// The catalogue's decade for what is wrong with a request itself.
bool blames_request(const trouble& why) {
    return !why.retryable && why.number >= 1200 && why.number < 1300;
}

bool never_confirmable(const trouble& why) {
    return why.number == number(errc::unknown_position) ||
           why.number == number(errc::already_settled);
}

} // namespace

engine::engine(
    std::vector<std::string> queued, std::vector<desk_start> desks, random_source& random
)
    : random_(random), waiting_(queued.begin(), queued.end()) {
    for (auto& d : desks) {
        auto& state = desks_[d.desk];
        state.cursor = d.last_stored;
        state.unconfirmed.insert(d.unconfirmed.begin(), d.unconfirmed.end());
    }
}

std::vector<action_t> engine::step(event_t e, mono_time now) {
    actions out;
    std::visit([&](auto& what) { on(what, now, out); }, e);
    advance(now, out);
    return out;
}

void engine::on(event::queued& e, mono_time, actions&) {
    waiting_.push_back(std::move(e.key));
}

void engine::on(event::connected&, mono_time now, actions&) {
    link_ = link::up;
    connected_at_ = now;
    publish_at_ = now;
    for (auto& [name, d] : desks_) {
        d.open_at = std::max(d.open_at, now);
        d.confirm_at = now;
    }
}

void engine::on(event::disconnected&, mono_time now, actions&) {
    if (link_ == link::up && now - connected_at_ > backoff::most) redial_.reset();
    link_ = link::down;
    dial_at_ = now + redial_.next(random_);
    close_publish();
    for (auto& [name, d] : desks_) {
        d.open = false;
        d.confirming.clear();
        // What the driver holds will be reported; the rest comes again.
        d.backlog.resize(d.storing ? 1 : 0);
    }
}

void engine::on(event::accepted& e, mono_time, actions& out) {
    if (std::erase(in_flight_, e.key) == 0) return;
    proved_useful();
    republish_.reset();
    window_ = window;
    settling_.insert(e.key);
    out.push_back(action::settle{e.key, true, std::move(e.answer), {}});
}

void engine::on(event::refused& e, mono_time now, actions& out) {
    if (std::erase(in_flight_, e.key) == 0) return;
    proved_useful();
    if (e.why.retryable) {
        delay(std::move(e.key), now + wait_for(e.why, republish_));
        return;
    }
    settling_.insert(e.key);
    out.push_back(action::settle{e.key, false, std::move(e.answer), e.why});
}

void engine::on(event::settled& e, mono_time, actions&) {
    settling_.erase(e.key);
}

void engine::on(event::settle_failed& e, mono_time now, actions&) {
    // Sent again later: the broker answers a repeat with the same receipt.
    if (settling_.erase(e.key) != 0) delay(std::move(e.key), now + republish_.next(random_));
}

void engine::on(event::publish_ended& e, mono_time now, actions& out) {
    if (!publishing_) return;
    // One request alone was on the stream and the end names a fault of requests: it is to blame.
    // With several, send them singly until the one shows itself; the others must not wait for ever.
    if (blames_request(e.why) && in_flight_.size() == 1) {
        settling_.insert(in_flight_.front());
        out.push_back(action::settle{in_flight_.front(), false, {}, e.why});
        in_flight_.clear();
        window_ = window;
    } else if (blames_request(e.why)) {
        window_ = 1;
    } else if (!e.why.retryable) {
        republish_.jump();
    }
    close_publish();
    publish_at_ = now + wait_for(e.why, republish_);
}

void engine::on(event::delivered& e, mono_time, actions&) {
    auto* d = find(e.desk);
    if (d == nullptr || !d->open) return;
    proved_useful();
    d->reopen.reset();
    const bool coming = std::any_of(d->backlog.begin(), d->backlog.end(), [&](const auto& p) {
        return p.position == e.position && p.withdrawn == e.withdrawn;
    });
    if (coming) return;
    if (!e.withdrawn && e.position <= d->cursor) {
        d->unconfirmed.insert(e.position);
        return;
    }
    d->backlog.push_back({e.position, e.withdrawn, std::move(e.body)});
}

void engine::on(event::stored& e, mono_time, actions&) {
    auto* d = find(e.desk);
    if (d == nullptr || !d->storing) return;
    const auto& done = d->backlog.front();
    d->cursor = std::max(d->cursor, done.position);
    if (done.withdrawn)
        d->unconfirmed.erase(done.position);
    else
        d->unconfirmed.insert(done.position);
    d->backlog.pop_front();
    d->storing = false;
}

void engine::on(event::store_failed& e, mono_time now, actions& out) {
    auto* d = find(e.desk);
    if (d == nullptr || !d->storing) return;
    d->storing = false;
    d->backlog.clear();
    if (d->open) out.push_back(action::close_receive{e.desk});
    d->open = false;
    d->open_at = now + d->reopen.next(random_);
}

void engine::on(event::receive_ended& e, mono_time now, actions&) {
    auto* d = find(e.desk);
    if (d == nullptr || !d->open) return;
    d->open = false;
    d->backlog.resize(d->storing ? 1 : 0);
    // Two processes that receive for one desk would take it from each other without end.
    if (e.why.number == number(errc::superseded) || !e.why.retryable) d->reopen.jump();
    d->open_at = now + wait_for(e.why, d->reopen);
}

void engine::on(event::confirmed& e, mono_time, actions&) {
    auto* d = find(e.desk);
    if (d == nullptr) return;
    proved_useful();
    d->reconfirm.reset();
    for (const auto p : d->confirming) d->unconfirmed.erase(p);
    d->confirming.clear();
    if (d->unconfirmed.empty()) d->one_by_one = false;
}

void engine::on(event::confirm_failed& e, mono_time now, actions& out) {
    auto* d = find(e.desk);
    if (d == nullptr || d->confirming.empty()) return;
    const auto tried = std::exchange(d->confirming, {});
    if (!never_confirmable(e.why)) {
        if (!e.why.retryable) d->reconfirm.jump();
        d->confirm_at = now + wait_for(e.why, d->reconfirm);
        return;
    }
    if (tried.size() > 1) {
        d->one_by_one = true;
        return;
    }
    d->unconfirmed.erase(tried.front());
    if (d->unconfirmed.empty()) d->one_by_one = false;
    out.push_back(action::drop_confirm{e.desk, tried.front()});
}

void engine::on(event::tick&, mono_time, actions&) {}

void engine::advance(mono_time now, actions& out) {
    // Stores need no connection.
    for (auto& [name, d] : desks_) {
        if (d.storing || d.backlog.empty()) continue;
        auto& next = d.backlog.front();
        d.storing = true;
        out.push_back(action::store{name, next.position, next.withdrawn, std::move(next.body)});
    }
    if (link_ == link::down && now >= dial_at_) {
        link_ = link::dialing;
        out.push_back(action::dial{});
    }
    if (link_ != link::up) return;
    advance_publish(now, out);
    for (auto& [name, d] : desks_) advance_desk(name, d, now, out);
}

void engine::advance_publish(mono_time now, actions& out) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        waiting_.push_back(std::move(delayed_.begin()->second));
        delayed_.erase(delayed_.begin());
    }
    if (!publishing_ && !waiting_.empty() && now >= publish_at_) {
        publishing_ = true;
        out.push_back(action::open_publish{});
    }
    while (publishing_ && in_flight_.size() < window_ && !waiting_.empty()) {
        in_flight_.push_back(waiting_.front());
        out.push_back(action::submit{std::move(waiting_.front())});
        waiting_.pop_front();
    }
}

void engine::advance_desk(const std::string& name, desk_state& d, mono_time now, actions& out) {
    if (!d.open && now >= d.open_at) {
        d.open = true;
        // The one being stored will come again and be known by then.
        out.push_back(action::open_receive{name, d.cursor});
    }
    if (!d.confirming.empty() || d.unconfirmed.empty() || now < d.confirm_at) return;
    const auto most = d.one_by_one ? std::size_t{1} : limits::confirm_positions;
    auto last = d.unconfirmed.begin();
    std::advance(last, static_cast<std::ptrdiff_t>(std::min(most, d.unconfirmed.size())));
    d.confirming.assign(d.unconfirmed.begin(), last);
    out.push_back(action::confirm{name, d.confirming});
}

void engine::close_publish() {
    publishing_ = false;
    waiting_.insert(waiting_.begin(), in_flight_.begin(), in_flight_.end());
    in_flight_.clear();
}

void engine::delay(std::string key, mono_time until) {
    delayed_.emplace(until, std::move(key));
}

// Connecting alone proves nothing: a revoked certificate connects, too, until it is used.
void engine::proved_useful() {
    redial_.reset();
}

engine::desk_state* engine::find(const std::string& desk) {
    const auto it = desks_.find(desk);
    return it == desks_.end() ? nullptr : &it->second;
}

duration engine::wait_for(const trouble& why, backoff& b) {
    const auto own = b.next(random_);
    const duration asked = std::chrono::milliseconds(why.retry_after_ms);
    return std::max(own, asked);
}

std::optional<mono_time> engine::wake_at() const {
    std::optional<mono_time> at;
    const auto consider = [&](mono_time t) { at = at ? std::min(*at, t) : t; };
    if (link_ == link::down) consider(dial_at_);
    if (link_ != link::up) return at;
    if (!delayed_.empty()) consider(delayed_.begin()->first);
    if (!publishing_ && !waiting_.empty()) consider(publish_at_);
    for (const auto& [name, d] : desks_) {
        if (!d.open) consider(d.open_at);
        if (d.confirming.empty() && !d.unconfirmed.empty()) consider(d.confirm_at);
    }
    return at;
}

engine_load engine::load() const {
    engine_load out;
    out.connected = link_ == link::up;
    out.receiving = out.connected;
    out.unanswered = waiting_.size() + delayed_.size() + in_flight_.size() + settling_.size();
    for (const auto& [name, d] : desks_) {
        out.receiving = out.receiving && d.open;
        out.unstored += d.backlog.size();
        out.unconfirmed += d.unconfirmed.size();
    }
    return out;
}

} // namespace cairn::agents
