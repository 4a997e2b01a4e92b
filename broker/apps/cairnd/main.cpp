// cairnd: the broker. One configuration file, JSON logs on standard error, stops on SIGTERM,
// reads its configuration and what it names again on SIGHUP.
#include "core/system.hpp"
#include "core/version.hpp"
#include "daemon/broker.hpp"
#include "daemon/files.hpp"
#include "ledger/verify.hpp"
#include "transport/supervisor.hpp"

#include <CLI/CLI.hpp>
#include <google/protobuf/stubs/logging.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

namespace {

using namespace cairn;

int say(const failure& f);

// Every setting, then every file one of them names.
int check(const daemon::loaded_config& c) {
    for (const auto& s : c.settings) {
        std::printf("%-20s %-40s %s\n", s.key.c_str(), s.value.c_str(), s.source.c_str());
    }
    int code = EX_OK;
    for (const failure& f : daemon::check_files(c.values, system_clock())) code = say(f);
    return code;
}

// One line for whoever collects the logs, then the same for a person.
int say(const failure& f) {
    std::string line = std::string(describe(f.code).symbol) + ": " + f.public_text();
    if (!f.detail.empty()) line += " (" + f.detail + ")";
    daemon::json_log(system_clock()).write(log_level::critical, "not_started", line);
    std::fprintf(stderr, "cairnd: %s\n", f.public_text().c_str());
    if (!f.detail.empty()) std::fprintf(stderr, "  cause: %s\n", f.detail.c_str());
    std::fprintf(
        stderr,
        "  next:  %.*s\n",
        static_cast<int>(describe(f.code).next_step.size()),
        describe(f.code).next_step.data()
    );
    const auto number = static_cast<unsigned>(f.code);
    if (number >= 1600 && number < 1700) return EX_CONFIG;
    if (number >= 1300 && number < 1400) return EX_CONFIG;
    const bool damaged = f.code == errc::log_damaged || f.code == errc::sealed_data_damaged;
    if (damaged || f.code == errc::keys_missing) return EX_DATAERR;
    return EX_UNAVAILABLE;
}

// Keys and opened payloads must not end up in a crash file.
void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

// Blocked before any thread starts, so that every thread inherits it and sigtimedwait gets them.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return set;
}

std::string serving(const daemon::broker& b) {
    return "serves calls on port " + std::to_string(b.port()) + ", health on port " +
           std::to_string(b.health_port());
}

void reload(daemon::broker& b, transport::supervisor& manager) {
    manager.reloading(system_clock().mono_now());
    const bool ok = b.reload().has_value();
    manager.ready(ok ? serving(b) : serving(b) + "; the last reload failed, see the log");
}

// Until told to stop, or until a commit failed: recovery is start-up (the service manager's part).
int wait_for_end(
    daemon::broker& b, const sigset_t& set, daemon::json_log& log, transport::supervisor& manager
) {
    manager.ready(serving(b));
    for (;;) {
        const timespec second{1, 0};
        const int got = sigtimedwait(&set, nullptr, &second);
        if (got == SIGTERM || got == SIGINT) return EX_OK;
        if (got == SIGHUP) reload(b, manager);
        if (b.poisoned()) {
            log.write(log_level::critical, "ledger_poisoned", "a write failed; restart to recover");
            return EX_IOERR;
        }
        b.tick();
        manager.tick(system_clock().mono_now(), [&b] { return b.alive(); });
    }
}

int run(daemon::loaded_config c, const std::string& port_file) {
    const sigset_t set = block_signals();
    forbid_core_files();
    // protobuf would write about bad messages to standard error in its own form.
    google::protobuf::SetLogHandler(nullptr);
    daemon::json_log log(system_clock());
    auto started = daemon::broker::start(std::move(c), system_clock(), system_random(), log);
    if (!started) return say(started.error());
    if (!port_file.empty()) {
        // Written whole under another name first: a reader never sees half of it.
        const std::string draft = port_file + ".part";
        std::ofstream(draft) << (*started)->port() << ' ' << (*started)->health_port() << '\n';
        if (std::rename(draft.c_str(), port_file.c_str()) != 0)
            return say(fail(errc::file_unreadable, port_file));
    }
    auto manager = transport::supervisor::from_environment();
    const int code = wait_for_end(**started, set, log, manager);
    manager.stopping();
    (*started)->stop();
    return code;
}

// With the broker stopped: the folder's lock is taken.
int look_through(const daemon::config& c, bool rebuild) {
    forbid_core_files();
    google::protobuf::SetLogHandler(nullptr);
    const auto options = daemon::ledger_options(c);
    if (!options) return say(options.error());
    const auto found = rebuild ? ledger::rebuild_state(*options, system_random())
                               : ledger::verify_folder(*options, system_random());
    if (!found) return say(found.error());
    std::printf(
        "%s: %llu records, %llu signed heads, %llu notices, %llu erased\n",
        rebuild ? "rebuilt" : "good",
        static_cast<unsigned long long>(found->records),
        static_cast<unsigned long long>(found->heads),
        static_cast<unsigned long long>(found->notices),
        static_cast<unsigned long long>(found->erased)
    );
    return EX_OK;
}

} // namespace

int main(int argc, char** argv) {
    // What it writes is for nobody else.
    ::umask(0077);
    CLI::App app{"The Cairn broker: takes concerns in, gives each desk what policy lets it see, "
                 "keeps the log."};
    app.set_version_flag("--version", std::string(version_text));
    std::string path = "cairnd.toml";
    std::string port_file;
    bool check_only = false;
    bool verify = false;
    bool rebuild = false;
    app.add_option("--config", path, "the one configuration file")->capture_default_str();
    app.add_option("--port-file", port_file, "write 'calls-port health-port' here once listening");
    app.add_flag(
        "--check",
        check_only,
        "read the configuration and every file it names, print each setting with its source, and "
        "stop"
    );
    auto* whole = app.add_flag(
        "--verify",
        verify,
        "with the broker stopped: check the log, every sealed body and the state, and stop"
    );
    app.add_flag(
           "--rebuild-state",
           rebuild,
           "with the broker stopped: verify the records, write the state tables anew from them, "
           "and "
           "stop"
    )
        ->excludes(whole);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EX_OK : EX_USAGE;
    }
    auto loaded = daemon::load_config(path);
    if (!loaded) return say(loaded.error());
    if (check_only) return check(*loaded);
    if (verify || rebuild) return look_through(loaded->values, rebuild);
    return run(std::move(*loaded), port_file);
}
