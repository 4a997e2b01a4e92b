#include "agents/core/client_driver.hpp"
#include "agents/core/record_time.hpp"
#include "core/errors.hpp"

#include "cairn/v1/exchange.pb.h"

#include <utility>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view publish_path = "/cairn.v1.Exchange/Publish";

// The stream's end refused the request; write it as the broker would have.
bytes own_refusal(const action::settle& a) {
    v1::PublishResponse answer;
    answer.set_key(a.key);
    answer.mutable_refused()->set_number(a.why.number);
    answer.mutable_refused()->set_retryable(false);
    for (const auto& known : error_table) {
        if (static_cast<std::uint32_t>(known.code) != a.why.number) continue;
        answer.mutable_refused()->set_symbol(std::string(known.symbol));
        answer.mutable_refused()->set_text(std::string(known.text));
        answer.mutable_refused()->set_next_step(std::string(known.next_step));
    }
    return answer.SerializeAsString();
}

} // namespace

void client_driver::perform(action::open_publish&) {
    auto observer = std::make_shared<call_relay>();
    const auto stream = ++publish_epoch_;
    observer->message = [weak = weak_from_this(), stream](bytes_view m) {
        if (const auto self = weak.lock()) self->on_publish_answer(stream, m);
    };
    observer->ended = [weak = weak_from_this(), stream](const session::call_end& how) {
        const auto self = weak.lock();
        if (!self || stream != self->publish_epoch_) return;
        self->publish_.reset();
        self->fresh_.clear();
        self->hooks_.log(level_of(how), "publish_ended", words_of(how));
        self->hooks_.stream(how.number);
        self->feed(event::publish_ended{trouble_of(how)});
    };
    publish_ = call(publish_path, std::move(observer), duration::zero());
}

void client_driver::on_publish_answer(std::uint64_t stream, bytes_view m) {
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
        feed(event::refused{answer.key(), bytes(m), {r.number(), r.retryable(), r.retry_after_ms()}}
        );
    }
}

void client_driver::perform(action::submit& a) {
    const auto row = outbox_.find(a.key);
    if (!row) {
        hooks_.log(log_level::error, "outbox_unreadable", row.error().public_text());
        feed(event::refused{a.key, {}, {}});
        return;
    }
    if (publish_) publish_->send(row->request);
}

// Answers come in bursts: those of one burst wait for the disk together.
void client_driver::perform(action::settle& a) {
    if (a.answer.empty()) a.answer = own_refusal(a);
    answered_.push_back(
        {a.key, a.ok ? submission_state::accepted : submission_state::refused, std::move(a.answer)}
    );
    if (answered_.size() != 1) return;
    dialer_.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->settle_answered();
    });
}

void client_driver::settle_answered() {
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

} // namespace cairn::agents
