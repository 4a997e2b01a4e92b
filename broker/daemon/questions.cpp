// Track, Explain, Preview and ListDesks: what a party may ask. Each look at content is a record
// first.
#include "daemon/questions.hpp"
#include "daemon/accept.hpp"
#include "daemon/record.hpp"
#include "daemon/services.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>

namespace cairn::daemon {

std::string_view agency_of(std::string_view desk) {
    return desk.substr(0, desk.find('/'));
}

namespace {

bool is_sender(const ledger::concern_state& c, const registry::caller& who) {
    return c.sender == who.id;
}

bool may_see(const ledger::concern_state& c, const registry::caller& who) {
    return is_sender(c, who) || std::any_of(c.desks.begin(), c.desks.end(), [&](const auto& d) {
               return agency_of(d.desk) == who.id;
           });
}

v1::TrackResponse::Desk desk_row(const ledger::desk_state& d, bool for_sender, std::int64_t now) {
    v1::TrackResponse::Desk out;
    out.set_desk(for_sender && d.hidden_from_sender ? "routed by policy" : d.desk);
    out.set_state(static_cast<v1::TrackResponse::State>(d.state));
    if (d.state == ledger::notice_state::confirmed) out.set_confirmed_at_us(d.settled_at_us);
    out.set_acknowledged_at_us(d.acknowledged_at_us);
    out.set_acknowledge_by_us(d.acknowledge_by_us);
    out.set_overdue(
        d.acknowledged_at_us == 0 && d.acknowledge_by_us != 0 && now > d.acknowledge_by_us
    );
    out.set_returned_because(static_cast<v1::ReturnRequest::Reason>(d.returned_because));
    return out;
}

result<v1::TrackResponse>
track_answer(services& s, const registry::caller& who, const std::string& id) {
    auto c = s.rt.store().read().concern(id);
    if (!c) return c.error();
    // Not told and not held read the same.
    if (!may_see(*c, who)) return fail(errc::not_found);
    v1::TrackResponse out;
    out.set_concern_id(c->concern_id);
    out.set_thread(c->thread);
    out.set_kind(static_cast<v1::ConcernKind>(c->kind));
    out.set_recorded_at_us(c->recorded_at_us);
    const bool sender = is_sender(*c, who);
    for (const auto& d : c->desks) {
        if (sender || agency_of(d.desk) == who.id)
            *out.add_desks() = desk_row(d, sender, now_us(s.rt));
    }
    if (sender) {
        auto proof = s.rt.store().read().proof(c->at, c->sender);
        if (!proof) return proof.error();
        out.set_receipt(std::move(*proof));
    }
    return out;
}

void track(services& s, session::call& c, bytes_view message) {
    v1::TrackRequest asked;
    const auto who = admitted(s, c, message, registry::operation::track, asked);
    if (!who) return;
    read_recorded<v1::TrackResponse>(
        s,
        c,
        *who,
        {"track",
         bytes(message),
         [&s, who = *who, asked] { return track_answer(s, who, asked.concern_id()); },
         answer_with<v1::TrackResponse>()}
    );
}

// A desk is told of what its own notice speaks of: cells whose existence is veiled stay out.
result<v1::DeskExplanation> explain_to_desk(
    services& s,
    const policy::table& rules,
    ledger::position at,
    const v1::ConcernRecord::Notified& d
) {
    auto stored = s.rt.store().read().notice(d.desk(), at.value);
    if (!stored) return stored.error();
    v1::Notice notice;
    if (!notice.ParseFromString(stored->notice))
        return fail(errc::sealed_data_damaged, {}, "notice");
    return redaction::explain(
        rules, d.desk(), d.route_rule(), notice.decisions(), &notice.content()
    );
}

result<v1::ExplainResponse>
explain_answer(services& s, const registry::caller& who, const v1::ExplainRequest& asked) {
    auto c = s.rt.store().read().concern(asked.concern_id());
    if (!c) return c.error();
    if (!may_see(*c, who)) return fail(errc::not_found);
    auto stored = s.rt.store().read().body(c->at);
    if (!stored) return stored.error();
    auto body = open_record(*stored);
    if (!body) return body.error();
    auto rules = policy_of_record(s.rt, c->at, body->concern());
    if (!rules) return rules.error();
    v1::Concern own;
    const bool sender = is_sender(*c, who);
    if (sender) {
        v1::SubmitRequest submitted;
        const auto how = body->concern().codec() == v1::ConcernRecord::CODEC_JSON
                             ? session::codec::json
                             : session::codec::proto;
        CAIRN_TRY(session::decode(body->concern().submitted(), how, submitted));
        own = std::move(*submitted.mutable_concern());
    }
    v1::ExplainResponse out;
    for (const auto& d : body->concern().desks()) {
        const bool own_desk = agency_of(d.desk()) == who.id;
        if (!sender && !own_desk) continue;
        if (!asked.desk().empty() && asked.desk() != d.desk()) continue;
        if (!sender) {
            auto e = explain_to_desk(s, **rules, c->at, d);
            if (!e) return e.error();
            *out.add_desks() = std::move(*e);
            continue;
        }
        auto& e = *out.add_desks();
        if (d.hidden_from_sender())
            e.set_desk("routed by policy");
        else
            e = redaction::explain(**rules, d.desk(), d.route_rule(), d.decisions(), &own);
    }
    if (out.desks().empty()) return fail(errc::not_found);
    return out;
}

void explain(services& s, session::call& c, bytes_view message) {
    v1::ExplainRequest asked;
    const auto who = admitted(s, c, message, registry::operation::track, asked);
    if (!who) return;
    read_recorded<v1::ExplainResponse>(
        s,
        c,
        *who,
        {"explain",
         bytes(message),
         [&s, who = *who, asked] { return explain_answer(s, who, asked); },
         answer_with<v1::ExplainResponse>()}
    );
}

v1::PreviewResponse preview_of(const submission& sub, runtime& rt) {
    v1::PreviewResponse out;
    prepared p;
    submission s = sub;
    p.concern_id.assign(32, '0');
    status ok = check(s, p);
    if (ok && answers_another(s.request.concern()))
        ok = fail(errc::unimplemented, "preview of a reply");
    if (ok) ok = decide(s, {}, rt.pseudonym_key, p);
    out.mutable_warnings()->Assign(p.warnings.begin(), p.warnings.end());
    for (const desk_notice& d : p.desks) {
        auto& desk = *out.add_desks();
        if (d.desk.hidden_from_sender) {
            desk.set_desk("routed by policy");
            continue;
        }
        desk.set_desk(d.desk.desk);
        desk.mutable_notice()->ParseFromString(d.encoded);
    }
    if (!ok) {
        const error_entry& e = describe(ok.error().code);
        v1::Refusal& r = *out.mutable_refused();
        r.set_number(static_cast<std::uint32_t>(ok.error().code));
        r.set_symbol(std::string(e.symbol));
        r.set_where(ok.error().where);
        r.set_text(ok.error().public_text());
        r.set_next_step(std::string(e.next_step));
        r.set_retryable(e.retryable);
    }
    return out;
}

// A preview is what the same submit would do, without doing it: it needs the same rights.
void preview(services& s, session::call& c, bytes_view message) {
    v1::PreviewRequest asked;
    if (const status ok = session::decode(message, c.how(), asked); !ok)
        return c.finish(ok.error());
    auto who = caller_of(s.rt, c);
    if (!who) return c.finish(who.error());
    submission sub;
    sub.caller = *who;
    sub.exact = bytes(message);
    sub.how = c.how();
    sub.decided_at_us = now_us(s.rt);
    sub.registry = s.rt.registry.now();
    sub.policy = s.rt.policy.now();
    sub.request.set_key("preview-only");
    sub.request.set_on_behalf_of(asked.on_behalf_of());
    *sub.request.mutable_concern() = std::move(*asked.mutable_concern());
    auto out = preview_of(sub, s.rt);

    v1::RecordBody body;
    body.set_certificate(who->certificate_sha256);
    body.mutable_preview()->set_sender(who->id);
    body.mutable_preview()->set_request(bytes(message));
    using part = ledger::party::part_kind;
    auto draft =
        make_draft(s.rt, ledger::record_kind::preview, body, {{part::actor, who->id, message}});
    if (!draft) return c.finish(draft.error());
    const unsigned thread = s.rt.here();
    draft->done = [&s, thread, weak = c.weak_from_this(), out](const result<ledger::committed>& r) {
        s.rt.post(thread, [weak, out, ok = r ? status{} : status{r.error()}] {
            const auto live = weak.lock();
            if (live == nullptr) return;
            if (!ok) return live->finish(ok.error());
            reply(*live, out);
        });
    };
    if (const status ok = s.rt.store().append(std::move(*draft)); !ok) c.finish(ok.error());
}

void list_desks(services& s, session::call& c, bytes_view message) {
    v1::ListDesksRequest asked;
    if (!admitted(s, c, message, registry::operation::list_desks, asked)) return;
    const auto registry = s.rt.registry.now();
    v1::ListDesksResponse out;
    for (const auto& d : registry->state().desks()) {
        if (d.closed()) continue;
        const auto name = registry::parse_desk(d.id());
        const v1::Agency* a = name ? registry->agency(name->agency) : nullptr;
        if (a == nullptr || a->suspended()) continue;
        auto& row = *out.add_desks();
        row.set_desk(d.id());
        row.set_agency_kind(a->kind());
        row.set_agency_name(a->name());
        row.set_role(name->role);
    }
    reply(c, out);
}

} // namespace

result<v1::RecordBody> open_record(bytes_view plain) {
    v1::RecordBody body;
    if (!body.ParseFromArray(plain.data(), static_cast<int>(plain.size()))) {
        return fail(errc::sealed_data_damaged, {}, "record body does not parse");
    }
    return body;
}

result<ledger::record_row> record_at(runtime& rt, ledger::position at) {
    ledger::record_filter f;
    f.after = at.value - 1;
    f.max = 1;
    auto rows = rt.store().read().search(f);
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().at != at) return fail(errc::not_found);
    return std::move(rows->front());
}

