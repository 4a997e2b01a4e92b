#include "daemon/status.hpp"

#include "core/version.hpp"
#include "daemon/control_answers.hpp"
#include "daemon/files.hpp"
#include "daemon/operations.hpp"
#include "daemon/tick.hpp"
#include "session/wire.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>

namespace cairn::daemon {

std::vector<std::pair<std::string, std::string>> failing(services& s) {
    auto out = s.rt.store().failing_checks();
    const auto policy = s.rt.policy.now();
    if (policy == nullptr)
        out.emplace_back("policy", "none in force");
    else if (!policy->in_force(now_us(s.rt)))
        out.emplace_back("policy", "expired");
    if (s.rt.registry.now() == nullptr) out.emplace_back("registry", "not loaded");
    return out;
}

disk_room disk_now(const std::string& folder) {
    namespace fs = std::filesystem;
    disk_room out;
    std::error_code ec;
    const auto room = fs::space(folder, ec);
    if (ec) return out;
    out.free_bytes = room.available;
    out.total_bytes = room.capacity;
    for (const char* name : {"ledger.db", "ledger.db-wal", "keys.db", "keys.db-wal"}) {
        const auto size = fs::file_size(folder + "/" + name, ec);
        if (!ec) out.used_bytes += size;
    }
    return out;
}

std::int64_t last_backup_us(const std::string& data_folder) {
    const auto text = read_file(backup_folder(data_folder) + "/last.json");
    if (!text) return 0;
    const auto said = nlohmann::json::parse(*text, nullptr, false);
    if (!said.is_object()) return 0;
    const auto taken = said.find("takenUs");
    if (taken == said.end() || !taken->is_number_integer()) return 0;
    return std::max<std::int64_t>(0, taken->get<std::int64_t>());
}

std::vector<std::pair<std::string, std::int64_t>>
agency_ends(const registry::snapshot& registry, std::int64_t now_us) {
    std::map<std::string, std::int64_t> longest;
    for (const v1::Certificate& c : registry.state().certificates()) {
        const v1::Agency* agency = registry.agency(c.agency());
        if (c.revoked() || agency == nullptr || agency->suspended()) continue;
        auto& end = longest["agency/" + c.agency()];
        end = std::max(end, c.not_after_us());
    }
    // What ended long ago belongs to somebody who left.
    constexpr std::int64_t told_for_us = std::int64_t{30} * 86400 * 1000000;
    std::vector<std::pair<std::string, std::int64_t>> out;
    for (const auto& [name, end] : longest) {
        if (end > now_us - told_for_us) out.emplace_back(name, end);
    }
    return out;
}

namespace {

void say_desk(
    const services& s, const ledger::desk_counts& d, std::int64_t now, v1::StatusResponse::Desk& row
) {
    row.set_desk(d.desk);
    row.set_routed(d.routed);
    row.set_confirmed(d.confirmed);
    row.set_returned(d.returned);
    row.set_withdrawn(d.withdrawn);
    row.set_expired(d.expired);
    row.set_pending(d.pending);
    row.set_oldest_pending_us(d.oldest_pending_us);
    row.set_overdue(d.overdue);
    row.set_connected(s.hub.connected(d.desk));
    row.set_last_seen_us(row.connected() ? now : s.seen.last(d.desk));
    const auto registry = s.rt.registry.now();
    const v1::Desk* desk = registry == nullptr ? nullptr : registry->desk(d.desk);
    const bool reachable = desk != nullptr && can_be_received(*registry, *desk, now);
    row.set_unreachable(d.pending != 0 && !reachable);
}

void say_expiries(
    const services& s, const daemon_facts& facts, std::int64_t now, v1::StatusResponse& out
) {
    auto all = facts.ends;
    if (const auto registry = s.rt.registry.now()) {
        for (auto& a : agency_ends(*registry, now)) all.push_back(std::move(a));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
    });
    for (auto& [what, at] : all) {
        if (what == "server certificate") out.set_server_certificate_expires_us(at);
        auto& row = *out.add_expiries();
        row.set_what(std::move(what));
        row.set_at_us(at);
    }
}

void say_policy(const services& s, v1::StatusResponse& out) {
    const auto rules = s.rt.policy.now();
    const auto standing = s.rt.standing.now();
    if (rules == nullptr || standing == nullptr) return;
    auto& p = *out.mutable_policy();
    p.set_digest(rules->digest_hex());
    p.set_version(rules->source().version());
    p.set_since_us(standing->since_us);
    for (const auto& signer : standing->signers) {
        auto& row = *p.add_signers();
        row.set_part(std::string(signing::name_of(signer.of)));
        row.set_name(signer.name);
    }
    p.set_valid_until(rules->source().valid_until());
    p.set_review_by(rules->source().review_by());
    p.set_refused_because(standing->refused_because);
}

void say_daemon(const services& s, std::int64_t now, v1::StatusResponse& out) {
    if (s.daemon == nullptr) return;
    const daemon_facts facts = s.daemon->facts();
    say_expiries(s, facts, now, out);
    out.set_started_us(facts.started_us);
    out.set_config_digest(facts.config_digest);
    out.set_log_level(std::string(name_of(facts.level)));
    out.set_log_level_until_us(facts.level_until_us);
    out.set_connections(facts.network.open);
    if (facts.last_reload == nullptr) return;
    auto& last = *out.mutable_last_reload();
    last.set_at_us(facts.last_reload->at_us);
    last.set_ok(static_cast<bool>(facts.last_reload->how));
    if (facts.last_reload->how) return;
    const char* asked = facts.last_reload->dry_run ? "dry run: " : "";
    last.set_cause(asked + facts.last_reload->how.error().public_text());
}

// Every open desk has a row: one that never got anything is told too.
void say_quiet_desks(
    const services& s,
    const std::vector<ledger::desk_counts>& counts,
    std::int64_t now,
    v1::StatusResponse& out
) {
    const auto registry = s.rt.registry.now();
    if (registry == nullptr) return;
    for (const v1::Desk& d : registry->state().desks()) {
        const bool told = std::any_of(counts.begin(), counts.end(), [&d](const auto& c) {
            return c.desk == d.id();
        });
        if (told || d.closed()) continue;
        ledger::desk_counts none;
        none.desk = d.id();
        say_desk(s, none, now, *out.add_desks());
    }
}

} // namespace

