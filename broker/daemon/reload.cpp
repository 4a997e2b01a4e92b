#include "daemon/reload.hpp"

#include "core/crypto.hpp"
#include "daemon/policy_records.hpp"
#include "daemon/start.hpp"

namespace cairn::daemon {
namespace {

// What of a new configuration a running broker cannot take stays as it is, so that the next reload
// compares with what is really in force.
loaded_config only_live(const loaded_config& before, loaded_config next) {
    for (std::size_t i = 0; i < next.settings.size() && i < before.settings.size(); ++i) {
        if (!next.settings[i].live) next.settings[i] = before.settings[i];
    }
    const config wanted = next.values;
    next.values = before.values;
    next.values.policy_file = wanted.policy_file;
    next.values.policy_signers_file = wanted.policy_signers_file;
    next.values.policy_shadow_file = wanted.policy_shadow_file;
    next.values.calendar_file = wanted.calendar_file;
    next.values.certificate_file = wanted.certificate_file;
    next.values.key_file = wanted.key_file;
    next.values.authority_file = wanted.authority_file;
    next.values.crl_file = wanted.crl_file;
    next.values.allow_tls12 = wanted.allow_tls12;
    next.values.log_level = wanted.log_level;
    return next;
}

// The text may be the same: what decided came out of the log, for its file was refused.
void say_source(v1::ReloadResponse::Change& out) {
    out.set_what("policy: where it comes from");
    out.set_before("the log, as the last good one");
    out.set_after("its file");
}

} // namespace

result<loaded_files> read_files(loaded_config c, std::int64_t now_us) {
    loaded_files out;
    auto tls = read_tls(c.values);
    if (!tls) return tls.error();
    auto days = read_calendar(c.values);
    if (!days) return days.error();
    if (!c.values.calendar_file.empty()) {
        auto text = read_file(c.values.calendar_file);
        if (!text) return text.error();
        out.calendar_text = std::move(*text);
    }
    out.tls = std::move(*tls);
    out.days = std::make_shared<const obligations::calendar>(std::move(*days));
    out.shadow = read_shadow(c.values.policy_shadow_file, now_us);
    out.config = std::move(c);
    return out;
}

reloader::reloader(services& s, loaded_files now, hooks h)
    : s_(s), hooks_(std::move(h)), settled_(s.rt.standing.now()->refused_because.empty()),
      now_(std::make_shared<const loaded_files>(std::move(now))) {}

result<v1::ReloadResponse> reloader::reload(bool dry_run, const registry::caller* by) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) {
        const failure busy = fail(errc::overloaded, "a reload is under way");
        // A signal has nobody to tell, and what it was sent for may not be in what is read now.
        if (!dry_run) remember(false, busy);
        return busy;
    }
    auto out = attempt(dry_run, by);
    remember(dry_run, out ? status{} : status{out.error()});
    return out;
}

void reloader::remember(bool dry_run, status how) {
    const auto add = [](auto& counter) { counter.fetch_add(1, std::memory_order_relaxed); };
    if (!how) {
        const std::string asked = dry_run ? "dry run: " : "";
        s_.rt.alarm("reload_failed", asked + "as before: " + how.error().public_text());
        add(dry_run ? s_.count.dry_runs_failed : s_.count.reloads_failed);
    } else if (!dry_run) {
        add(s_.count.reloads);
    }
    std::shared_ptr<const reload_outcome> outcome;
    if (!dry_run || !how)
        outcome = std::make_shared<const reload_outcome>(reload_outcome{
            now_us(s_.rt), dry_run, std::move(how)});
    // Any look at the files settles what an earlier dry run found bad in them; a refused reload is
    // settled by a reload alone.
    refused_dry_run_.swap_in(dry_run ? outcome : nullptr);
    if (!dry_run) last_.swap_in(std::move(outcome));
}

std::shared_ptr<const reload_outcome> reloader::last() const {
    auto dry = refused_dry_run_.now();
    return dry == nullptr ? last_.now() : dry;
}

