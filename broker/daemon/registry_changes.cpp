#include "daemon/registry_changes.hpp"

#include "core/limits.hpp"
#include "daemon/record.hpp"

#include <map>
#include <set>

namespace cairn::daemon {
namespace {

// Agencies that acted under a mandate which is no longer as it was.
std::set<std::string>
lost_mandates(const v1::RegistryState& before, const v1::RegistryState& after) {
    std::map<std::string, std::string> now;
    for (const auto& m : after.mandates()) now[m.id()] = m.SerializeAsString();
    std::set<std::string> out;
    for (const auto& m : before.mandates()) {
        const auto it = now.find(m.id());
        if (it == now.end() || it->second != m.SerializeAsString()) out.insert(m.holder());
    }
    return out;
}

// Certificates whose rights are not what they were: their live sessions end at once (invariant 12),
// and whoever still may comes again. A suspended agency loses all of its.
std::vector<std::string>
lost_rights(const v1::RegistryState& before, const registry::snapshot& after) {
    const auto holders = lost_mandates(before, after.state());
    std::vector<std::string> out;
    for (const auto& c : before.certificates()) {
        const v1::Certificate* now = after.certificate(c.sha256());
        const v1::Agency* agency = after.agency(c.agency());
        const bool suspended = agency != nullptr && agency->suspended();
        const bool same = now != nullptr && now->SerializeAsString() == c.SerializeAsString();
        if (!same || suspended || holders.contains(c.agency())) out.push_back(c.sha256());
    }
    return out;
}

struct next_registry {
    registry::change_list changes;
    std::shared_ptr<const registry::snapshot> before;
    std::shared_ptr<const registry::snapshot> after;
};

result<next_registry> compute(runtime& rt, const registry_wish& wish) {
    next_registry out;
    out.before = rt.registry.now();
    if (out.before == nullptr) return fail(errc::unavailable);
    auto changes = wish.plan(out.before->state());
    if (!changes) return changes.error();
    out.changes = std::move(*changes);
    if (out.changes.empty()) return out;
    auto state = registry::apply(out.before->state(), out.changes, wish.by);
    if (!state) return state.error();
    auto built = registry::snapshot::build(std::move(*state));
    if (!built) return built.error();
    out.after = std::move(*built);
    return out;
}

result<ledger::draft> to_record(runtime& rt, const registry_wish& wish, const next_registry& next) {
    v1::RecordBody body;
    body.set_certificate(wish.who.certificate_sha256);
    v1::RegistryRecord& r = *body.mutable_registry();
    for (const auto& change : next.changes) *r.add_changes() = change;
    r.set_epoch(next.after->epoch());
    r.set_admin(wish.who.id);
    using part = ledger::party::part_kind;
    auto draft = make_draft(
        rt, ledger::record_kind::registry, body, {{part::actor, wish.who.id, wish.exact}}
    );
    if (!draft) return draft.error();
    draft->changes =
        ledger::registry_effect{next.after->state().SerializeAsString(), next.after->epoch()};
    return draft;
}

} // namespace

void registry_changes::put(registry_wish wish) {
    auto kept = std::make_shared<registry_wish>(std::move(wish));
    {
        const std::lock_guard hold(mutex_);
        if (waiting_.size() < limits::registry_changes_waiting) {
            waiting_.push_back(std::move(kept));
            if (busy_) return;
            busy_ = true;
        }
    }
    if (kept) return kept->done(fail(errc::overloaded));
    work();
}

// Until a record is under way or nothing waits. Only whoever made it busy is here.
void registry_changes::work() {
    for (;;) {
        std::shared_ptr<registry_wish> wish;
        {
            const std::lock_guard hold(mutex_);
            if (waiting_.empty()) {
                busy_ = false;
                return;
            }
            wish = std::move(waiting_.front());
            waiting_.pop_front();
        }
        if (begin(wish)) return;
    }
}

bool registry_changes::begin(const std::shared_ptr<registry_wish>& wish) {
    auto next = compute(rt_, *wish);
    if (!next || next->changes.empty()) {
        wish->done(
            next ? result<changed_registry>(changed_registry{{}, next->before})
                 : result<changed_registry>(next.error())
        );
        return false;
    }
    auto draft = to_record(rt_, *wish, *next);
    if (!draft) {
        wish->done(draft.error());
        return false;
    }
    draft->done = [this, wish, before = next->before, after = next->after](
                      const result<ledger::committed>& r
                  ) {
        if (r) {
            rt_.registry.swap_in(after);
            for (const auto& pin : lost_rights(before->state(), *after)) rt_.cut(pin);
            wish->done(changed_registry{r->receipt, after});
        } else {
            wish->done(r.error());
        }
        work();
    };
    const status queued = rt_.store().append(std::move(*draft));
    if (!queued) wish->done(queued.error());
    return static_cast<bool>(queued);
}

} // namespace cairn::daemon
