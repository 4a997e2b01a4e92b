// cairn-agent: the process inside an agency.
#include "agents/apps/compare_command.hpp"
#include "agents/apps/config.hpp"
#include "agents/apps/folders.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/apps/plain_agent.hpp"
#include "agents/apps/renewal_watch.hpp"
#include "agents/apps/status_page.hpp"
#include "core/log_line.hpp"
#include "core/system.hpp"
#include "transport/supervisor.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

namespace {

using namespace cairn;
using namespace cairn::agents;

// Whole lines: the renewal's thread writes, too.
void write_log(log_level level, std::string_view action, std::string_view message) {
    const auto line =
        log_line("cairn-agent", {system_clock().wall_now(), level, action, message}) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
}

int explain(const failure& f, int code) {
    std::fputs(apps::reason_text(f).c_str(), stderr);
    return code;
}

// One line for whoever collects the logs, then the same for a person.
int not_started(const failure& f, int code) {
    const auto why = std::string(describe(f.code).symbol) + ": " + f.public_text();
    write_log(log_level::critical, "not_started", why);
    return explain(f, code);
}

// SIGUSR1 is the agent's own word that it has finished.
sigset_t waited_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, s);
    return set;
}

// Until the agent has finished or is told to stop. SIGHUP: the TLS files are read again.
void wait_for_the_end(
    const sigset_t& signals, transport::dialer& dialer, apps::plain_agent& agent
) {
    int signal = 0;
    for (;;) {
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        dialer.post([&agent] { agent.reload(); });
    }
    if (signal == SIGUSR1) return;
    std::promise<void> stopped;
    dialer.post([&] {
        agent.stop();
        stopped.set_value();
    });
    stopped.get_future().wait_for(std::chrono::seconds(5));
}

int report(const apps::agent_config& config) {
    const auto text = apps::read_whole(config.folder + "/status.json", 1024 * 1024);
    const auto said = text ? apps::report_status(*text, system_clock().wall_now())
                           : apps::status_report{3, "UNKNOWN: no status.json; did it ever run?"};
    std::fputs((said.text + "\n").c_str(), stdout);
    return said.code;
}

renewal_files files_of(const apps::agent_config& config, const transport::dial_options& broker) {
    return {config.certificate_file, config.key_file, broker.tls.authority_pem};
}

// The certificate's successor, in time; the agent takes the new files as on SIGHUP.
std::unique_ptr<apps::renewal_watch> watch_renewal(
    const apps::agent_config& config,
    const transport::dial_options& broker,
    transport::dialer& dialer,
    const std::shared_ptr<apps::plain_agent>& agent
) {
    apps::renewal_watch::listeners to;
    to.log = write_log;
    to.standing = [&dialer, agent](const status& how) {
        dialer.post([agent, how] { agent->note("renewal", how); });
    };
    to.changed = [] { ::kill(::getpid(), SIGHUP); };
    return std::make_unique<apps::renewal_watch>(
        broker, files_of(config, broker), system_clock(), std::move(to)
    );
}

int run(const apps::agent_config& config, const apps::end_options& end) {
    // A change that stopped between certificate and key goes on before either is read.
    if (const auto whole = finish_change({config.certificate_file, config.key_file, {}}); !whole)
        return not_started(whole.error(), EX_CANTCREAT);
    auto broker = apps::dial_options_of(config);
    if (!broker) return not_started(broker.error(), EX_CONFIG);
    auto where = apps::make_folders(config.folder);
    if (!where) return not_started(where.error(), EX_CANTCREAT);
    auto outbox = open_sqlite_outbox(where->journal.string());
    if (!outbox) return not_started(outbox.error(), EX_CANTCREAT);
    auto book = open_notice_book(where->notices.string());
    if (!book) return not_started(book.error(), EX_CANTCREAT);

    // Blocked before the dialer's thread starts, so that only sigwait() sees them.
    const auto signals = waited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const auto dialer = transport::make_dialer();
    std::atomic<bool> ok{true};
    const auto finished = [&ok](bool well) {
        ok = well;
        ::kill(::getpid(), SIGUSR1);
    };
    auto service = transport::supervisor::from_environment();
    apps::agent_parts parts{
        *dialer, **outbox, **book, system_clock(), system_random(), write_log, finished};
    parts.alive = [&service, said = std::string()](std::string_view says) mutable {
        if (says != said) service.ready(said = says);
        // Called by the loop that must not stand still: that it comes round is the sign of life.
        service.tick(system_clock().mono_now(), [] { return true; });
    };
    auto made = apps::make_plain_agent(config, *broker, std::move(*where), std::move(parts), end);
    if (!made) {
        dialer->stop();
        return not_started(made.error(), EX_CONFIG);
    }
    write_log(log_level::info, "started", "desks " + std::to_string(config.desks.size()));
    (*made)->start();
    auto renewal = watch_renewal(config, *broker, *dialer, *made);
    wait_for_the_end(signals, *dialer, **made);
    service.stopping();
    renewal.reset();
    dialer->stop();
    write_log(
        ok ? log_level::info : log_level::warning,
        "stopped",
        ok ? "as asked" : "the time limit came first"
    );
    return ok ? EX_OK : EX_TEMPFAIL;
}

} // namespace

int main(int argc, char** argv) {
    ::umask(0077);
    CLI::App app("Sends what is dropped into outbox/ and writes what comes into inbox/");
    std::string config_file;
    apps::end_options end;
    std::int64_t idle_ms = 500;
    std::int64_t limit_s = 0;
    bool check = false;
    app.add_option("--config", config_file, "agent.toml");
    app.add_flag("--once", end.once, "end when all is answered and nothing more comes");
    app.add_option("--until-received", end.until_received, "end after so many notices");
    app.add_option("--idle-ms", idle_ms, "with --once: how long nothing must come")
        ->check(CLI::Range(1, 600'000));
    app.add_option("--time-limit-s", limit_s, "end unsuccessfully after this; 0: never")
        ->check(CLI::Range(0, 86'400));
    app.add_flag("--check", check, "read the configuration and its files, then end");
    auto* status =
        app.add_subcommand("status", "how the agent of this configuration is; for monitors");
    status->add_option("--config", config_file, "agent.toml");
    auto* compare = app.add_subcommand("compare", "a page: one concern, what each desk got");
    apps::compare_options options;
    compare->add_option("--concern", options.concern_file, "JSON of the concern")->required();
    compare->add_option("--notices", options.notice_folders, "inbox folders")->required();
    compare->add_option("--concern-id", options.concern_id, "where folders hold several");
    compare->add_option("--out", options.out_file, "page to write")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EX_OK : EX_USAGE;
    }
    if (compare->parsed()) {
        const auto done = apps::compare_command(options);
        return done ? EX_OK : explain(done.error(), EX_DATAERR);
    }
    if (config_file.empty()) return explain(fail(errc::usage, "--config"), EX_USAGE);
    const auto config = apps::load_config(config_file);
    const bool asked_only = check || status->parsed();
    if (!config)
        return asked_only ? explain(config.error(), EX_CONFIG)
                          : not_started(config.error(), EX_CONFIG);
    if (check) {
        const auto files = apps::dial_options_of(*config);
        if (!files) return explain(files.error(), EX_CONFIG);
        if (!config->hook.used()) return EX_OK;
        const auto hook = apps::make_hook(config->hook, [](const auto&, const auto&) {});
        return hook ? EX_OK : explain(hook.error(), EX_CONFIG);
    }
    if (status->parsed()) return report(*config);
    end.idle = std::chrono::milliseconds(idle_ms);
    end.time_limit = std::chrono::seconds(limit_s);
    return run(*config, end);
}
