#include "agents/core/client_driver.hpp"
#include "core/errors.hpp"

#include "cairn/v1/exchange.pb.h"

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view receive_path = "/cairn.v1.Exchange/Receive";
constexpr std::string_view confirm_path = "/cairn.v1.Exchange/Confirm";
constexpr duration confirm_timeout = std::chrono::seconds(30);

} // namespace

void client_driver::perform(action::open_receive& a) {
    auto observer = std::make_shared<call_relay>();
    const auto stream = ++receive_epoch_[a.desk];
    observer->message = [weak = weak_from_this(), stream, desk = a.desk](bytes_view m) {
        if (const auto self = weak.lock()) self->on_delivery(desk, stream, m);
    };
    observer->ended = [weak = weak_from_this(), stream, desk = a.desk](const auto& how) {
        const auto self = weak.lock();
        if (!self || stream != self->receive_epoch_[desk]) return;
        self->receiving_.erase(desk);
        self->hooks_.log(level_of(how), "receive_ended", words_of(how));
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

void client_driver::on_delivery(const std::string& desk, std::uint64_t stream, bytes_view m) {
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
    feed(event::receive_ended{desk, {static_cast<std::uint32_t>(errc::malformed), false, 0}});
}

void client_driver::perform(action::close_receive& a) {
    ++receive_epoch_[a.desk];
    const auto it = receiving_.find(a.desk);
    if (it == receiving_.end()) return;
    const auto call = it->second;
    receiving_.erase(it);
    call->cancel();
}

void client_driver::perform(action::store& a) {
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

void client_driver::perform(action::confirm& a) {
    auto observer = std::make_shared<call_relay>();
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

void client_driver::confirm_ended(const action::confirm& a, const session::call_end& how) {
    state_.last_activity = time_.mono_now();
    if (how.grpc_status != 0) {
        hooks_.log(log_level::warning, "confirm_failed", words_of(how));
        feed(event::confirm_failed{a.desk, trouble_of(how)});
        return;
    }
    // Not written down: confirmed once more after a restart, which changes nothing.
    const auto kept = outbox_.mark_confirmed(a.desk, a.positions);
    if (!kept) hooks_.log(log_level::error, "outbox_failed", kept.error().public_text());
    feed(event::confirmed{a.desk});
}

void client_driver::perform(action::drop_confirm& a) {
    hooks_.log(log_level::error, "confirm_dropped", "refused for good");
    const auto kept = outbox_.mark_confirmed(a.desk, {a.position});
    if (!kept) hooks_.log(log_level::error, "outbox_failed", kept.error().public_text());
}

} // namespace cairn::agents
