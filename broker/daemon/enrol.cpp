// Enrol: an applicant's requests, an agency's conformance run, renewals (docs/adr/0019).
#include "certs/request.hpp"
#include "daemon/change_call.hpp"
#include "daemon/thread.hpp"

#include "cairn/v1/enrolment.pb.h"

namespace cairn::daemon {
namespace {

using registry::operation;

v1::EnrolState state_answer(const v1::Enrolment* row, std::int64_t now) {
    v1::EnrolState out;
    if (row != nullptr) *out.mutable_enrolment() = *row;
    out.set_now_us(now);
    return out;
}

// Of an invitation its own row, of an agency the one it came by.
const v1::Enrolment* row_of(const v1::RegistryState& state, const registry::caller& who) {
    return who.kind == registry::caller_kind::invite ? registry::find_enrolment(state, who.id)
                                                     : registry::enrolment_of(state, who.id);
}

result<bytes> key_of(const std::string& request, const std::string& uri, std::string_view field) {
    if (request.empty()) return fail(errc::required, std::string(field));
    if (request.size() > limits::request_bytes) {
        return fail(
            errc::too_large,
            std::string(field) + ", at most " + std::to_string(limits::request_bytes) + " bytes"
        );
    }
    auto key = certs::key_asked_for(request, uri);
    // OpenSSL's own words are for the operator: they may quote what was sent.
    if (!key) return fail(key.error().code, std::string(field) + ": " + key.error().where);
    return key;
}

result<registry::asked_keys>
keys_of(const runtime& rt, const v1::EnrolRequest& asked, const v1::Enrolment& row) {
    const std::string uri = "spiffe://" + rt.partnership + "/agency/" + row.agency();
    auto first = key_of(asked.request_pem(), uri, "request_pem");
    if (!first) return first.error();
    auto second = key_of(asked.probe_request_pem(), uri, "probe_request_pem");
    if (!second) return second.error();
    if (*first == *second) return fail(errc::request_invalid, "probe_request_pem: the same key");
    registry::asked_keys out;
    out.request_pem = asked.request_pem();
    out.probe_request_pem = asked.probe_request_pem();
    out.key_sha256 = to_hex(view(sha256(*first + *second)));
    return out;
}

void request(services& s, session::call& c, bytes_view message) {
    v1::EnrolRequest asked;
    const auto who = admitted(s, c, message, operation::enrol, asked);
    if (!who) return;
    const auto registry = s.rt.registry.now();
    const auto* row = registry::find_enrolment(registry->state(), who->id);
    if (row == nullptr) return c.finish(fail(errc::not_found, "enrolment"));
    auto keys = keys_of(s.rt, asked, *row);
    if (!keys) {
        s.rt.log("enrolment_request_refused", row->id() + ": " + keys.error().where);
        return c.finish(keys.error());
    }
    s.rt.log("enrolment_requested", row->id());
    change_call(
        s,
        c,
        *who,
        message,
        [id = who->id, keys = *keys, now = now_us(s.rt)](const v1::RegistryState& state) {
            return registry::take_request(state, id, keys, now);
        },
        [id = who->id, now = now_us(s.rt)](session::call& live, const changed_registry& done) {
            reply(live, state_answer(registry::find_enrolment(done.now->state(), id), now));
        }
    );
}

void show_state(services& s, session::call& c, bytes_view message) {
    v1::EnrolStateRequest asked;
    const auto who = admitted(s, c, message, operation::enrolment, asked);
    if (!who) return;
    const auto registry = s.rt.registry.now();
    const auto* row = row_of(registry->state(), *who);
    if (row == nullptr) return c.finish(fail(errc::not_found, "enrolment"));
    reply(c, state_answer(row, now_us(s.rt)));
}

result<registry::seen_notices> notices_of(services& s, const std::string& agency) {
    auto counts = s.rt.store().read().counts(now_us(s.rt));
    if (!counts) return counts.error();
    registry::seen_notices out;
    for (const auto& d : *counts) {
        if (agency_of(d.desk) != agency) continue;
        out.confirmed += d.confirmed;
        out.returned += d.returned;
    }
    return out;
}

void report(services& s, session::call& c, bytes_view message) {
    v1::ReportRequest asked;
    const auto who = admitted(s, c, message, operation::conform, asked);
    if (!who) return;
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query(
        [&s, thread, who = *who, asked, exact = bytes(message), weak = c.weak_from_this()] {
            auto seen = notices_of(s, who.id);
            s.rt.post(thread, [&s, who, asked, exact, weak, seen = std::move(seen)] {
                const auto live = weak.lock();
                if (live == nullptr) return;
                if (!seen) return live->finish(seen.error());
                std::vector<v1::ConformanceStep> steps(asked.steps().begin(), asked.steps().end());
                change_call(
                    s,
                    *live,
                    who,
                    exact,
                    [who, steps, seen = *seen, now = now_us(s.rt)](const v1::RegistryState& state) {
                        return registry::report(state, who, steps, seen, now);
                    },
                    [who, now = now_us(s.rt)](session::call& again, const changed_registry& done) {
                        reply(again, state_answer(row_of(done.now->state(), who), now));
                    }
                );
            });
        }
    );
    if (!taken) c.finish(fail(errc::overloaded));
}

void renew(services& s, session::call& c, bytes_view message) {
    v1::RenewRequest asked;
    const auto who = admitted(s, c, message, operation::renew, asked);
    if (!who) return;
    const std::string uri = "spiffe://" + s.rt.partnership + "/agency/" + who->id;
    if (const auto key = key_of(asked.request_pem(), uri, "request_pem"); !key)
        return c.finish(key.error());
    if (asked.signature().empty() || asked.signature().size() > limits::renewal_signature_bytes)
        return c.finish(fail(errc::bad_value, "signature"));
    change_call(
        s,
        c,
        *who,
        message,
        [who = *who, asked, now = now_us(s.rt)](const v1::RegistryState& state) {
            return registry::ask_renewal(state, who, asked.request_pem(), asked.signature(), now);
        },
        [pin = who->certificate_sha256](session::call& live, const changed_registry& done) {
            v1::RenewState out;
            if (const auto* row = registry::find_renewal(done.now->state(), pin)) {
                out.set_successor_pem(row->successor_pem());
                out.set_refused_because(row->refused_because());
                out.set_asked_us(row->asked_us());
            }
            reply(live, out);
        }
    );
}

void retire(services& s, session::call& c, bytes_view message) {
    v1::RetireRequest asked;
    const auto who = admitted(s, c, message, operation::retire, asked);
    if (!who) return;
    change_call(
        s,
        c,
        *who,
        message,
        [who = *who, asked](const v1::RegistryState& state) {
            return registry::retire(state, who, asked.certificate_sha256());
        },
        [](session::call& live, const changed_registry& done) {
            v1::RetireResponse out;
            out.set_epoch(done.now->epoch());
            reply(live, out);
        }
    );
}

} // namespace

void add_enrol(session::router& routes, services& s) {
    const auto add = [&](const char* name, const auto* in, const auto* out, auto run) {
        routes.add(unary(
            std::string("/cairn.v1.Enrol/") + name,
            in,
            out,
            [&s, run](session::call& c, bytes_view m) { run(s, c, m); }
        ));
    };
    const auto* state = v1::EnrolState::descriptor();
    add("Request", v1::EnrolRequest::descriptor(), state, request);
    add("State", v1::EnrolStateRequest::descriptor(), state, show_state);
    add("Report", v1::ReportRequest::descriptor(), state, report);
    add("Renew", v1::RenewRequest::descriptor(), v1::RenewState::descriptor(), renew);
    add("Retire", v1::RetireRequest::descriptor(), v1::RetireResponse::descriptor(), retire);
}

} // namespace cairn::daemon
