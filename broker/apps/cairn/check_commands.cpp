// cairn check: probes for monitors.
#include "apps/cairn/health_page.hpp"
#include "apps/cairn/probe.hpp"
#include "apps/cairn/standing.hpp"

#include "certs/parse.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cairn::cli {

void say(
    program& p, level l, const std::string& what, std::string_view next, const std::string& numbers
) {
    static constexpr const char* words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    p.code = static_cast<int>(l);
    const char* word = words[p.code];
    if (p.into != nullptr) {
        *p.into += fmt::format("{}: {}\n", word, what);
        return;
    }
    if (p.json) {
        nlohmann::ordered_json out{
            {"state", word}, {"exit", p.code}, {"text", what}, {"next", next}};
        if (!numbers.empty()) out["numbers"] = numbers;
        return p.print_json(out);
    }
    fmt::print("{}: {}{}{}\n", word, what, numbers.empty() ? "" : " | ", numbers);
    if (!next.empty()) fmt::print("  next: {}\n", next);
}

void say_failure(program& p, level l, const failure& f) {
    const std::string cause = f.detail.empty() ? "" : "; " + f.detail;
    say(p, l, f.public_text() + cause, describe(f.code).next_step);
}

namespace {

namespace v1 = ::cairn::v1;

constexpr std::int64_t day_us = std::int64_t{86400} * 1000000;
constexpr std::string_view use_health = "Give --health with the address of the health listener";

// What a check was asked to judge by.
struct limits_asked {
    std::string health;
    std::string warning;
    std::string critical;
    std::string older_than;
    bool of_broker = false;
};

level worse(level a, level b) {
    return std::max(a, b);
}

// What fails, as "name: cause". From the health listener where its address is given, which asks for
// no certificate; else by the admin's status.
result<std::vector<std::string>> failing(program& p, const std::string& health) {
    if (!health.empty()) return failing_by_page(health);
    const auto s = p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
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

void refuse(program& p, const failure& f, std::string_view what) {
    if (f.code == errc::operation_not_allowed) {
        return say(
            p, level::unknown, fmt::format("only an admin is told of {} by call", what), use_health
        );
    }
    const bool usage = f.code == errc::usage;
    say_failure(p, usage ? level::unknown : level::critical, f);
}

void ready(program& p, const std::string& health) {
    const auto bad = failing(p, health);
    // Whoever is told that it may not ask this was let in and answered.
    if (!bad && bad.error().code == errc::operation_not_allowed) {
        return say(p, level::good, "the broker answers this certificate");
    }
    if (!bad) return say_failure(p, level::critical, bad.error());
    if (bad->empty()) return say(p, level::good, "ready");
    say(p, level::critical, bad->front());
}

// "20%" to 20; errc::usage.
result<double> percent(const std::string& text, const std::string& what) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const std::string_view rest = end;
    if (text.empty() || !(rest.empty() || rest == "%") || value < 0 || value > 100) {
        return fail(errc::usage, what + ": a share of the disk, such as 20%");
    }
    return value;
}

void disk(program& p, const limits_asked& a) {
    const auto warn = percent(a.warning, "--warning");
    const auto crit = percent(a.critical, "--critical");
    if (!warn) return say_failure(p, level::unknown, warn.error());
    if (!crit) return say_failure(p, level::unknown, crit.error());
    const auto bad = failing(p, a.health);
    if (!bad) return refuse(p, bad.error(), "the disk");
    for (const auto& c : *bad) {
        if (is_of_the_disk(c)) return say(p, level::critical, c);
    }
    const auto now = standing_of(p, a.health);
    // The broker's own checks pass; how much is free it does not say.
    if (!now || now->disk_total == 0)
        return say(p, level::good, "the ledger has room and can be written");
    const double free =
        static_cast<double>(now->disk_free) * 100 / static_cast<double>(now->disk_total);
    const level l = free < *crit ? level::critical : free < *warn ? level::warning : level::good;
    say(p,
        l,
        fmt::format("the ledger has room and can be written, {:.0f} % of the disk is free", free),
        l == level::good ? "" : "Make room, or move the ledger's folder to a larger disk",
        fmt::format("free={:.1f}%;{:g}:;{:g}:;0;100", free, *warn, *crit));
}

void chain(program& p) {
    const auto verdict = verify_log(p, 0);
    if (!verdict) return say_failure(p, level::critical, verdict.error());
    std::string text = fmt::format(
        "{}: {} records re-hashed, root and signature agree", verdict->origin, verdict->size
    );
    if (verdict->older) text += fmt::format("; it holds the {} verified before", *verdict->older);
    say(p, level::good, text, {}, fmt::format("records={}", verdict->size));
}

// What ends when, gathered one by one.
class ends {
public:
    ends(std::int64_t now_us, std::chrono::seconds warn, std::chrono::seconds crit)
        : now_us_(now_us), warn_us_(warn.count() * 1000000), crit_us_(crit.count() * 1000000) {}

