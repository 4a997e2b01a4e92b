// cairn status: a partnership's broker at a glance.
#include "apps/cairn/program.hpp"
#include "apps/cairn/standing.hpp"

#include "cairn/v1/admin.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::int64_t day_us = std::int64_t{86400} * 1000000;

std::string ago(std::int64_t at_us, std::int64_t now_us, const char* never) {
    if (at_us == 0) return never;
    return span_text(now_us - at_us) + (at_us > now_us ? "" : " ago");
}

std::string size_text(std::uint64_t bytes) {
    const auto b = static_cast<double>(bytes);
    if (b >= 1024.0 * 1024 * 1024) return fmt::format("{:.1f} GiB", b / (1024.0 * 1024 * 1024));
    return fmt::format("{:.1f} MiB", b / (1024.0 * 1024));
}

void print_head(const v1::StatusResponse& s) {
    fmt::print(
        "{}  {}  broker {}, started {}\n",
        s.origin(),
        s.checks().empty() ? "READY" : "NOT READY",
        s.version(),
        ago(s.started_us(), s.now_us(), "at an unknown time")
    );
    for (const auto& c : s.checks()) fmt::print("FAILING    {}: {}\n", c.name(), c.detail());
    fmt::print("log        {} records\n", s.log_size());
    if (s.witness().quorum() == 0)
        fmt::print("witnesses  none set: no head is cosigned\n");
    else
        fmt::print(
            "witnesses  {} needed, {} records cosigned {}\n",
            s.witness().quorum(),
            s.witness().cosigned_size(),
            ago(s.witness().cosigned_us(), s.now_us(), "never")
        );
    if (s.disk().total_bytes() != 0) {
        fmt::print(
            "disk       {} free of {} ({} %), the ledger has {}\n",
            size_text(s.disk().free_bytes()),
            size_text(s.disk().total_bytes()),
            s.disk().free_bytes() * 100 / s.disk().total_bytes(),
            size_text(s.disk().used_bytes())
        );
    }
    fmt::print(
        "policy     {}, registry epoch {}, {} connections\n",
        s.policy_digest().substr(0, 16),
        s.registry_epoch(),
        s.connections()
    );
}

void print_shadow(const v1::StatusResponse& s) {
    if (!s.has_shadow()) return;
    const auto& at = s.shadow();
    fmt::print(
        "shadow     {}, {}, since {}: {} concerns, {} decisions; {} would show less, {} more{}\n",
        at.version(),
        at.digest().substr(0, 16),
        time_text(at.since_us()),
        at.concerns(),
        at.decisions(),
        at.closes(),
        at.opens(),
        at.owed() == 0 ? "" : fmt::format("; OWED and less: {}", at.owed())
    );
}

void print_notable(const v1::StatusResponse& s) {
    if (s.has_last_reload() && !s.last_reload().ok()) {
        fmt::print(
            "RELOAD     refused {}: {}\n",
            ago(s.last_reload().at_us(), s.now_us(), ""),
            s.last_reload().cause()
        );
    }
    if (s.log_level_until_us() != 0) {
        fmt::print("log level  {} until {}\n", s.log_level(), time_text(s.log_level_until_us()));
    }
    // The next to end, and whatever ends soon.
    for (int i = 0; i < s.expiries_size(); ++i) {
        const auto& e = s.expiries(i);
        const std::int64_t days = (e.at_us() - s.now_us()) / day_us;
        if (i != 0 && days >= 30) break;
        const char* word = e.at_us() <= s.now_us() ? "ENDED" : days < 7 ? "ENDS SOON" : "ends next";
        fmt::print("{:<9}  {}: {}, {} days\n", word, e.what(), day_text(e.at_us()), days);
    }
}

// The status message has no field for it: an admin is told the metrics too.
void print_backup(program& p) {
    const auto b = backup_standing_of(p, {});
    if (!b) return fmt::print("backup     the broker does not say\n");
    if (b->taken_us == 0)
        return fmt::print("BACKUP     none is known: after a loss nothing could be restored\n");
    // Loud from where `cairn check backup` warns.
    const bool late = b->now_us - b->taken_us >= std::int64_t{26} * 3600 * 1000000;
    fmt::print("{}     verified {}\n", late ? "BACKUP" : "backup", ago(b->taken_us, b->now_us, ""));
}

void show_status(program& p) {
    const auto s = p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
    if (!s) return p.stop_with(s.error());
    if (p.json) return p.print_json(*s);
    print_head(*s);
    print_shadow(*s);
    print_backup(p);
    print_notable(*s);
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : s->desks()) {
        const char* stream = d.connected() ? "live" : d.unreachable() ? "UNREACHABLE" : "-";
        rows.push_back(
            {d.desk(),
             stream,
             d.connected() ? "now" : ago(d.last_seen_us(), s->now_us(), "not since the start"),
             std::to_string(d.pending()),
             d.pending() == 0 ? "-" : span_text(s->now_us() - d.oldest_pending_us()),
             std::to_string(d.overdue()),
             std::to_string(d.routed()),
             std::to_string(d.confirmed()),
             std::to_string(d.returned())}
        );
    }
    fmt::print("\n");
    print_table(
        {"DESK",
         "STREAM",
         "LAST SEEN",
         "PENDING",
         "OLDEST",
         "OVERDUE",
         "ROUTED",
         "CONFIRMED",
         "RETURNED"},
        rows
    );
}

} // namespace

void add_status(CLI::App& app, program& p) {
    app.add_subcommand("status", "desks, what is pending, overdue, failing or about to end")
        ->callback([&p] { show_status(p); });
}

} // namespace cairn::cli
