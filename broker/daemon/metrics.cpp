#include "core/version.hpp"
#include "daemon/operations.hpp"
#include "daemon/status.hpp"
#include "daemon/tick.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace cairn::daemon {
namespace {

// One text, a family at a time: its help and type stand before its samples.
class exposition {
public:
    void counter(std::string_view name, std::string_view help, std::uint64_t value) {
        family(name, help, "counter");
        out_ += fmt::format("{} {}\n", name, value);
    }
    void gauge(std::string_view name, std::string_view help, double value) {
        family(name, help, "gauge");
        out_ += fmt::format("{} {}\n", name, value);
    }
    void family(std::string_view name, std::string_view help, std::string_view type) {
        out_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    }
    // Values of labels are ids of the registry and words of ours: nothing to escape in them.
    template <class Number>
    void
    sample(std::string_view name, std::string_view label, std::string_view value, Number number) {
        out_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, value, number);
    }
    // Several labels, already written.
    void sample_of(std::string_view name, std::string_view labels, std::uint64_t number) {
        out_ += fmt::format("{}{{{}}} {}\n", name, labels, number);
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

double seconds(std::int64_t us) {
    return static_cast<double>(us) / 1e6;
}

void concerns(exposition& out, const counters& c) {
    out.counter(
        "cairn_concerns_submitted_total", "Concerns received, accepted or not.", c.submitted
    );
    out.counter("cairn_concerns_accepted_total", "Concerns on disk and in the log.", c.accepted);
    out.counter(
        "cairn_concerns_repeated_total", "Retries answered with the first receipt.", c.repeated
    );
    out.counter("cairn_concerns_refused_total", "Concerns refused.", c.refused);
    out.counter(
        "cairn_notices_delivered_total", "Notices sent to desks, repeats included.", c.delivered
    );
    out.counter("cairn_notices_confirmed_total", "Notices confirmed by desks.", c.confirmed);
    out.counter("cairn_notices_returned_total", "Notices sent back by desks.", c.returned);
    out.counter(
        "cairn_unknown_fields_dropped_total", "Fields of newer senders dropped.", c.unknown_fields
    );
}

// What people declared against the policy, for those who look at it afterwards.
void declared(exposition& out, const counters& c) {
    out.counter(
        "cairn_detriments_total", "Detriments declared: what is held below a floor.", c.detriments
    );
    out.counter(
        "cairn_detriments_challenged_total",
        "Detriments and refusals for data protection alone, challenged.",
        c.challenged
    );
    out.counter(
        "cairn_break_glass_total",
        "Declared as told above a ceiling, to be reviewed.",
        c.break_glass
    );
}

void ledger_counters(exposition& out, const ledger::writer_counters& w) {
    out.counter("cairn_ledger_commits_total", "Commits synced to disk.", w.commits);
    out.counter("cairn_ledger_records_total", "Records in the log since the start.", w.records);
    out.counter(
        "cairn_ledger_refused_full_total",
        "Drafts refused because the queue was full.",
        w.refused_full
    );
}

void stages(
    exposition& out, const counters& c, const ledger::writer_counters& w, const daemon_facts& d
) {
    constexpr std::string_view passed = "cairn_stage_passed_total";
    out.family(passed, "What a stage let through: connections, concerns, notices.", "counter");
    constexpr std::string_view refused = "cairn_stage_refused_total";
    const auto at = [](const auto& of, stage s) {
        return of[static_cast<std::size_t>(s)].load(std::memory_order_relaxed);
    };
    out.sample(passed, "stage", "transport", d.network.accepted - d.network.handshakes_failed);
    for (const stage s : all_stages) out.sample(passed, "stage", name_of(s), at(c.passed, s));
    out.sample(passed, "stage", "deliver", c.delivered.load());
    out.family(refused, "What ended at a stage.", "counter");
    out.sample(refused, "stage", "transport", d.network.handshakes_failed + d.network.refused_full);
    for (const stage s : all_stages) out.sample(refused, "stage", name_of(s), at(c.stopped, s));
    out.sample(refused, "stage", "deliver", c.returned.load());
    constexpr std::string_view spent = "cairn_stage_seconds_total";
    out.family(spent, "CPU used by stage. Of submissions one in sixteen is measured.", "counter");
    const auto cpu = [&out, spent](std::string_view name, std::uint64_t ns) {
        out.sample(spent, "stage", name, fmt::format("{:.9f}", static_cast<double>(ns) / 1e9));
    };
    cpu("decode", c.decode_ns);
    cpu("decide", c.decide_ns);
    cpu("redact", c.redact_ns);
    cpu("seal", c.seal_ns);
    cpu("ledger", static_cast<std::uint64_t>(w.busy_ns));
    cpu("deliver", c.deliver_ns);
}

// Desks are roles of agencies, never people.
void desks(exposition& out, const std::vector<desk_load>& loads) {
    const auto each = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, help, "gauge");
        for (const auto& d : loads) out.sample(name, "desk", d.desk, value(d));
    };
    each("cairn_desk_pending", "Notices neither confirmed nor settled.", [](const desk_load& d) {
        return d.pending;
    });
    each("cairn_desk_overdue", "Notices nobody read in time.", [](const desk_load& d) {
        return d.overdue;
    });
    each(
        "cairn_desk_oldest_pending_timestamp_seconds",
        "When the oldest notice that waits was recorded; 0: none waits.",
        [](const desk_load& d) { return fmt::format("{:.3f}", seconds(d.oldest_pending_us)); }
    );
    each("cairn_desk_connected", "1 where a stream receives for the desk.", [](const desk_load& d) {
        return d.connected ? 1 : 0;
    });
    each(
        "cairn_desk_unreachable",
        "1 where notices wait and no certificate in force may receive them.",
        [](const desk_load& d) { return d.unreachable ? 1 : 0; }
    );
}

