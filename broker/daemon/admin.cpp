// Admin: registry changes, listings, status. Certificates with an admin SAN only.
#include "daemon/change_call.hpp"
#include "daemon/policy_records.hpp"
#include "daemon/status.hpp"

#include "cairn/v1/admin.pb.h"

namespace cairn::daemon {
namespace {

void apply(services& s, session::call& c, bytes_view message) {
    v1::ApplyRequest asked;
    const auto who = admitted(s, c, message, registry::operation::administer, asked);
    if (!who) return;
    if (asked.changes().empty()) return c.finish(fail(errc::required, "changes"));
    registry::change_list changes(asked.changes().begin(), asked.changes().end());
    change_call(
        s,
        c,
        *who,
        message,
        [changes](const v1::RegistryState&) { return result<registry::change_list>(changes); },
        answer_applied,
        registry::change_author::admin
    );
}

void list_registry(services& s, session::call& c, bytes_view) {
    if (!admit(s, c, registry::operation::administer)) return;
    reply(c, s.rt.registry.now()->state());
}

// `ask` runs on the query pool.
template <class Ask>
void answer_from_pool(services& s, session::call& c, Ask ask) {
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query([&s, thread, ask, weak = c.weak_from_this()] {
        auto out = ask();
        s.rt.post(thread, [weak, out = std::move(out)] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!out) return live->finish(out.error());
            reply(*live, *out);
        });
    });
    if (!taken) c.finish(fail(errc::overloaded));
}

void show_status(services& s, session::call& c, bytes_view) {
    if (!admit(s, c, registry::operation::administer)) return;
    answer_from_pool(s, c, [&s] { return status_now(s); });
}

void show_history(services& s, session::call& c, bytes_view message) {
    v1::PolicyHistoryRequest asked;
    if (!admitted(s, c, message, registry::operation::administer, asked)) return;
    answer_from_pool(s, c, [&s, max = asked.max()] { return policy_history(s.rt, max); });
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
    routes.add(unary(
        "/cairn.v1.Admin/PolicyHistory",
        v1::PolicyHistoryRequest::descriptor(),
        v1::PolicyHistoryResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { show_history(s, c, m); }
    ));
}

} // namespace cairn::daemon
