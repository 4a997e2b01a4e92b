// cairn admin: what an administrator does to a running broker.
#include "apps/cairn/program.hpp"

#include "cairn/v1/operate.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

result<v1::ReloadResponse> reload_call(program& p, bool dry_run) {
    v1::ReloadRequest asked;
    asked.set_dry_run(dry_run);
    return p.call<v1::ReloadResponse>("/cairn.v1.Admin/Reload", asked);
}

std::string shown(const std::string& text) {
    return text.empty() ? "-" : text;
}

void print_changes(const v1::ReloadResponse& r) {
    if (r.changes().empty()) {
        fmt::print("nothing differs from what is in force\n");
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& c : r.changes()) {
        rows.push_back(
            {c.what(),
             shown(c.before()),
             shown(c.after()),
             c.needs_restart() ? "at a restart" : "now"}
        );
    }
    print_table({"WHAT", "IN FORCE", "IN THE FILES", "TAKEN"}, rows);
    if (r.connections_judged() != 0) {
        fmt::print(
            "{} live connections are judged anew; those whose certificate no longer passes are "
            "cut\n",
            r.connections_judged()
        );
    }
}

bool any_taken(const v1::ReloadResponse& r) {
    for (const auto& c : r.changes()) {
        if (!c.needs_restart()) return true;
    }
    return false;
}

bool same_changes(v1::ReloadResponse a, v1::ReloadResponse b) {
    for (auto* r : {&a, &b}) {
        r->clear_applied();
        r->clear_connections_judged();
    }
    return a.SerializeAsString() == b.SerializeAsString();
}

void reload(program& p, bool dry_run, bool yes) {
    const auto would = reload_call(p, true);
    if (!would) return p.stop_with(would.error());
    if (dry_run && p.json) return p.print_json(*would);
    if (!p.json) print_changes(*would);
    if (dry_run || (!p.json && !any_taken(*would))) return;
    if (!yes && (p.json || !says_yes("take this"))) {
        return p.stop_with(fail(errc::usage, "nothing was taken; --yes takes it without asking"));
    }
    const auto done = reload_call(p, false);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    if (!same_changes(*would, *done)) {
        fmt::print("the files changed meanwhile; what was taken:\n");
        print_changes(*done);
    }
    fmt::print("{}\n", done->applied() ? "taken" : "nothing to take");
}

void log_level(program& p, const std::string& level, const std::string& time) {
    v1::SetLogLevelRequest asked;
    if (level != "reset") asked.set_level(level);
    if (!time.empty()) {
        const auto seconds = duration_from(time, "--for");
        if (!seconds) return p.stop_with(seconds.error());
        asked.set_for_s(static_cast<std::uint32_t>(seconds->count()));
    }
    const auto done = p.call<v1::SetLogLevelResponse>("/cairn.v1.Admin/SetLogLevel", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("was {}, is {}", done->before(), done->level());
    if (done->until_us() != 0) fmt::print(", goes back at {}", time_text(done->until_us()));
    fmt::print("\n");
}

} // namespace

void add_admin(CLI::App& app, program& p) {
    auto* admin = app.add_subcommand("admin", "what an admin does to a running broker");
    admin->require_subcommand(1);
    auto dry = std::make_shared<bool>(false);
    auto yes = std::make_shared<bool>(false);
    auto* r = admin->add_subcommand(
        "reload", "configuration, certificates, policy and calendar anew: shows what differs first"
    );
    r->add_flag("--dry-run", *dry, "show what differs and stop");
    r->add_flag("--yes", *yes, "take it without asking");
    r->callback([dry, yes, &p] { reload(p, *dry, *yes); });
    auto level = std::make_shared<std::string>();
    auto time = std::make_shared<std::string>();
    auto* l = admin->add_subcommand("log-level", "how much the broker logs, for a time");
    l->add_option("LEVEL", *level, "reset: as at the start")
        ->required()
        ->check(CLI::IsMember({"debug", "info", "warning", "error", "reset"}));
    l->add_option("--for", *time, "30s, 10m, 2h; an hour unless said, at most a day");
    l->callback([level, time, &p] { log_level(p, *level, *time); });
}

} // namespace cairn::cli
