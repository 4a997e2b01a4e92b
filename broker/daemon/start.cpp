#include "daemon/start.hpp"

#include "daemon/record.hpp"
#include "policy/proof/load.hpp"
#include "routing/route.hpp"

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

result<ledger::draft>
policy_draft(runtime& rt, const policy::table& policy, const std::string& text) {
    v1::RecordBody body;
    body.mutable_policy()->set_digest(policy.digest_hex());
    body.mutable_policy()->set_text(text);
    using part = ledger::party::part_kind;
    auto draft = make_draft(rt, ledger::record_kind::policy, body, {{part::actor, "broker", text}});
    if (!draft) return draft.error();
    draft->policy = policy.text_digest();
    draft->changes = ledger::policy_effect{policy.text_digest(), text};
    return draft;
}

status load_policy(runtime& rt, const std::string& text) {
    auto compiled = proved_policy(text, now_us(rt));
    if (!compiled) return compiled.error();
    const auto latest = rt.store().read().latest_policy();
    if (!latest || *latest != (*compiled)->text_digest()) {
        auto draft = policy_draft(rt, **compiled, text);
        if (!draft) return draft.error();
        if (const auto done = commit_now(rt.store(), std::move(*draft)); !done) return done.error();
    }
    rt.policy.swap_in(std::move(*compiled));
    rt.policy_text = text;
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

} // namespace

status prepare(runtime& rt, const std::string& policy_text, std::string_view started_with) {
    rt.pseudonym_key = rt.store().keyed_hash_key("pseudonym");
    rt.body_key = rt.store().keyed_hash_key("body");
    CAIRN_TRY(load_registry(rt));
    CAIRN_TRY(load_policy(rt, policy_text));
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

result<std::shared_ptr<const policy::table>>
proved_policy(const std::string& text, std::int64_t now_us) {
    auto compiled = policy::compile_proved(text, policy_day(now_us));
    if (!compiled) return compiled.error();
    CAIRN_TRY(routing::prove_routing(**compiled));
    return compiled;
}

status record_policy(runtime& rt, const policy::table& policy, const std::string& text) {
    auto draft = policy_draft(rt, policy, text);
    if (!draft) return draft.error();
    // The ledger answers every draft it took, also while it stops.
    auto told = std::make_shared<std::promise<status>>();
    draft->done = [told](const result<ledger::committed>& r) {
        told->set_value(r ? status{} : status{r.error()});
    };
    auto answer = told->get_future();
    CAIRN_TRY(rt.store().append(std::move(*draft)));
    return answer.get();
}

status apply_policy_day(runtime& rt, std::int64_t now_us) {
    const std::lock_guard lock(rt.policy_change);
    auto compiled = proved_policy(rt.policy_text, now_us);
    // Yesterday's rules are not today's: without today's nothing is decided.
    rt.policy.swap_in(compiled ? *compiled : nullptr);
    queue_note(
        rt, "policy day", policy_day(now_us) + (compiled ? "" : ": no policy, it does not compile")
    );
    return compiled ? status{} : status{compiled.error()};
}

void add_all(session::router& routes, services& s) {
    add_submit(routes, s);
    add_receive(routes, s);
    add_settle(routes, s);
    add_questions(routes, s);
    add_admin(routes, s);
    add_operations(routes, s);
    add_approvals(routes, s);
    add_enrol(routes, s);
    add_audit(routes, s);
    add_pages(routes, s);
}

} // namespace cairn::daemon