result<v1::StatusResponse> status_now(services& s) {
    v1::StatusResponse out;
    const std::int64_t now = now_us(s.rt);
    out.set_version(std::string(version_text));
    out.set_now_us(now);
    const auto head = s.rt.store().current_head();
    out.set_origin(s.rt.partnership + "/" + std::to_string(head.year));
    out.set_log_size(head.size);
    if (const auto p = s.rt.policy.now()) out.set_policy_digest(p->digest_hex());
    if (const auto r = s.rt.registry.now()) out.set_registry_epoch(r->epoch());
    auto counts = s.rt.store().read().counts(now);
    if (!counts) return counts.error();
    for (const auto& d : *counts) say_desk(s, d, now, *out.add_desks());
    say_quiet_desks(s, *counts, now, out);
    say_daemon(s, now, out);
    say_policy(s, out);
    say_shadow(s.shadow, out);
    // No witness can be set yet: a quorum of 0 says so.
    out.mutable_witness();
    if (!s.rt.data_folder.empty()) {
        const disk_room room = disk_now(s.rt.data_folder);
        out.mutable_disk()->set_free_bytes(room.free_bytes);
        out.mutable_disk()->set_total_bytes(room.total_bytes);
        out.mutable_disk()->set_used_bytes(room.used_bytes);
    }
    for (const auto& [name, cause] : failing(s)) {
        auto& check = *out.add_checks();
        check.set_name(name);
        check.set_ok(false);
        check.set_detail(cause);
    }
    return out;
}

namespace {

using page_maker = session::page (*)(services&);

session::page live(services&) {
    return {200, "text/plain; charset=utf-8", "ok\n"};
}

session::page ready(services& s) {
    const auto bad = failing(s);
    session::page out;
    out.status = bad.empty() ? 200 : 503;
    out.body = bad.empty() ? "ready\n" : std::string{};
    for (const auto& [name, cause] : bad) out.body += name + ": " + cause + "\n";
    return out;
}

session::page metrics(services& s) {
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(s)};
}

status may_see(const services& s, const session::peer& who) {
    const auto registry = s.rt.registry.now();
    if (registry == nullptr) return fail(errc::unavailable);
    registry::request asked;
    asked.what = registry::operation::health;
    asked.now_us = now_us(s.rt);
    const auto caller = registry::identify(
        *registry, s.rt.partnership, who.certificate_sha256, who.uris, asked.now_us
    );
    if (!caller) return caller.error();
    const auto allowed = registry::authorise(*registry, *caller, asked);
    return allowed ? status{} : status{allowed.error()};
}

constexpr std::pair<const char*, page_maker> pages[] = {
    {"/livez", live}, {"/readyz", ready}, {"/metrics", metrics}};

} // namespace

void add_pages(session::router& routes, services& s) {
    for (const auto& [path, make] : pages) {
        routes.add_page(path, [&s, make = make](const session::peer& who) {
            if (const status ok = may_see(s, who); !ok) {
                return session::page{
                    session::http_status(ok.error()),
                    "application/json",
                    session::error_json(ok.error())};
            }
            return make(s);
        });
    }
}

void add_open_pages(session::router& routes, services& s) {
    for (const auto& [path, make] : pages) {
        routes.add_page(path, [&s, make = make](const session::peer&) { return make(s); });
    }
}

} // namespace cairn::daemon
