// cairn check: Nagios exit codes, 0 good, 1 warning, 2 critical, 3 unknown; and cairn status.
#include "apps/cairn/program.hpp"

#include "certs/parse.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

enum level : int { good = 0, warning = 1, critical = 2, unknown = 3 };

void say(program& p, level l, const std::string& what) {
    static constexpr const char* words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    fmt::print("{}: {}\n", words[l], what);
    p.code = l;
}

void say_failure(program& p, level l, const failure& f) {
    say(p, l, f.where.empty() && !f.detail.empty() ? f.detail : f.public_text());
    fmt::print("  next: {}\n", describe(f.code).next_step);
}

result<v1::StatusResponse> status_of(program& p) {
    return p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
}

void ready(program& p) {
    const auto s = status_of(p);
    if (!s) return say_failure(p, critical, s.error());
    if (s->checks().empty()) return say(p, good, fmt::format("ready, {} records", s->log_size()));
    say(p, critical, s->checks(0).name() + ": " + s->checks(0).detail());
}

void disk(program& p) {
    const auto s = status_of(p);
    if (!s) return say_failure(p, critical, s.error());
    for (const auto& c : s->checks()) {
        if (c.name().find("disk") != std::string::npos ||
            c.name().find("storage") != std::string::npos ||
            c.name().find("folder") != std::string::npos) {
            return say(p, critical, c.name() + ": " + c.detail());
        }
    }
    say(p, good, "the ledger has room and can be written");
}

void certificates(program& p) {
    const auto mine = p.load_context();
    if (!mine) return say_failure(p, unknown, mine.error());
    const std::int64_t now = to_us(system_clock().wall_now());
    level worst = good;
    std::string text;
    const auto look = [&](const std::string& name, const std::string& pem) {
        const auto facts = certs::parse_certificate(pem);
        if (!facts) {
            worst = critical;
            text += name + " cannot be read; ";
            return;
        }
        const std::int64_t days = (to_us(facts->not_after) - now) / (std::int64_t{86400} * 1000000);
        if (days < 7)
            worst = critical;
        else if (days < 30 && worst == good)
            worst = warning;
        text += fmt::format("{} good for {} days; ", name, days);
    };
    look("certificate", mine->tls.certificate_pem);
    look("authority", mine->tls.authority_pem);
    say(p, worst, text.substr(0, text.size() - 2));
}

// Names what stands between here and the broker: name, port, TLS, authority, enrolment, clock.
void connect(program& p) {
    const auto mine = p.load_context();
    if (!mine) return say_failure(p, unknown, mine.error());
    const auto c = p.connection();
    if (!c) return say_failure(p, critical, c.error());
    const auto desks =
        p.call<v1::ListDesksResponse>("/cairn.v1.Exchange/ListDesks", v1::ListDesksRequest{});
    if (!desks && desks.error().code != errc::operation_not_allowed)
        return say_failure(p, critical, desks.error());
    say(p,
        good,
        fmt::format("{}:{} answers, both certificates are accepted", mine->host, mine->port));
}

void show_status(program& p) {
    const auto s = status_of(p);
    if (!s) return p.stop_with(s.error());
    if (p.json) return p.print_json(*s);
    fmt::print(
        "{}  {} records  policy {}  registry epoch {}\n",
        s->origin(),
        s->log_size(),
        s->policy_digest().substr(0, 16),
        s->registry_epoch()
    );
    for (const auto& c : s->checks()) fmt::print("FAILING {}: {}\n", c.name(), c.detail());
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : s->desks()) {
        rows.push_back(
            {d.desk(),
             d.connected() ? "live" : "-",
             std::to_string(d.routed()),
             std::to_string(d.confirmed()),
             std::to_string(d.returned()),
             std::to_string(d.pending()),
             time_text(d.oldest_pending_us()),
             std::to_string(d.overdue())}
        );
    }
    print_table(
        {"DESK", "STREAM", "ROUTED", "CONFIRMED", "RETURNED", "PENDING", "OLDEST", "OVERDUE"}, rows
    );
}

} // namespace

void add_check(CLI::App& app, program& p) {
    auto* check =
        app.add_subcommand("check", "probes with Nagios exit codes")->require_subcommand(1);
    check->add_subcommand("ready", "the broker serves")->callback([&p] { ready(p); });
    check->add_subcommand("disk", "the ledger has room")->callback([&p] { disk(p); });
    check->add_subcommand("certs", "certificates of this context expire when")->callback([&p] {
        certificates(p);
    });
    check->add_subcommand("connect", "what stands between here and the broker")->callback([&p] {
        connect(p);
    });
    auto* chain =
        check->add_subcommand("chain", "the log verifies from its first record to its signed head");
    chain->callback([&p] {
        verify_log(p);
        if (p.code != 0) p.code = critical;
    });
    app.add_subcommand("status", "desks, what is pending, what is failing")->callback([&p] {
        show_status(p);
    });
}

} // namespace cairn::cli