    void add(const std::string& name, std::int64_t at_us) {
        const std::int64_t left = at_us - now_us_;
        if (left < crit_us_)
            worst_ = level::critical;
        else if (left < warn_us_)
            worst_ = worse(worst_, level::warning);
        const std::int64_t days = left / day_us;
        add_text(name, left < 0 ? "ended" : fmt::format("good for {} days", days));
        std::string label = name;
        std::replace(label.begin(), label.end(), ' ', '_');
        numbers_ += fmt::format("{}{}={}d", numbers_.empty() ? "" : " ", label, days);
    }
    void add_bad(const std::string& name) {
        worst_ = level::critical;
        add_text(name, "cannot be read");
    }
    void tell(program& p) const { say(p, worst_, text_, {}, numbers_); }

private:
    void add_text(const std::string& name, const std::string& what) {
        text_ += fmt::format("{}{} {}", text_.empty() ? "" : "; ", name, what);
    }
    std::int64_t now_us_;
    std::int64_t warn_us_;
    std::int64_t crit_us_;
    level worst_ = level::good;
    std::string text_;
    std::string numbers_;
};

void certificates(program& p, const limits_asked& a) {
    const auto warn = duration_from(a.warning, "--within");
    const auto crit = duration_from(a.critical, "--critical");
    if (!warn) return say_failure(p, level::unknown, warn.error());
    if (!crit) return say_failure(p, level::unknown, crit.error());
    ends all(to_us(system_clock().wall_now()), *warn, *crit);
    if (a.of_broker || !a.health.empty()) {
        const auto now = standing_of(p, a.health);
        if (!now) return refuse(p, now.error(), "certificates");
        if (now->ends.empty()) return say(p, level::unknown, "the broker does not say");
        for (const auto& [what, at] : now->ends) all.add(what, at);
        return all.tell(p);
    }
    const auto mine = p.load_context();
    if (!mine) return say_failure(p, level::unknown, mine.error());
    const auto look = [&all](const std::string& name, const std::string& pem) {
        const auto facts = certs::parse_certificate(pem);
        if (!facts) return all.add_bad(name);
        all.add(name, to_us(facts->not_after));
    };
    look("certificate", mine->tls.certificate_pem);
    look("authority", mine->tls.authority_pem);
    all.tell(p);
}

void clock(program& p, const limits_asked& a) {
    const auto warn = duration_from(a.warning, "--warning");
    const auto crit = duration_from(a.critical, "--critical");
    if (!warn) return say_failure(p, level::unknown, warn.error());
    if (!crit) return say_failure(p, level::unknown, crit.error());
    const auto now = standing_of(p, a.health);
    if (!now) return refuse(p, now.error(), "the time");
    if (now->now_us == 0) return say(p, level::unknown, "the broker does not say what time it is");
    // Somewhere on the answer's way the broker looked at its clock.
    const double apart = static_cast<double>(now->now_us - (now->here_us - now->took_us / 2)) / 1e6;
    const double by = std::max(0.0, std::abs(apart) - static_cast<double>(now->took_us) / 2e6);
    const level l = by >= static_cast<double>(crit->count())   ? level::critical
                    : by >= static_cast<double>(warn->count()) ? level::warning
                                                               : level::good;
    say(p,
        l,
        fmt::format("the broker's clock is {:+.3f} s from this machine's", apart),
        l == level::good ? "" : "Set the clock that is wrong: see timedatectl on both machines",
        fmt::format("offset={:.6f}s;{};{}", apart, warn->count(), crit->count()));
}

void deadlines(program& p, const limits_asked& a) {
    const auto age = duration_from(a.older_than, "--older-than");
    if (!age) return say_failure(p, level::unknown, age.error());
    const auto warn = std::strtoull(a.warning.c_str(), nullptr, 10);
    const auto crit = std::strtoull(a.critical.c_str(), nullptr, 10);
    const auto now = standing_of(p, a.health);
    if (!now) return refuse(p, now.error(), "desks");
    level l = level::good;
    std::uint64_t overdue = 0;
    std::uint64_t pending = 0;
    std::string text;
    const auto note = [&text](const std::string& what) {
        text += (text.empty() ? "" : "; ") + what;
    };
    for (const auto& d : now->desks) {
        overdue += d.overdue;
        pending += d.pending;
        if (d.overdue != 0) note(fmt::format("{}: {} overdue", d.desk, d.overdue));
        if (d.unreachable) {
            l = level::critical;
            note(fmt::format("{}: no certificate may receive its {} notices", d.desk, d.pending));
        }
        const std::int64_t waits = now->now_us - d.oldest_pending_us;
        if (d.pending != 0 && waits / 1000000 > age->count()) {
            l = worse(l, level::warning);
            note(fmt::format("{}: the oldest waits for {} h", d.desk, waits / 3600000000));
        }
    }
    if (overdue >= crit)
        l = level::critical;
    else if (overdue >= warn)
        l = worse(l, level::warning);
    if (text.empty()) text = fmt::format("nothing is overdue, {} notices wait", pending);
    say(p,
        l,
        text,
        l == level::good ? "" : "cairn status shows the desks; ring those named",
        fmt::format("overdue={};{};{} pending={}", overdue, warn, crit, pending));
}

void backup(program& p, const limits_asked& a) {
    const auto warn = duration_from(a.warning, "--warning");
    const auto crit = duration_from(a.critical, "--critical");
    if (!warn) return say_failure(p, level::unknown, warn.error());
    if (!crit) return say_failure(p, level::unknown, crit.error());
    const auto last = backup_standing_of(p, a.health);
    if (!last && last.error().code == errc::unimplemented)
        return say(p, level::unknown, "the broker does not say when it was backed up");
    if (!last) return refuse(p, last.error(), "backups");
    constexpr std::string_view next =
        "journalctl -u cairn-backup says why; docs/RUNBOOK.md, \"Every night\", how to make one";
    if (last->taken_us == 0)
        return say(p, level::critical, "no backup is known: nothing could be restored", next);
    const std::int64_t age_us = last->now_us - last->taken_us;
    if (age_us < 0)
        return say(
            p,
            level::warning,
            fmt::format("the last backup is of {}, still to come", time_text(last->taken_us)),
            "A clock was wrong, then or now: see timedatectl"
        );
    const std::int64_t age = age_us / 1000000;
    const level l = age >= crit->count()   ? level::critical
                    : age >= warn->count() ? level::warning
                                           : level::good;
    say(p,
        l,
        fmt::format(
            "the last backup that was verified is of {}, {} ago",
            time_text(last->taken_us),
            span_text(age_us)
        ),
        l == level::good ? "" : next,
        fmt::format("age={}s;{};{}", age, warn->count(), crit->count()));
}

// What a bundle says of each check, by the thresholds of the command line.
limits_asked asked_of(const char* warning, const char* critical) {
    limits_asked a;
    a.warning = warning;
    a.critical = critical;
    a.older_than = "3d";
    a.of_broker = true;
    return a;
}

using asked_ptr = std::shared_ptr<limits_asked>;

CLI::App*
add_one(CLI::App& check, const char* name, const char* what, const asked_ptr& a, bool health) {
    auto* c = check.add_subcommand(name, what);
    if (health) {
        c->add_option(
            "--health", a->health, "ask the health listener at HOST:PORT, no certificate"
        );
    }
    return c;
}

void add_thresholds(
    CLI::App* c, const asked_ptr& a, const char* name, const char* warn, const char* crit
) {
    a->warning = warn;
    a->critical = crit;
    c->add_option(name, a->warning, "a warning from here")->capture_default_str();
    c->add_option("--critical", a->critical, "critical from here")->capture_default_str();
}

} // namespace

