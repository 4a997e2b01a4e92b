// Admin: approvals, refusals and what the authority signed. The steps of an enrolment and of a
// renewal that administrators take.
#include "certs/parse.hpp"
#include "daemon/change_call.hpp"

#include "cairn/v1/admin.pb.h"

namespace cairn::daemon {
namespace {

using registry::operation;

void approve(services& s, session::call& c, bytes_view message) {
    v1::ApproveRequest asked;
    const auto who = admitted(s, c, message, operation::administer, asked);
    if (!who) return;
    change_call(
        s,
        c,
        *who,
        message,
        [who = *who, asked, now = now_us(s.rt)](const v1::RegistryState& state) {
            return registry::approve(state, who, asked.enrolment(), asked.key_sha256(), now);
        },
        answer_applied
    );
}

void refuse(services& s, session::call& c, bytes_view message) {
    v1::RefuseRequest asked;
    const auto who = admitted(s, c, message, operation::administer, asked);
    if (!who) return;
    change_call(
        s,
        c,
        *who,
        message,
        [who = *who, asked](const v1::RegistryState& state) {
            if (asked.renewal().empty()) {
                return registry::refuse_enrolment(state, who, asked.enrolment(), asked.because());
            }
            return registry::refuse_renewal(state, asked.renewal(), asked.because());
        },
        answer_applied
    );
}

// What the registry needs of a certificate; that the authority signed it shows when it is used.
result<registry::signed_certificate>
read_signed(const std::string& pem, const std::string& request, std::string_view field) {
    const std::string where(field);
    if (pem.empty()) return fail(errc::required, where);
    if (pem.size() > limits::request_bytes) return fail(errc::too_large, where);
    const auto facts = certs::parse_certificate(pem);
    if (!facts) return fail(facts.error().code, where, facts.error().detail);
    const auto same = certs::same_key(pem, request);
    if (!same) return fail(same.error().code, where, same.error().detail);
    if (!*same) return fail(errc::rights_differ, where + ": of another key");
    if (facts->is_authority || facts->for_server || !facts->for_client || facts->uris.size() != 1) {
        return fail(errc::rights_differ, where + ": not one agency's, for a client");
    }
    registry::signed_certificate out;
    out.sha256 = to_hex(view(facts->fingerprint));
    out.pem = pem;
    out.uri = facts->uris.front();
    out.not_before_us = to_us(facts->not_before);
    out.not_after_us = to_us(facts->not_after);
    return out;
}

result<registry::change_list>
plan_delivery(const v1::RegistryState& state, const v1::DeliverRequest& asked) {
    if (!asked.renewal().empty()) {
        const auto* row = registry::find_renewal(state, asked.renewal());
        if (row == nullptr) return fail(errc::not_found, "renewal");
        auto made = read_signed(asked.certificate_pem(), row->request_pem(), "certificate_pem");
        if (!made) return made.error();
        return registry::deliver_renewal(state, asked.renewal(), *made);
    }
    const auto* row = registry::find_enrolment(state, asked.enrolment());
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    if (row->step() != v1::ENROLMENT_STEP_APPROVED) {
        return fail(
            errc::enrolment_step,
            "enrolment: it is " + std::string(registry::step_text(row->step()))
        );
    }
    auto made = read_signed(asked.certificate_pem(), row->request_pem(), "certificate_pem");
    if (!made) return made.error();
    auto probe = read_signed(asked.probe_pem(), row->probe_request_pem(), "probe_pem");
    if (!probe) return probe.error();
    return registry::deliver(state, asked.enrolment(), *made, *probe);
}

void deliver(services& s, session::call& c, bytes_view message) {
    v1::DeliverRequest asked;
    const auto who = admitted(s, c, message, operation::administer, asked);
    if (!who) return;
    change_call(
        s,
        c,
        *who,
        message,
        [asked](const v1::RegistryState& state) { return plan_delivery(state, asked); },
        answer_applied
    );
}

} // namespace

void change_call(
    services& s,
    session::call& c,
    const registry::caller& who,
    bytes_view exact,
    std::function<result<registry::change_list>(const v1::RegistryState&)> plan,
    std::function<void(session::call&, const changed_registry&)> answer,
    registry::change_author by
) {
    registry_wish wish;
    wish.plan = std::move(plan);
    wish.by = by;
    wish.who = who;
    wish.exact = bytes(exact);
    const unsigned thread = s.rt.here();
    wish.done = [&s, thread, weak = c.weak_from_this(), answer = std::move(answer)](
                    const result<changed_registry>& r
                ) {
        s.rt.post(thread, [weak, answer, r] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!r) return live->finish(r.error());
            answer(*live, *r);
        });
    };
    s.changes.put(std::move(wish));
}

void answer_applied(session::call& c, const changed_registry& done) {
    v1::ApplyResponse out;
    out.set_epoch(done.now->epoch());
    out.set_receipt(done.receipt);
    reply(c, out);
}

void add_approvals(session::router& routes, services& s) {
    const auto add = [&](const char* name, const auto* in, auto run) {
        routes.add(unary(
            std::string("/cairn.v1.Admin/") + name,
            in,
            v1::ApplyResponse::descriptor(),
            [&s, run](session::call& c, bytes_view m) { run(s, c, m); }
        ));
    };
    add("Approve", v1::ApproveRequest::descriptor(), approve);
    add("Refuse", v1::RefuseRequest::descriptor(), refuse);
    add("Deliver", v1::DeliverRequest::descriptor(), deliver);
}

} // namespace cairn::daemon
