// Admin: registry changes, listings, status. Certificates with an admin SAN only.
#include "daemon/record.hpp"
#include "daemon/services.hpp"
#include "daemon/status.hpp"

#include "cairn/v1/admin.pb.h"

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

struct change {
    std::shared_ptr<const registry::snapshot> before;
    v1::RegistryState state;
    std::shared_ptr<const registry::snapshot> after;
};

result<change> next_registry(services& s, const v1::ApplyRequest& asked) {
    change out;
    out.before = s.rt.registry.now();
    auto state =
        registry::apply(out.before->state(), {asked.changes().begin(), asked.changes().end()});
    if (!state) return state.error();
    auto built = registry::snapshot::build(*state);
    if (!built) return built.error();
    out.state = std::move(*state);
    out.after = std::move(*built);
    return out;
}

result<ledger::draft> registry_draft(
    services& s,
    const registry::caller& who,
    const v1::ApplyRequest& asked,
    const change& next,
    bytes_view message
) {
    v1::RecordBody body;
    body.set_certificate(who.certificate_sha256);
    v1::RegistryRecord& r = *body.mutable_registry();
    *r.mutable_changes() = asked.changes();
    r.set_epoch(next.after->epoch());
    r.set_admin(who.id);
    using part = ledger::party::part_kind;
    auto draft =
        make_draft(s.rt, ledger::record_kind::registry, body, {{part::actor, who.id, message}});
    if (!draft) return draft.error();
    draft->changes = ledger::registry_effect{next.state.SerializeAsString(), next.after->epoch()};
    return draft;
}

void apply(services& s, session::call& c, bytes_view message) {
    v1::ApplyRequest asked;
    const auto who = admitted(s, c, message, registry::operation::administer, asked);
    if (!who) return;
    if (asked.changes().empty()) return c.finish(fail(errc::required, "changes"));
    auto next = next_registry(s, asked);
    if (!next) return c.finish(next.error());
    auto draft = registry_draft(s, *who, asked, *next, message);
    if (!draft) return c.finish(draft.error());
    const unsigned thread = s.rt.here();
    draft->done =
        [&s, thread, next = *next, weak = c.weak_from_this()](const result<ledger::committed>& r) {
            if (r) {
                s.rt.registry.swap_in(next.after);
                for (const auto& pin : lost_rights(next.before->state(), *next.after))
                    s.rt.cut(pin);
            }
            s.rt.post(thread, [weak, r, epoch = next.after->epoch()] {
                const auto live = weak.lock();
                if (live == nullptr) return;
                if (!r) return live->finish(r.error());
                v1::ApplyResponse out;
                out.set_epoch(epoch);
                out.set_receipt(r->receipt);
                reply(*live, out);
            });
        };
    if (const status ok = s.rt.store().append(std::move(*draft)); !ok) c.finish(ok.error());
}

void list_registry(services& s, session::call& c, bytes_view) {
    if (!admit(s, c, registry::operation::administer)) return;
    reply(c, s.rt.registry.now()->state());
}

void show_status(services& s, session::call& c, bytes_view) {
    if (!admit(s, c, registry::operation::administer)) return;
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query([&s, thread, weak = c.weak_from_this()] {
        auto out = status_now(s);
        s.rt.post(thread, [weak, out = std::move(out)] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!out) return live->finish(out.error());
            reply(*live, *out);
        });
    });
    if (!taken) c.finish(fail(errc::overloaded));
}

} // namespace

void add_admin(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Admin/Apply",
        v1::ApplyRequest::descriptor(),
        v1::ApplyResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { apply(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Admin/ListRegistry",
        v1::ListRegistryRequest::descriptor(),
        v1::RegistryState::descriptor(),
        [&s](session::call& c, bytes_view m) { list_registry(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Admin/Status",
        v1::StatusRequest::descriptor(),
        v1::StatusResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { show_status(s, c, m); }
    ));
}

} // namespace cairn::daemon