std::string run_checks(program& p) {
    std::string out;
    p.into = &out;
    const auto one = [&out](const char* name, const auto& check) {
        out += fmt::format("check {}: ", name);
        check();
    };
    one("connect", [&p] { check_connect(p); });
    one("ready", [&p] { ready(p, {}); });
    one("disk", [&p] { disk(p, asked_of("20%", "10%")); });
    one("certs", [&p] { certificates(p, asked_of("30d", "7d")); });
    one("clock", [&p] { clock(p, asked_of("2s", "30s")); });
    one("deadlines", [&p] { deadlines(p, asked_of("1", "10")); });
    one("backup", [&p] { backup(p, asked_of("26h", "50h")); });
    p.into = nullptr;
    p.code = exit_code::ok;
    return out;
}

void add_check(CLI::App& app, program& p) {
    auto* check =
        app.add_subcommand("check", "probes with Nagios exit codes")->require_subcommand(1);
    const auto asked = [] { return std::make_shared<limits_asked>(); };
    auto a = asked();
    add_one(*check, "ready", "the broker serves", a, true)->callback([a, &p] {
        ready(p, a->health);
    });
    a = asked();
    auto* c = add_one(*check, "disk", "the ledger has room", a, true);
    add_thresholds(c, a, "--warning", "20%", "10%");
    c->callback([a, &p] { disk(p, *a); });
    a = asked();
    c = add_one(*check, "certs", "what expires when: of this context, or of the broker", a, true);
    add_thresholds(c, a, "--within,--warning", "30d", "7d");
    c->add_flag("--broker", a->of_broker, "what the broker stands on, and every agency's");
    c->callback([a, &p] { certificates(p, *a); });
    a = asked();
    c = add_one(*check, "clock", "the broker's clock against this machine's", a, true);
    add_thresholds(c, a, "--warning", "2s", "30s");
    c->callback([a, &p] { clock(p, *a); });
    a = asked();
    c = add_one(*check, "deadlines", "nothing is overdue, every desk can be reached", a, true);
    add_thresholds(c, a, "--warning", "1", "10");
    a->older_than = "3d";
    c->add_option("--older-than", a->older_than, "a warning where a notice waits longer")
        ->capture_default_str();
    c->callback([a, &p] { deadlines(p, *a); });
    a = asked();
    c = add_one(*check, "backup", "the last verified backup is not too old", a, true);
    add_thresholds(c, a, "--warning", "26h", "50h");
    c->callback([a, &p] { backup(p, *a); });
    add_one(*check, "connect", "what stands between here and the broker", asked(), false)
        ->callback([&p] { check_connect(p); });
    add_one(*check, "chain", "the log verifies, and holds what was verified before", asked(), false)
        ->callback([&p] { chain(p); });
}

} // namespace cairn::cli
