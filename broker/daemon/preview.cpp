// Preview: what a submit would do, and why, without doing it.
#include "daemon/accept.hpp"
#include "daemon/explanations.hpp"
#include "daemon/record.hpp"
#include "daemon/services.hpp"
#include "daemon/thread.hpp"

#include "cairn/v1/exchange.pb.h"

namespace cairn::daemon {

namespace {

// A preview under way: what the same submit would do, without doing it, so it needs the same
// rights and looks at the same thread.
struct previewed {
    submission sub;
    prepared p;
    status ok;
    v1::PreviewResponse out;
};

// Each desk by what a record of the concern would keep of it: what Explain reads after the submit.
void show_desks(previewed& v) {
    v1::ConcernRecord kept;
    put_decisions(v.p, kept);
    const explanations each(*v.sub.policy, *v.sub.registry, kept, v.sub.request.concern());
    for (std::size_t i = 0; i < v.p.desks.size(); ++i) {
        const desk_notice& d = v.p.desks[i];
        if (!routing::shown_to_sender(d.desk)) continue;
        auto& desk = *v.out.add_desks();
        desk.set_desk(d.desk.desk);
        desk.mutable_notice()->ParseFromString(d.encoded);
        const auto& of_record = kept.desks(static_cast<int>(i));
        *desk.mutable_explanation() = each.of(of_record, redaction::audience::sender);
    }
    if (adds_hidden(v.p)) v.out.add_desks()->set_desk(routed_by_policy);
}

void show_preview(previewed& v) {
    v.out.mutable_warnings()->Assign(v.p.warnings.begin(), v.p.warnings.end());
    if (v.ok)
        show_desks(v);
    else
        *v.out.mutable_refused() = refusal_of(v.ok.error());
}

// The record first, then the answer.
void record_preview(services& s, session::call& c, const std::shared_ptr<previewed>& v) {
    v1::RecordBody body;
    body.set_certificate(v->sub.caller.certificate_sha256);
    body.mutable_preview()->set_sender(v->sub.caller.id);
    body.mutable_preview()->set_request(v->sub.exact);
    using part = ledger::party::part_kind;
    auto draft = make_draft(
        s.rt, ledger::record_kind::preview, body, {{part::actor, v->sub.caller.id, v->sub.exact}}
    );
    if (!draft) return c.finish(draft.error());
    const unsigned thread = s.rt.here();
    draft->done = [&s, thread, weak = c.weak_from_this(), v](const result<ledger::committed>& r) {
        s.rt.post(thread, [weak, v, ok = r ? status{} : status{r.error()}] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!ok) return live->finish(ok.error());
            reply(*live, v->out);
        });
    };
    if (const status ok = s.rt.store().append(std::move(*draft)); !ok) c.finish(ok.error());
}

// Query pool: it may ask the ledger for the thread, and explaining a large concern takes longer
// than deciding it.
void work_out(services& s, previewed& v) {
    if (names_thread(v.sub.request.concern())) {
        auto found = look_up(s.rt, v.sub);
        if (found)
            v.p.answers = std::move(*found);
        else
            v.ok = found.error();
    }
    if (v.ok) v.ok = decide(v.sub, s.rt.pseudonym_key, v.p);
    show_preview(v);
}

void preview(services& s, session::call& c, bytes_view message) {
    v1::PreviewRequest asked;
    if (const status ok = session::decode(message, c.how(), asked); !ok)
        return c.finish(ok.error());
    auto who = caller_of(s.rt, c);
    if (!who) return c.finish(who.error());
    // An agency's refusal is part of its preview, and a record; nobody else has one.
    if (who->kind != registry::caller_kind::agency && !admit(s, c, registry::operation::preview))
        return;
    auto v = std::make_shared<previewed>();
    v->sub.caller = std::move(*who);
    v->sub.exact = bytes(message);
    v->sub.how = c.how();
    v->sub.decided_at_us = now_us(s.rt);
    v->sub.registry = s.rt.registry.now();
    v->sub.policy = s.rt.policy.now();
    v->sub.days = s.rt.days.now();
    v->sub.request.set_key("preview-only");
    v->sub.request.set_on_behalf_of(asked.on_behalf_of());
    *v->sub.request.mutable_concern() = std::move(*asked.mutable_concern());
    v->p.concern_id.assign(32, '0');
    v->ok = check(v->sub, v->p);
    if (!v->ok) {
        show_preview(*v);
        return record_preview(s, c, v);
    }
    const unsigned thread = s.rt.here();
    const bool taken = s.rt.query([&s, thread, v, weak = c.weak_from_this()] {
        work_out(s, *v);
        s.rt.post(thread, [&s, v, weak] {
            if (const auto live = weak.lock()) record_preview(s, *live, v);
        });
    });
    if (!taken) c.finish(fail(errc::overloaded));
}

} // namespace

void add_preview(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Exchange/Preview",
        v1::PreviewRequest::descriptor(),
        v1::PreviewResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { preview(s, c, m); }
    ));
}

} // namespace cairn::daemon
