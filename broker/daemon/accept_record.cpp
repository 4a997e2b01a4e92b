// Step 6 of a submission's way: the sealed record for the ledger, and the answer made of it.
#include "daemon/accept.hpp"
#include "daemon/record.hpp"
#include "merkle/field_tree.hpp"
#include "merkle/seed.hpp"
#include "obligations/acknowledge.hpp"
#include "routing/testing.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace cairn::daemon {
namespace {

// Deterministic, so that a retry by another encoding of the same concern compares equal.
bytes canonical(const v1::Concern& c) {
    bytes out;
    out.reserve(c.ByteSizeLong());
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    c.SerializeWithCachedSizes(&coded);
    return out;
}

obligations::urgency urgency_of(v1::Urgency u) {
    switch (u) {
    case v1::URGENCY_IMMEDIATE:
        return obligations::urgency::immediate;
    case v1::URGENCY_SAME_DAY:
        return obligations::urgency::same_day;
    default:
        return obligations::urgency::routine;
    }
}

// Where answers to this concern go: of a reply the desk that has the concern answered, else the
// first open desk the certificate acts for. Empty where it acts for none.
std::string reply_desk(const submission& s, const prepared& p) {
    if (!p.answers.acting.empty()) return p.answers.acting.front();
    for (const auto& desk : desks_of(*s.registry, s.caller, s.sender, s.decided_at_us)) {
        if (s.registry->is_open(*s.registry->desk(desk))) return desk;
    }
    return {};
}

// After the seed, as it is sealed.
bytes seeded_body(const merkle::record_seed& seed, const submission& s, const prepared& p) {
    google::protobuf::Arena arena;
    auto& body = *google::protobuf::Arena::CreateMessage<v1::RecordBody>(&arena);
    body.set_certificate(s.caller.certificate_sha256);
    if (s.caller.id != s.sender) body.set_intermediary(s.caller.id);
    v1::ConcernRecord& r = *body.mutable_concern();
    r.set_submitted(s.exact);
    r.set_codec(
        s.how == session::codec::json ? v1::ConcernRecord::CODEC_JSON
                                      : v1::ConcernRecord::CODEC_PROTO
    );
    r.set_concern_id(p.concern_id);
    r.set_thread(p.thread);
    r.set_sender(s.sender);
    r.set_decided_at_us(s.decided_at_us);
    r.set_key(s.request.key());
    r.set_kind(p.kind);
    r.set_in_reply_to(s.request.concern().in_reply_to());
    r.set_reply_desk(reply_desk(s, p));
    if (p.kind == v1::CONCERN_KIND_ACKNOWLEDGEMENT) {
        r.mutable_acknowledged()->Assign(p.answers.acting.begin(), p.answers.acting.end());
    }
    r.set_test(routing::is_test(*s.registry, s.sender));
    put_decisions(p, r);
    bytes out(view(seed));
    body.AppendToString(&out);
    return out;
}

ledger::concern_effect effect_of(runtime& rt, const submission& s, const prepared& p) {
    const v1::Concern& c = s.request.concern();
    ledger::concern_effect e;
    e.concern_id = p.concern_id;
    e.thread = p.thread;
    e.sender = s.sender;
    e.key = s.request.key();
    e.body_mac = hmac_sha256(rt.body_key, {canonical(c)});
    e.kind = static_cast<std::uint32_t>(p.kind);
    e.in_reply_to = c.in_reply_to();
    e.acknowledges = p.kind == v1::CONCERN_KIND_ACKNOWLEDGEMENT;
    if (e.acknowledges) e.acknowledged = p.answers.acting;
    if (withdraws(p)) e.withdraws = c.in_reply_to();
    return e;
}

} // namespace

