#include "daemon/start.hpp"

#include "daemon/record.hpp"
#include "routing/route.hpp"

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

status load_policy(runtime& rt, const std::string& text) {
    auto compiled = policy::table::compile(text, iso_day(now_us(rt)));
    if (!compiled) return compiled.error();
    CAIRN_TRY(routing::prove_routing(**compiled));
    const auto latest = rt.store().read().latest_policy();
    if (!latest || *latest != (*compiled)->text_digest()) {
        v1::RecordBody body;
        body.mutable_policy()->set_digest((*compiled)->digest_hex());
        body.mutable_policy()->set_text(text);
        using part = ledger::party::part_kind;
        auto draft =
            make_draft(rt, ledger::record_kind::policy, body, {{part::actor, "broker", text}});
        if (!draft) return draft.error();
        draft->policy = (*compiled)->text_digest();
        draft->changes = ledger::policy_effect{(*compiled)->text_digest(), text};
        if (const auto done = commit_now(rt.store(), std::move(*draft)); !done) return done.error();
    }
    rt.policy.swap_in(std::move(*compiled));
    return {};
}

status note(runtime& rt, std::string_view what) {
    v1::RecordBody body;
    body.mutable_note()->set_what(std::string(what));
    using part = ledger::party::part_kind;
    const bytes exact = body.note().SerializeAsString();
    auto draft = make_draft(rt, ledger::record_kind::note, body, {{part::actor, "broker", exact}});
    if (!draft) return draft.error();
    const auto done = commit_now(rt.store(), std::move(*draft));
    return done ? status{} : status{done.error()};
}

} // namespace

status prepare(runtime& rt, const std::string& policy_text) {
    rt.pseudonym_key = rt.store().keyed_hash_key("pseudonym");
    rt.body_key = rt.store().keyed_hash_key("body");
    CAIRN_TRY(load_registry(rt));
    CAIRN_TRY(load_policy(rt, policy_text));
    return note(rt, "started");
}

void add_all(session::router& routes, services& s) {
    add_submit(routes, s);
    add_receive(routes, s);
    add_settle(routes, s);
    add_questions(routes, s);
    add_admin(routes, s);
    add_audit(routes, s);
    add_pages(routes, s);
}

} // namespace cairn::daemon
