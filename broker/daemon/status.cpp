#include "daemon/status.hpp"

#include "daemon/tick.hpp"
#include "session/wire.hpp"

#include <fmt/format.h>

#include <filesystem>

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
    for (const auto& d : *counts) {
        auto& row = *out.add_desks();
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

// Desks are roles of agencies, never people.
void desk_metrics(std::string& out, const std::vector<desk_load>& loads) {
    const auto each = [&](std::string_view name, std::string_view help, auto value) {
        out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
        for (const auto& d : loads)
            out += fmt::format("{}{{desk=\"{}\"}} {}\n", name, d.desk, value(d));
    };
    each("cairn_desk_pending", "Notices neither confirmed nor settled.", [](const desk_load& d) {
        return d.pending;
    });
    each("cairn_desk_overdue", "Notices nobody read in time.", [](const desk_load& d) {
        return d.overdue;
    });
    each(
        "cairn_desk_unreachable",
        "1 where notices wait and no certificate in force may receive them.",
        [](const desk_load& d) { return d.unreachable ? 1 : 0; }
    );
}

template <class Gauge>
void disk_metrics(const Gauge& gauge, const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code ec;
    const auto wal = fs::file_size(folder + "/ledger.db-wal", ec);
    const double size = ec ? 0.0 : static_cast<double>(wal);
    gauge("cairn_ledger_wal_bytes", "Size of the write-ahead log.", size);
    const auto room = fs::space(folder, ec);
    if (ec) return;
    const auto free = static_cast<double>(room.available);
    gauge("cairn_disk_free_bytes", "Room left where the ledger is.", free);
}

} // namespace

std::string metrics_text(services& s) {
    std::string out;
    const auto counter = [&out](std::string_view name, std::string_view help, std::uint64_t value) {
        out += fmt::format("# HELP {0} {1}\n# TYPE {0} counter\n{0} {2}\n", name, help, value);
    };
    const auto gauge = [&out](std::string_view name, std::string_view help, double value) {
        out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
    };
    const counters& c = s.count;
    counter("cairn_concerns_submitted_total", "Concerns received, accepted or not.", c.submitted);
    counter("cairn_concerns_accepted_total", "Concerns on disk and in the log.", c.accepted);
    counter(
        "cairn_concerns_repeated_total", "Retries answered with the first receipt.", c.repeated
    );
    counter("cairn_concerns_refused_total", "Concerns refused.", c.refused);
    counter(
        "cairn_notices_delivered_total", "Notices sent to desks, repeats included.", c.delivered
    );
    counter("cairn_notices_confirmed_total", "Notices confirmed by desks.", c.confirmed);
    counter("cairn_notices_returned_total", "Notices sent back by desks.", c.returned);
    counter(
        "cairn_unknown_fields_dropped_total", "Fields of newer senders dropped.", c.unknown_fields
    );
    const auto w = s.rt.store().counters();
    counter("cairn_ledger_commits_total", "Commits synced to disk.", w.commits);
    counter("cairn_ledger_records_total", "Records in the log since the start.", w.records);
    counter(
        "cairn_ledger_refused_full_total",
        "Drafts refused because the queue was full.",
        w.refused_full
    );
    const auto stage = [&](std::string_view name, std::uint64_t ns) {
        out += fmt::format(
            "cairn_stage_seconds_total{{stage=\"{}\"}} {:.9f}\n",
            name,
            static_cast<double>(ns) / 1e9
        );
    };
    out += "# HELP cairn_stage_seconds_total CPU used by stage."
           " Of submissions one in sixteen is measured.\n# TYPE "
           "cairn_stage_seconds_total counter\n";
    stage("decode", c.decode_ns);
    stage("decide", c.decide_ns);
    stage("redact", c.redact_ns);
    stage("seal", c.seal_ns);
    stage("deliver", c.deliver_ns);
    stage("ledger", static_cast<std::uint64_t>(w.busy_ns));
    gauge(
        "cairn_log_size_records",
        "Leaves in this year's log.",
        static_cast<double>(s.rt.store().current_head().size)
    );
    gauge("cairn_desks_connected", "Live receive streams.", static_cast<double>(s.hub.streams()));
    if (const auto loads = s.loads.now()) desk_metrics(out, *loads);
    if (!s.rt.data_folder.empty()) disk_metrics(gauge, s.rt.data_folder);
    gauge("cairn_ready", "1 when every check passes.", failing(s).empty() ? 1 : 0);
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