void put_decisions(const prepared& p, v1::ConcernRecord& r) {
    v1::DecisionInputs& in = *r.mutable_inputs();
    in.set_purpose(p.analysis.purpose);
    in.set_risk(p.analysis.risk);
    for (const auto& cell : p.analysis.cells) {
        auto& out = *in.add_cells();
        out.set_cell(cell.id);
        out.set_subject(static_cast<std::uint32_t>(cell.subject));
        out.set_flags(cell.flags);
    }
    for (const desk_notice& d : p.desks) {
        auto& out = *r.add_desks();
        out.set_desk(d.desk.desk);
        out.set_hidden_from_sender(d.desk.hidden_from_sender);
        out.set_route_rule(d.desk.rule);
        out.set_named(d.desk.named);
        out.mutable_decisions()->Assign(d.verdicts.decisions.begin(), d.verdicts.decisions.end());
        auto& flags = *in.add_desks();
        flags.set_desk(d.desk.desk);
        flags.set_flags(d.verdicts.desk_flags);
    }
}

result<ledger::draft> to_draft(runtime& rt, const submission& s, prepared& p) {
    auto key = rt.store().take_key();
    if (!key) return key.error();
    ledger::draft d;
    d.kind = ledger::record_kind::concern;
    d.decided_at_us = s.decided_at_us;
    d.policy = s.policy->text_digest();
    d.registry_epoch = s.registry->epoch();
    d.seed = fresh_seed(rt.random());
    d.urgent = s.request.concern().urgency() == v1::URGENCY_IMMEDIATE;

    merkle::field_tree fields(d.seed);
    for (const auto& f : p.analysis.fields) fields.add(f.path, f.value);
    d.body_root = fields.root();

    using part = ledger::party::part_kind;
    const auto entry = [&d](part what, const std::string& name, bytes_view exact) {
        const auto i = static_cast<std::uint32_t>(d.parties.size());
        const digest r = merkle::commitment_randomness(d.seed, i);
        d.parties.push_back({what, name, merkle::commit(r, exact)});
    };
    entry(part::sender, s.sender, s.exact);
    auto effect = effect_of(rt, s, p);
    p.acknowledge_within_us = obligations::acknowledge_within(
        urgency_of(s.request.concern().urgency()), s.decided_at_us, *rt.days.now()
    );
    for (const desk_notice& n : p.desks) {
        entry(part::desk, n.desk.desk, n.encoded);
        ledger::notice_draft out;
        out.desk = n.desk.desk;
        out.sealed = ledger::seal_part(
            *key, static_cast<std::uint32_t>(effect.notices.size() + 1), n.encoded
        );
        out.hidden_from_sender = n.desk.hidden_from_sender;
        out.acknowledge_within_us = p.acknowledge_within_us;
        effect.notices.push_back(std::move(out));
    }
    d.key_slot = key->slot;
    d.sealed_body = ledger::seal_part(*key, 0, seeded_body(d.seed, s, p));
    wipe(key->key);
    d.changes = std::move(effect);
    return d;
}

ledger::draft to_question(runtime& rt, const submission& s) {
    ledger::draft d;
    d.kind = ledger::record_kind::concern;
    prepared unnamed;
    unnamed.concern_id = random_id(rt.random());
    ledger::concern_effect e = effect_of(rt, s, unnamed);
    e.only_repeat = true;
    d.changes = std::move(e);
    return d;
}

v1::Refusal refusal_of(const failure& why) {
    v1::Refusal out;
    const error_entry& e = describe(why.code);
    out.set_number(static_cast<std::uint32_t>(why.code));
    out.set_symbol(std::string(e.symbol));
    out.set_where(why.where);
    out.set_text(why.public_text());
    out.set_next_step(std::string(e.next_step));
    out.set_retryable(e.retryable);
    out.set_retry_after_ms(why.retry_after_ms);
    return out;
}

v1::SubmitResponse answer(const submission& s, const prepared& p, const ledger::committed& done) {
    v1::SubmitResponse out;
    out.set_key(s.request.key());
    out.set_concern_id(done.concern_id);
    out.set_thread(done.thread);
    out.set_receipt(done.receipt);
    out.mutable_warnings()->Assign(p.warnings.begin(), p.warnings.end());
    out.set_unknown_fields_dropped(p.analysis.unknown_fields);
    for (const desk_notice& d : p.desks) {
        if (routing::shown_to_sender(d.desk)) out.add_told(d.desk.desk);
    }
    if (adds_hidden(p)) out.add_told(routed_by_policy);
    return out;
}

} // namespace cairn::daemon