result<std::shared_ptr<const policy::table>>
policy_of_record(runtime& rt, ledger::position at, const v1::ConcernRecord& record) {
    const auto row = record_at(rt, at);
    if (!row) return row.error();
    const auto leaf = merkle::decode_leaf(row->leaf);
    if (!leaf) return leaf.error();
    const auto current = rt.policy.now();
    if (current != nullptr && current->text_digest() == leaf->policy_digest) return current;
    const auto text = rt.store().read().policy_text(leaf->policy_digest);
    if (!text) return text.error();
    // As it was in force on that day, though it may have expired since.
    return policy::table::compile(*text, iso_day(record.decided_at_us()));
}

void add_questions(session::router& routes, services& s) {
    routes.add(unary(
        "/cairn.v1.Exchange/Track",
        v1::TrackRequest::descriptor(),
        v1::TrackResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { track(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Exchange/Explain",
        v1::ExplainRequest::descriptor(),
        v1::ExplainResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { explain(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Exchange/Preview",
        v1::PreviewRequest::descriptor(),
        v1::PreviewResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { preview(s, c, m); }
    ));
    routes.add(unary(
        "/cairn.v1.Exchange/ListDesks",
        v1::ListDesksRequest::descriptor(),
        v1::ListDesksResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { list_desks(s, c, m); }
    ));
}

} // namespace cairn::daemon