void disk(exposition& out, const std::string& folder) {
    std::error_code ec;
    const auto wal = std::filesystem::file_size(folder + "/ledger.db-wal", ec);
    out.gauge(
        "cairn_ledger_wal_bytes",
        "Size of the write-ahead log.",
        ec ? 0.0 : static_cast<double>(wal)
    );
    const disk_room room = disk_now(folder);
    if (room.total_bytes == 0) return;
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    out.gauge("cairn_disk_free_bytes", "Room left where the ledger is.", number(room.free_bytes));
    out.gauge("cairn_disk_total_bytes", "Size of that file system.", number(room.total_bytes));
    out.gauge("cairn_ledger_files_bytes", "The ledger's own files.", number(room.used_bytes));
}

void backup(exposition& out, const std::string& folder) {
    out.gauge(
        "cairn_backup_timestamp_seconds",
        "When the last backup that was verified was taken; 0: none is known.",
        seconds(last_backup_us(folder))
    );
}

void network(exposition& out, const transport::server_counters& n) {
    out.counter("cairn_connections_total", "Connections accepted.", n.accepted);
    out.counter(
        "cairn_handshakes_failed_total",
        "Connections that ended before TLS was agreed.",
        n.handshakes_failed
    );
    out.counter(
        "cairn_connections_refused_total",
        "Connections above the limit, told and closed.",
        n.refused_full
    );
    out.gauge("cairn_connections_open", "Live connections.", static_cast<double>(n.open));
}

void ends(exposition& out, const services& s, const daemon_facts& d) {
    constexpr std::string_view own = "cairn_expiry_timestamp_seconds";
    out.family(own, "When what the broker stands on ends.", "gauge");
    const auto put = [&out](std::string_view name, std::string_view label, auto& all) {
        for (const auto& [what, at] : all)
            out.sample(name, label, what, fmt::format("{:.0f}", seconds(at)));
    };
    put(own, "what", d.ends);
    const auto registry = s.rt.registry.now();
    if (registry == nullptr) return;
    constexpr std::string_view theirs = "cairn_agency_certificate_expiry_timestamp_seconds";
    out.family(theirs, "When an agency's longest certificate in force ends.", "gauge");
    auto agencies = agency_ends(*registry, now_us(s.rt));
    for (auto& [what, at] : agencies) what = what.substr(what.find('/') + 1);
    put(theirs, "agency", agencies);
}

void itself(exposition& out, const services& s, const daemon_facts& d) {
    out.family("cairn_build_info", "1; the label says which program runs.", "gauge");
    out.sample("cairn_build_info", "version", version_text, 1);
    if (const auto standing = s.rt.standing.now()) {
        out.gauge(
            "cairn_policy_refused",
            "1: the configured text is refused and the last good one decides.",
            standing->refused_because.empty() ? 0 : 1
        );
    }
    if (const auto p = s.rt.policy.now()) {
        out.family("cairn_policy_info", "1; the label says which policy decides.", "gauge");
        out.sample("cairn_policy_info", "digest", p->digest_hex(), 1);
    }
    out.gauge("cairn_time_seconds", "The broker's clock.", seconds(now_us(s.rt)));
    out.gauge("cairn_start_time_seconds", "When the broker started.", seconds(d.started_us));
    constexpr std::string_view reloads = "cairn_reloads_total";
    out.family(reloads, "Reloads asked for, by what became of them.", "counter");
    out.sample(reloads, "outcome", "taken", s.count.reloads.load());
    out.sample(reloads, "outcome", "refused", s.count.reloads_failed.load());
    out.sample(reloads, "outcome", "dry_run_refused", s.count.dry_runs_failed.load());
    const bool good = d.last_reload == nullptr || d.last_reload->how;
    out.gauge(
        "cairn_reload_ok", "0 where the last reload, or a dry run since, was refused.", good ? 1 : 0
    );
    out.gauge("cairn_log_debug", "1 while the log says more than usual.", d.level_until_us ? 1 : 0);
    out.gauge("cairn_witness_quorum", "Witnesses needed; 0: none is set.", 0);
}

