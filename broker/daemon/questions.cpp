// Track, Explain and ListDesks: what a party may ask. Each look at content is a record first.
#include "daemon/questions.hpp"

#include "daemon/accept.hpp"
#include "daemon/explanations.hpp"
#include "daemon/policy_records.hpp"
#include "daemon/services.hpp"
#include "daemon/thread.hpp"

#include "cairn/v1/exchange.pb.h"

#include <algorithm>
#include <set>

namespace cairn::daemon {

namespace {

// What the caller is to the concern: its sender, some of its desks, or nobody.
struct part_in {
    past_concern concern;
    bool sender = false;
    std::int64_t now_us = 0;
    std::shared_ptr<const registry::snapshot> registry;
    registry::caller who;

    [[nodiscard]] bool acts_for(std::string_view desk) const {
        return daemon::acts_for(*registry, who, desk, now_us);
    }
};

// errc::not_found where the caller is no party: not told and not held read the same.
result<part_in> party_to(services& s, const registry::caller& who, const std::string& id) {
    auto found = past(s.rt, id);
    if (!found) return found.error();
    part_in out{std::move(*found), false, now_us(s.rt), s.rt.registry.now(), who};
    out.sender = sent_by(*out.registry, who, out.concern.body, out.now_us);
    const auto& desks = out.concern.state.desks;
    const bool any = out.sender || std::any_of(desks.begin(), desks.end(), [&out](const auto& d) {
                         return out.acts_for(d.desk);
                     });
    if (!any) return fail(errc::not_found);
    return out;
}

// The rows a sender may read by name.
std::set<std::string, std::less<>> shown_desks(const part_in& p) {
    std::set<std::string, std::less<>> out;
    for (const auto& d : p.concern.body.concern().desks()) {
        if (!d.hidden_from_sender() || d.named() || p.acts_for(d.desk())) out.insert(d.desk());
    }
    return out;
}

bool is_overdue(const ledger::desk_state& d, std::int64_t now) {
    const bool owed =
        d.state != ledger::notice_state::withdrawn && d.state != ledger::notice_state::expired;
    return owed && d.acknowledged_at_us == 0 && d.acknowledge_by_us != 0 &&
           now > d.acknowledge_by_us;
}

v1::TrackResponse::Desk
desk_row(const ledger::desk_state& d, const std::string& name, std::int64_t now) {
    v1::TrackResponse::Desk out;
    out.set_desk(name);
    out.set_state(static_cast<v1::TrackResponse::State>(d.state));
    if (d.state == ledger::notice_state::confirmed) out.set_confirmed_at_us(d.settled_at_us);
    out.set_acknowledged_at_us(d.acknowledged_at_us);
    out.set_acknowledge_by_us(d.acknowledge_by_us);
    out.set_overdue(is_overdue(d, now));
    out.set_returned_because(static_cast<v1::ReturnRequest::Reason>(d.returned_because));
    return out;
}

// Of several hidden desks the one furthest behind stands for all.
bool further_behind(const ledger::desk_state& a, const ledger::desk_state& b) {
    const auto unread = [](const ledger::desk_state& d) { return d.acknowledged_at_us == 0; };
    if (unread(a) != unread(b)) return unread(a);
    if (a.state != b.state) return a.state < b.state;
    return a.settled_at_us > b.settled_at_us;
}

void add_rows(v1::TrackResponse& out, const part_in& p) {
    const auto shown = shown_desks(p);
    const ledger::desk_state* hidden = nullptr;
    for (const auto& d : p.concern.state.desks) {
        if (shown.contains(d.desk)) *out.add_desks() = desk_row(d, d.desk, p.now_us);
        if (!d.hidden_from_sender) continue;
        if (hidden == nullptr || further_behind(d, *hidden)) hidden = &d;
    }
    if (hidden != nullptr) *out.add_desks() = desk_row(*hidden, routed_by_policy, p.now_us);
}

result<v1::TrackResponse>
track_answer(services& s, const registry::caller& who, const std::string& id) {
    const auto p = party_to(s, who, id);
    if (!p) return p.error();
    const ledger::concern_state& c = p->concern.state;
    v1::TrackResponse out;
    out.set_concern_id(c.concern_id);
    out.set_thread(c.thread);
    out.set_kind(static_cast<v1::ConcernKind>(c.kind));
    out.set_recorded_at_us(c.recorded_at_us);
    if (!p->sender) {
        for (const auto& d : c.desks) {
            if (p->acts_for(d.desk)) *out.add_desks() = desk_row(d, d.desk, p->now_us);
        }
        return out;
    }
    add_rows(out, *p);
    auto proof = s.rt.store().read().proof(c.at, c.sender);
    if (!proof) return proof.error();
    out.set_receipt(std::move(*proof));
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

// To the sender, with its own words for the persons.
result<v1::ExplainResponse>
explain_to_sender(const part_in& p, const policy::table& rules, const std::string& only) {
    const auto own = submitted_concern(p.concern.body.concern());
    if (!own) return own.error();
    const auto shown = shown_desks(p);
    const explanations each(rules, *p.registry, p.concern.body.concern(), *own);
    v1::ExplainResponse out;
    bool hidden = false;
    for (const auto& d : p.concern.body.concern().desks()) {
        hidden = hidden || d.hidden_from_sender();
        if (!shown.contains(d.desk()) || (!only.empty() && only != d.desk())) continue;
        *out.add_desks() = each.of(d, redaction::audience::sender);
    }
    // Asked for one desk, the answer must not tell whether it is a hidden one.
    if (hidden && only.empty()) out.add_desks()->set_desk(routed_by_policy);
    return out;
}

result<v1::ExplainResponse>
explain_answer(services& s, const registry::caller& who, const v1::ExplainRequest& asked) {
    const auto p = party_to(s, who, asked.concern_id());
    if (!p) return p.error();
    const v1::ConcernRecord& record = p->concern.body.concern();
    const auto rules = policy_of_record(s.rt, p->concern.state.at, record);
    if (!rules) return rules.error();
    v1::ExplainResponse out;
    if (p->sender) {
        auto e = explain_to_sender(*p, **rules, asked.desk());
        if (!e) return e.error();
        out = std::move(*e);
    } else {
        for (const auto& d : record.desks()) {
            if (!p->acts_for(d.desk())) continue;
            if (!asked.desk().empty() && asked.desk() != d.desk()) continue;
            auto e = explain_to_desk(s, **rules, p->concern.state.at, d);
            if (!e) return e.error();
            *out.add_desks() = std::move(*e);
        }
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

void list_desks(services& s, session::call& c, bytes_view message) {
    v1::ListDesksRequest asked;
    const auto who = admitted(s, c, message, registry::operation::list_desks, asked);
    if (!who) return;
    const auto registry = s.rt.registry.now();
    v1::ListDesksResponse out;
    for (const auto& d : registry->state().desks()) {
        if (d.closed()) continue;
        const auto name = registry::parse_desk(d.id());
        const v1::Agency* a = name ? registry->agency(name->agency) : nullptr;
        if (a == nullptr || a->suspended()) continue;
        // Nobody else can send to it yet.
        if (!registry::is_live(*a) && a->id() != who->id) continue;
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

result<ledger::record_row> record_at(ledger::ledger& store, ledger::position at) {
    ledger::record_filter f;
    f.after = at.value - 1;
    f.max = 1;
    auto rows = store.read().search(f);
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().at != at) return fail(errc::not_found);
    return std::move(rows->front());
}

result<std::shared_ptr<const policy::table>>
policy_of_record(runtime& rt, ledger::position at, const v1::ConcernRecord& record) {
    const auto row = record_at(rt.store(), at);
    if (!row) return row.error();
    const auto leaf = merkle::decode_leaf(row->leaf);
    if (!leaf) return leaf.error();
    const auto current = rt.policy.now();
    const std::string day = policy_day(record.decided_at_us());
    const bool same_day = day == policy_day(now_us(rt));
    if (same_day && current != nullptr && current->text_digest() == leaf->policy_digest)
        return current;
    const auto text = rt.store().read().policy_text(leaf->policy_digest);
    if (!text) return text.error();
    // As it was in force on that day, though it may have expired since.
    return policy::table::compile(*text, day, signers_on_record(rt.store(), *text));
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
        "/cairn.v1.Exchange/ListDesks",
        v1::ListDesksRequest::descriptor(),
        v1::ListDesksResponse::descriptor(),
        [&s](session::call& c, bytes_view m) { list_desks(s, c, m); }
    ));
}

} // namespace cairn::daemon
