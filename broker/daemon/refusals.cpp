#include "daemon/refusals.hpp"

#include "daemon/record.hpp"

namespace cairn::daemon {

void refusal_log::note(const registry::caller& who, errc code, std::size_t size_bytes) {
    using namespace std::chrono_literals;
    std::uint32_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        tally& t = tallies_[{who.id, code}];
        ++t.since;
        const mono_time now = rt_.time().mono_now();
        if (t.last != mono_time{} && now - t.last < 1s) return;
        t.last = now;
        count = t.since;
        t.since = 0;
    }
    v1::RecordBody body;
    body.set_certificate(who.certificate_sha256);
    v1::RefusalRecord& r = *body.mutable_refusal();
    r.set_agency(who.id);
    r.set_number(static_cast<std::uint32_t>(code));
    r.set_size_bytes(static_cast<std::uint32_t>(size_bytes));
    r.set_count(count);
    using part = ledger::party::part_kind;
    const bytes exact = body.refusal().SerializeAsString();
    auto draft =
        make_draft(rt_, ledger::record_kind::refusal, body, {{part::actor, who.id, exact}});
    status queued = draft ? status{} : status{draft.error()};
    if (draft) {
        draft->done = [](const result<ledger::committed>&) {};
        queued = rt_.store().append(std::move(*draft));
    }
    if (queued) return;
    rt_.log("refusal_record_delayed", describe(code).symbol);
    const std::lock_guard lock(mutex_);
    tallies_[{who.id, code}].since += count;
}

} // namespace cairn::daemon