std::string lower(std::string_view name, std::string_view prefix) {
    std::string out(name.substr(prefix.size()));
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// From 0 with each other candidate, which counters may.
void shadow(exposition& out, const policy_shadow& candidate) {
    const auto at = candidate.now();
    if (!at) return;
    out.counter(
        "cairn_policy_shadow_decisions_total",
        "Decisions made again under the candidate beside the policy in force.",
        at->counts.decisions
    );
    constexpr std::string_view flips = "cairn_policy_shadow_flips_total";
    out.family(flips, "Decisions of which the candidate shows less (closes) or more.", "counter");
    for (const auto& [key, count] : at->counts.flips) {
        const auto& [direction, category, role] = key;
        out.sample_of(
            flips,
            fmt::format(
                R"(direction="{}",category="{}",role="{}")",
                direction == v1::PolicyFlip::DIRECTION_CLOSES ? "closes" : "opens",
                lower(v1::Category_Name(category), "CATEGORY_"),
                registry::role_text(role)
            ),
            count
        );
    }
    out.counter(
        "cairn_policy_shadow_owed_total",
        "Of them: a must rule shows it, and the candidate shows less.",
        at->counts.owed
    );
}

// What waits for people: enrolments for administrators, renewals for the authority.
void approvals(exposition& out, const registry::snapshot& registry, std::int64_t now_us) {
    std::uint64_t enrolments = 0;
    for (const auto& e : registry.state().enrolments()) {
        const bool waits =
            e.step() == v1::ENROLMENT_STEP_REQUESTED || e.step() == v1::ENROLMENT_STEP_APPROVED;
        enrolments += waits ? 1 : 0;
    }
    std::uint64_t renewals = 0;
    std::int64_t oldest_us = 0;
    for (const auto& r : registry.state().renewals()) {
        if (!r.successor_sha256().empty() || !r.refused_because().empty()) continue;
        ++renewals;
        oldest_us = std::max(oldest_us, now_us - r.asked_us());
    }
    out.gauge(
        "cairn_enrolments_waiting",
        "Enrolments that wait for administrators.",
        static_cast<double>(enrolments)
    );
    out.gauge(
        "cairn_renewals_waiting",
        "Certificates whose successor is not signed.",
        static_cast<double>(renewals)
    );
    out.gauge(
        "cairn_renewals_oldest_seconds",
        "How long the oldest of them waits for the authority.",
        seconds(oldest_us)
    );
}

} // namespace

std::string metrics_text(services& s) {
    exposition out;
    const daemon_facts facts = s.daemon == nullptr ? daemon_facts{} : s.daemon->facts();
    const auto written = s.rt.store().counters();
    itself(out, s, facts);
    concerns(out, s.count);
    declared(out, s.count);
    ledger_counters(out, written);
    stages(out, s.count, written, facts);
    const auto size = static_cast<double>(s.rt.store().current_head().size);
    out.gauge("cairn_log_size_records", "Leaves in this year's log.", size);
    const auto streams = static_cast<double>(s.hub.streams());
    out.gauge("cairn_desks_connected", "Live receive streams.", streams);
    if (const auto loads = s.loads.now()) desks(out, *loads);
    if (!s.rt.data_folder.empty()) {
        disk(out, s.rt.data_folder);
        backup(out, s.rt.data_folder);
    }
    network(out, facts.network);
    ends(out, s, facts);
    shadow(out, s.shadow);
    if (const auto r = s.rt.registry.now()) approvals(out, *r, now_us(s.rt));
    const auto bad = failing(s);
    out.family("cairn_check_failing", "1 for each check that fails.", "gauge");
    for (const auto& [name, cause] : bad) out.sample("cairn_check_failing", "check", name, 1);
    out.gauge("cairn_ready", "1 when every check passes.", bad.empty() ? 1 : 0);
    return out.take();
}

} // namespace cairn::daemon
