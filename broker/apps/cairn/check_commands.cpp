// cairn check: Nagios exit codes, 0 good, 1 warning, 2 critical, 3 unknown; and cairn status.
#include "apps/cairn/health_page.hpp"
#include "apps/cairn/program.hpp"

#include "certs/parse.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

enum level : int { good = 0, warning = 1, critical = 2, unknown = 3 };

void say(program& p, level l, const std::string& what, std::string_view next = {}) {
    static constexpr const char* words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    p.code = l;
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"state", words[l]}, {"exit", static_cast<int>(l)}, {"text", what}, {"next", next}});
    }
    fmt::print("{}: {}\n", words[l], what);
    if (!next.empty()) fmt::print("  next: {}\n", next);
}

void say_failure(program& p, level l, const failure& f) {
    const std::string cause = f.detail.empty() ? "" : "; " + f.detail;
    say(p, l, f.public_text() + cause, describe(f.code).next_step);
}

result<v1::StatusResponse> status_of(program& p) {
    return p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
}

// What fails, as "name: cause". From the health listener where its address is given, which asks for
// no certificate; else by the admin's status.
result<std::vector<std::string>> failing(program& p, const std::string& health) {
    if (!health.empty()) return failing_by_page(health);
    const auto s = status_of(p);
    if (!s) return s.error();
    std::vector<std::string> out;
    for (const auto& c : s->checks()) out.push_back(c.name() + ": " + c.detail());
    return out;
}

bool is_of_the_disk(const std::string& check) {
    const std::string name = check.substr(0, check.find(": "));
    for (const char* word : {"disk", "folder", "ledger", "keys"}) {
        if (name.find(word) != std::string::npos) return true;
    }
    return false;
}

constexpr std::string_view use_health = "Give --health with the address of the health listener";

void ready(program& p, const std::string& health) {
    const auto bad = failing(p, health);
    // Whoever is told that it may not ask this was let in and answered.
    if (!bad && bad.error().code == errc::operation_not_allowed) {
        return say(p, good, "the broker answers this certificate");
    }
    if (!bad) return say_failure(p, critical, bad.error());
    if (bad->empty()) return say(p, good, "ready");
    say(p, critical, bad->front());
}

void disk(program& p, const std::string& health) {
    const auto bad = failing(p, health);
    if (!bad && bad.error().code == errc::operation_not_allowed) {
        return say(p, unknown, "only an admin is told of the disk by call", use_health);
    }
    if (!bad) return say_failure(p, critical, bad.error());
    for (const auto& c : *bad) {
        if (is_of_the_disk(c)) return say(p, critical, c);
    }
    say(p, good, "the ledger has room and can be written");
}

void chain(program& p) {
    const auto verdict = verify_log(p, 0);
    if (!verdict) return say_failure(p, critical, verdict.error());
    std::string text = fmt::format(
        "{}: {} records re-hashed, root and signature agree", verdict->origin, verdict->size
    );
    if (verdict->older) text += fmt::format("; it holds the {} verified before", *verdict->older);
    say(p, good, text);
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
    auto health = std::make_shared<std::string>();
    auto* r = check->add_subcommand("ready", "the broker serves");
    r->callback([health, &p] { ready(p, *health); });
    auto* d = check->add_subcommand("disk", "the ledger has room");
    d->callback([health, &p] { disk(p, *health); });
    for (CLI::App* c : {r, d}) {
        c->add_option("--health", *health, "ask the health listener at HOST:PORT, no certificate");
    }
    check->add_subcommand("certs", "certificates of this context expire when")->callback([&p] {
        certificates(p);
    });
    check->add_subcommand("connect", "what stands between here and the broker")->callback([&p] {
        connect(p);
    });
    check->add_subcommand("chain", "the log verifies, and holds what was verified before")
        ->callback([&p] { chain(p); });
    app.add_subcommand("status", "desks, what is pending, what is failing")->callback([&p] {
        show_status(p);
    });
}

} // namespace cairn::cli
