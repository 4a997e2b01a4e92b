// Admin: reload, log level, diagnosis. Certificates with an admin SAN only.
#include "daemon/operations.hpp"

#include "daemon/status.hpp"

namespace cairn::daemon {
namespace {

// Runs `work` on the query pool and answers with what it returns.
template <class Response>
void answer_later(services& s, session::call& c, std::function<result<Response>()> work) {
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query([&s, thread, weak = c.weak_from_this(), work = std::move(work)] {
        auto out = work();
        s.rt.post(thread, [weak, out = std::move(out)] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!out) return live->finish(out.error());
            reply(*live, *out);
        });
    });
    if (!taken) c.finish(fail(errc::overloaded));
}

// The admin, and what was asked; nothing where the call was ended.
template <class Request>
std::optional<registry::caller>
admin_of(services& s, session::call& c, bytes_view message, Request& out) {
    auto who = admitted(s, c, message, registry::operation::administer, out);
    if (who && s.daemon == nullptr) {
        c.finish(fail(errc::unimplemented));
        return std::nullopt;
    }
    return who;
}

void reload(services& s, session::call& c, bytes_view message) {
    v1::ReloadRequest asked;
    const auto who = admin_of(s, c, message, asked);
    if (!who) return;
    answer_later<v1::ReloadResponse>(s, c, [&s, who = *who, dry = asked.dry_run()] {
        return s.daemon->reload(dry, &who);
    });
}

void set_log_level(services& s, session::call& c, bytes_view message) {
    v1::SetLogLevelRequest asked;
    const auto who = admin_of(s, c, message, asked);
    if (!who) return;
    const auto out = s.daemon->set_log_level(asked, *who);
    if (!out) return c.finish(out.error());
    reply(c, *out);
}

void diagnose(services& s, session::call& c, bytes_view message) {
    v1::DiagnoseRequest asked;
    const auto who = admin_of(s, c, message, asked);
    if (!who) return;
    answer_later<v1::DiagnoseResponse>(s, c, [&s]() -> result<v1::DiagnoseResponse> {
        return s.daemon->diagnose();
    });
}

} // namespace

void add_operations(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Admin/Reload",
        v1::ReloadRequest::descriptor(),
        v1::ReloadResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { reload(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Admin/SetLogLevel",
        v1::SetLogLevelRequest::descriptor(),
        v1::SetLogLevelResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { set_log_level(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Admin/Diagnose",
        v1::DiagnoseRequest::descriptor(),
        v1::DiagnoseResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { diagnose(s, c, m); }
    ));
}

} // namespace cairn::daemon
