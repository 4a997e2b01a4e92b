// cairn sandbox: a partnership to write an integration against, and its clock.
#include "apps/cairn/host_commands.hpp"
#include "apps/sandbox/partner.hpp"
#include "apps/sandbox/world.hpp"
#include "core/log_line.hpp"
#include "core/system.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn::cli {
namespace {

struct sandbox_options {
    std::string folder = "sandbox";
    std::string kind = "school";
    std::uint16_t port = 7443;
    std::uint16_t health_port = 7480;
    std::string step;
};

// Standard error, where the broker's log would go, is a file of the sandbox while this lives.
class log_to_file {
public:
    explicit log_to_file(const std::string& path) : kept_(::dup(STDERR_FILENO)) {
        const int to = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (to < 0) return;
        ::dup2(to, STDERR_FILENO);
        ::close(to);
    }
    log_to_file(const log_to_file&) = delete;
    ~log_to_file() {
        ::dup2(kept_, STDERR_FILENO);
        ::close(kept_);
    }

private:
    int kept_;
};

// This program again, as an admin would call it; what it prints goes to the log.
int run_cairn(const std::vector<std::string>& words) {
    std::vector<std::string> all = {"cairn"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& w : all) arguments.push_back(w.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = 0;
    const int rc =
        ::posix_spawn(&child, "/proc/self/exe", &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    int how = 0;
    if (rc != 0 || ::waitpid(child, &how, 0) != child) return exit_code::internal;
    return WIFEXITED(how) ? WEXITSTATUS(how) : exit_code::internal;
}

std::string time_of(wall_time t) {
    return rfc3339(t).substr(0, 19) + "Z";
}

void tell(
    const program& p, const sandbox_options& o, const sandbox::world_facts& f, wall_time now
) {
    if (p.json) {
        nlohmann::ordered_json partners = nlohmann::ordered_json::array();
        for (const sandbox::role& r : sandbox::cast()) {
            partners.push_back({{"desk", std::string(r.agency) + "/" + r.desk}, {"does", r.words}});
        }
        p.print_json(nlohmann::ordered_json{
            {"endpoint", f.endpoint},
            {"health", f.health},
            {"time", time_of(now)},
            {"desk", f.desk},
            {"context", f.context.string()},
            {"adminContext", f.admin_context.string()},
            {"concern", f.example.string()},
            {"partners", partners}});
        std::fflush(stdout);
        return;
    }
    fmt::print(
        "The sandbox serves at {}, health at {}. It is {} there.\n\n",
        f.endpoint,
        f.health,
        time_of(now)
    );
    std::vector<std::vector<std::string>> rows = {{f.desk, "you"}};
    for (const sandbox::role& r : sandbox::cast())
        rows.push_back({std::string(r.agency) + "/" + r.desk, r.words});
    print_table({"DESK", "WHAT IT DOES"}, rows);
    fmt::print(
        "\nYour certificate, key and authority are beside {0}. Try:\n"
        "  cairn --context {0} send {1} --desk silent-police/mash\n"
        "  cairn --context {0} track CONCERN\n"
        "  cairn sandbox --dir {2} advance 1wd\n"
        "Ctrl-C ends it; the same command goes on with it.\n",
        f.context.string(),
        f.example.string(),
        o.folder
    );
    std::fflush(stdout);
}

status run_sandbox(program& p, const sandbox_options& o) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const std::string log = o.folder + ".log";
    const log_to_file quiet(log);
    sandbox::world_order order;
    order.folder = o.folder;
    order.port = o.port;
    order.health_port = o.health_port;
    order.kind = o.kind;
    order.cairn = run_cairn;
    const status ran = sandbox::run_world(
        order,
        system_clock(),
        system_random(),
        [&](const sandbox::world_facts& f, wall_time now) { tell(p, o, f, now); }
    );
    if (ran) return {};
    failure f = ran.error();
    f.detail += (f.detail.empty() ? "" : "; ") + std::string("its log is ") + log;
    return f;
}

void advance(program& p, const sandbox_options& o) {
    const auto now = sandbox::advance_world(o.folder, o.step);
    if (!now) return p.stop_with(now.error());
    if (p.json) return p.print_json(nlohmann::ordered_json{{"time", *now}});
    fmt::print("It is {} in the sandbox.\n", *now);
}

} // namespace

void add_sandbox(CLI::App& app, program& p) {
    auto o = std::make_shared<sandbox_options>();
    auto* c = app.add_subcommand(
        "sandbox", "a broker with scripted partners and a clock to move, to write a client against"
    );
    c->add_option("--dir", o->folder, "its folder: new, or of an earlier sandbox")
        ->capture_default_str();
    c->add_option("--kind", o->kind, "what your agency is")
        ->check(CLI::IsMember({"school", "police", "health", "social_care"}))
        ->capture_default_str();
    c->add_option("--port", o->port, "port for calls; 0: any")->capture_default_str();
    c->add_option("--health-port", o->health_port, "port for health and metrics; 0: any")
        ->capture_default_str();
    auto* a = c->add_subcommand("advance", "move the clock of the sandbox that runs in --dir");
    a->add_option("STEP", o->step, "90m, 4h, 2d, or 1wd: the next working day")->required();
    c->require_subcommand(0, 1);
    c->callback([o, &p, c] {
        if (!c->get_subcommands().empty()) return advance(p, *o);
        if (const status ran = run_sandbox(p, *o); !ran) p.stop_with(ran.error());
    });
}

} // namespace cairn::cli
