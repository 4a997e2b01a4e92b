#include "daemon/confirm_batch.hpp"

#include "daemon/record.hpp"
#include "daemon/services.hpp"

namespace cairn::daemon {

void confirm_batches::add(
    const registry::caller& who, std::string desk, std::vector<std::uint64_t> positions, answer done
) {
    std::vector<ask> now;
    {
        const std::lock_guard lock(mutex_);
        desk_queue& q = desks_[desk];
        q.waiting.push_back({who, std::move(positions), std::move(done), false});
        if (q.under_way) return;
        q.under_way = true;
        now.swap(q.waiting);
    }
    start(desk, std::move(now));
}

void confirm_batches::start(const std::string& desk, std::vector<ask> asks) {
    v1::RecordBody body;
    body.set_certificate(asks.front().who.certificate_sha256);
    v1::ConfirmRecord& r = *body.mutable_confirm();
    r.set_desk(desk);
    ledger::confirm_effect effect;
    effect.desk = desk;
    for (const ask& a : asks) {
        effect.positions.insert(effect.positions.end(), a.positions.begin(), a.positions.end());
    }
    r.mutable_positions()->Assign(effect.positions.begin(), effect.positions.end());
    using part = ledger::party::part_kind;
    const bytes exact = r.SerializeAsString();
    auto draft = make_draft(rt_, ledger::record_kind::confirm, body, {{part::actor, desk, exact}});
    if (!draft) return finished(desk, std::move(asks), draft.error());
    draft->changes = std::move(effect);
    // The asks are needed on both ways out: queued, or refused by the queue at once.
    auto shared = std::make_shared<std::vector<ask>>(std::move(asks));
    draft->done = [this, desk, shared](const result<ledger::committed>& done) {
        finished(desk, std::move(*shared), done);
    };
    const status queued = rt_.store().append(std::move(*draft));
    if (!queued) finished(desk, std::move(*shared), queued.error());
}

void confirm_batches::finished(
    const std::string& desk, std::vector<ask> asks, const result<ledger::committed>& r
) {
    if (!r && asks.size() > 1 && !describe(r.error().code).retryable) {
        // One bad position fails its own call only: each is tried alone, in order.
        {
            const std::lock_guard lock(mutex_);
            desk_queue& q = desks_[desk];
            for (ask& a : asks) a.alone = true;
            q.waiting.insert(
                q.waiting.begin(),
                std::make_move_iterator(asks.begin()),
                std::make_move_iterator(asks.end())
            );
        }
        return next(desk);
    }
    for (const ask& a : asks) {
        if (!r) {
            a.done(r.error());
            continue;
        }
        count_.confirmed += a.positions.size();
        hub_.settled(desk, a.positions);
        a.done(static_cast<std::uint32_t>(a.positions.size()));
    }
    next(desk);
}

void confirm_batches::next(const std::string& desk) {
    std::vector<ask> now;
    {
        const std::lock_guard lock(mutex_);
        desk_queue& q = desks_[desk];
        if (q.waiting.empty()) {
            q.under_way = false;
            return;
        }
        if (q.waiting.front().alone) {
            now.push_back(std::move(q.waiting.front()));
            q.waiting.erase(q.waiting.begin());
        } else {
            now.swap(q.waiting);
        }
    }
    start(desk, std::move(now));
}

} // namespace cairn::daemon
