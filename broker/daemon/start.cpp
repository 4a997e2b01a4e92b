#include "daemon/start.hpp"

#include "core/crypto.hpp"
#include "daemon/policy_records.hpp"
#include "daemon/record.hpp"

#include <future>

namespace cairn::daemon {
namespace {

// Appends one draft and waits for it.
result<ledger::committed> commit_now(ledger::ledger& store, ledger::draft d) {
    result<ledger::committed> out = fail(errc::internal);
    d.done = [&out](const result<ledger::committed>& r) { out = r; };
    CAIRN_TRY(store.append(std::move(d)));
    while (store.run_once()) {
    }
    return out;
}

status load_registry(runtime& rt) {
    auto stored = rt.store().read().registry();
    if (!stored) return stored.error();
    v1::RegistryState state;
    if (!state.ParseFromString(*stored)) return fail(errc::log_damaged, "registry");
    auto built = registry::snapshot::build(std::move(state));
    if (!built) return built.error();
    rt.registry.swap_in(std::move(*built));
    return {};
}

policy_standing standing_of(const policy_version& version, std::int64_t since_us) {
    return {version.text, version.note, version.signers, since_us, {}};
}

status commit_draft(runtime& rt, result<ledger::draft> d, std::int64_t* recorded_at_us = nullptr) {
    if (!d) return d.error();
    const auto done = commit_now(rt.store(), std::move(*d));
    if (!done) return done.error();
    if (recorded_at_us != nullptr) *recorded_at_us = done->recorded_at_us;
    return {};
}

// Once: who starts again on the same text has nothing new to say.
status record_refusal(runtime& rt, const refused_policy& refused) {
    if (refusal_is_newest(rt.store(), refused)) return {};
    return commit_draft(rt, refusal_draft(rt, refused));
}

status load_policy(runtime& rt, const chosen_policy& chosen) {
    if (!chosen.version) {
        CAIRN_TRY(record_refusal(rt, *chosen.refused));
        return chosen.refused->why;
    }
    const policy_version& version = *chosen.version;
    policy_standing standing = standing_of(version, 0);
    const auto last = last_in_force(rt.store());
    if (!last || last->text != version.text || last->note != version.note) {
        CAIRN_TRY(commit_draft(rt, activation_draft(rt, version), &standing.since_us));
    } else {
        standing.since_us = last->since_us;
        if (version.proved) CAIRN_TRY(commit_draft(rt, proof_draft(rt, version)));
    }
    rt.policy.swap_in(version.rules);
    if (chosen.refused) {
        standing.refused_because = chosen.refused->why.public_text();
        rt.alarm("policy_refused", standing.refused_because + "; the last good one decides");
        CAIRN_TRY(record_refusal(rt, *chosen.refused));
    }
    rt.standing.swap_in(std::make_shared<const policy_standing>(std::move(standing)));
    return {};
}

result<ledger::draft> note_draft(
    runtime& rt, std::string_view what, std::string_view detail, const registry::caller* by
) {
    v1::RecordBody body;
    if (by != nullptr) body.set_certificate(by->certificate_sha256);
    body.mutable_note()->set_what(std::string(what));
    body.mutable_note()->set_detail(std::string(detail));
    using part = ledger::party::part_kind;
    const bytes exact = body.note().SerializeAsString();
    const std::string actor = by == nullptr ? "broker" : by->id;
    return make_draft(rt, ledger::record_kind::note, body, {{part::actor, actor, exact}});
}

result<policy_version> last_good(
    ledger::ledger& store,
    const config& c,
    std::int64_t now_us,
    const result<std::vector<signing::trusted_key>>& trusted
) {
    auto last = last_in_force(store);
    if (!last) return last.error();
    const known_proof known = proofs_on_record(store);
    if (trusted)
        return admit_policy(
            {"the log's last policy", last->text, last->note},
            {c.partnership, *trusted, now_us, known}
        );
    auto out = prove_policy(last->text, now_us, names_of(last->signers), known);
    if (!out) return out.error();
    out->note = std::move(last->note);
    out->signers = std::move(last->signers);
    return out;
}

} // namespace

chosen_policy choose_policy(ledger::ledger& store, const config& c, std::int64_t now_us) {
    auto configured = judge_configured(c, now_us, proofs_on_record(store));
    if (configured.version) return {std::move(*configured.version), std::nullopt};
    refused_policy refused{std::move(configured.digest_hex), configured.version.error()};
    auto again = last_good(store, c, now_us, configured.trusted);
    if (!again) return {std::nullopt, std::move(refused)};
    return {std::move(*again), std::move(refused)};
}

status prepare(runtime& rt, const chosen_policy& policy, std::string_view started_with) {
    rt.pseudonym_key = rt.store().keyed_hash_key("pseudonym");
    rt.body_key = rt.store().keyed_hash_key("body");
    CAIRN_TRY(load_registry(rt));
    CAIRN_TRY(load_policy(rt, policy));
    return write_note(rt, "started", started_with);
}

status write_note(runtime& rt, std::string_view what, std::string_view detail) {
    auto draft = note_draft(rt, what, detail, nullptr);
    if (!draft) return draft.error();
    const auto done = commit_now(rt.store(), std::move(*draft));
    return done ? status{} : status{done.error()};
}

void queue_note(
    runtime& rt, std::string_view what, std::string_view detail, const registry::caller* by
) {
    auto draft = note_draft(rt, what, detail, by);
    status queued = draft ? status{} : status{draft.error()};
    if (draft) {
        draft->done = [&rt, name = std::string(what)](const result<ledger::committed>& r) {
            if (!r) rt.alarm("note_lost", name);
        };
        queued = rt.store().append(std::move(*draft));
    }
    if (!queued) rt.alarm("note_lost", what);
}

result<std::int64_t> append_and_wait(runtime& rt, ledger::draft d) {
    // The ledger answers every draft it took, also while it stops.
    auto told = std::make_shared<std::promise<result<std::int64_t>>>();
    d.done = [told](const result<ledger::committed>& r) {
        if (r)
            told->set_value(r->recorded_at_us);
        else
            told->set_value(r.error());
    };
    auto answer = told->get_future();
    CAIRN_TRY(rt.store().append(std::move(d)));
    return answer.get();
}

status apply_policy_day(runtime& rt, std::int64_t now_us) {
    const std::lock_guard lock(rt.policy_change);
    const auto standing = rt.standing.now();
    if (standing == nullptr) return fail(errc::policy_missing);
    const auto today = prove_policy(standing->text, now_us, names_of(standing->signers));
    // Yesterday's rules are not today's: without today's nothing is decided.
    rt.policy.swap_in(today ? today->rules : nullptr);
    queue_note(
        rt, "policy day", policy_day(now_us) + (today ? "" : ": no policy, it does not compile")
    );
    return today ? status{} : status{today.error()};
}

void add_all(session::router& routes, services& s) {
    add_submit(routes, s);
    add_receive(routes, s);
    add_settle(routes, s);
    add_questions(routes, s);
    add_preview(routes, s);
    add_admin(routes, s);
    add_operations(routes, s);
    add_approvals(routes, s);
    add_enrol(routes, s);
    add_audit(routes, s);
    add_pages(routes, s);
}

} // namespace cairn::daemon