result<v1::ReloadResponse> reloader::attempt(bool dry_run, const registry::caller* by) {
    const auto now = now_.now();
    auto config = load_config(now->config.path);
    if (!config) return config.error();
    auto next = read_files(std::move(*config), now_us(s_.rt));
    if (!next) return next.error();
    CAIRN_TRY(hooks_.try_tls(next->tls));
    auto version = next_policy(next->config.values);
    if (!version) return version.error();
    next->policy = std::move(*version);
    v1::ReloadResponse out;
    bool other_trust = false;
    bool any = false;
    for (auto& c : differences(*now, *next)) {
        other_trust = other_trust || c.what() == "tls.authority" || c.what() == "tls.crl";
        any = any || !c.needs_restart();
        *out.add_changes() = std::move(c);
    }
    if (!s_.rt.standing.now()->refused_because.empty()) {
        say_source(*out.add_changes());
        any = true;
    }
    if (other_trust) out.set_connections_judged(static_cast<std::uint32_t>(hooks_.connections()));
    if (dry_run) return out;
    next->config = only_live(now->config, std::move(next->config));
    if (any) CAIRN_TRY(take(std::move(*next)));
    out.set_applied(any);
    tell(out, by);
    return out;
}

result<policy_version> reloader::next_policy(const config& c) {
    auto judged = judge_configured(c, now_us(s_.rt), proofs_on_record(s_.rt.store()));
    if (judged.version)
        settled_ = true;
    else
        record_refusal({judged.digest_hex, judged.version.error()});
    return std::move(judged.version);
}

void reloader::record_refusal(const refused_policy& refused) {
    if (!settled_ && refusal_is_newest(s_.rt.store(), refused)) return;
    auto draft = refusal_draft(s_.rt, refused);
    status kept = draft ? status{} : status{draft.error()};
    if (draft) {
        const auto at = append_and_wait(s_.rt, std::move(*draft));
        if (!at) kept = at.error();
    }
    if (!kept) return s_.rt.alarm("note_lost", "policy refused");
    settled_ = false;
}

// The record of a new policy is on disk before the policy decides anything; nothing before it has
// changed, nothing after it can fail.
status reloader::take(loaded_files next) {
    const std::lock_guard lock(s_.rt.policy_change);
    CAIRN_TRY(take_policy(next.policy));
    CAIRN_TRY(hooks_.use_tls(next.tls));
    s_.rt.days.swap_in(next.days);
    s_.shadow.use(next.shadow);
    if (const auto level = level_of(next.config.values.log_level)) hooks_.use_level(*level);
    now_.swap_in(std::make_shared<const loaded_files>(std::move(next)));
    return {};
}

status reloader::take_policy(const policy_version& version) {
    policy_standing standing = *s_.rt.standing.now();
    const bool same = version.text == standing.text && version.note == standing.note;
    if (!same) {
        // The day may have changed since it was compiled.
        auto rules = policy::table::compile(
            version.text, policy_day(now_us(s_.rt)), names_of(version.signers)
        );
        if (!rules) return rules.error();
        auto draft = activation_draft(s_.rt, version);
        if (!draft) return draft.error();
        const auto recorded_at_us = append_and_wait(s_.rt, std::move(*draft));
        if (!recorded_at_us) return recorded_at_us.error();
        standing = {version.text, version.note, {}, *recorded_at_us, {}};
        s_.rt.policy.swap_in(std::move(*rules));
    }
    standing.signers = version.signers;
    standing.refused_because.clear();
    s_.rt.standing.swap_in(std::make_shared<const policy_standing>(std::move(standing)));
    return {};
}

void reloader::tell(const v1::ReloadResponse& done, const registry::caller* by) {
    std::string what;
    for (const auto& c : done.changes()) {
        what += what.empty() ? "" : ", ";
        what += c.what() + (c.needs_restart() ? " (needs a restart)" : "");
    }
    if (what.empty()) what = "nothing changed";
    s_.rt.log("reloaded", what);
    if (!done.applied()) return;
    // Bounded: a policy may have two thousand rules.
    constexpr std::size_t noted = 2000;
    if (what.size() > noted) what = what.substr(0, noted) + " and more";
    queue_note(s_.rt, "reloaded", what + "; policy " + now_.now()->policy.rules->digest_hex(), by);
}

} // namespace cairn::daemon
