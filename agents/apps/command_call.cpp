#include "agents/apps/hook_call.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn::agents::apps {
namespace {

failure failed(std::string why) {
    return fail(errc::hook_failed, "command: " + std::move(why));
}

struct spawn_plan {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t how{};

    spawn_plan() {
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&files, 1, 2);
        posix_spawn_file_actions_addclosefrom_np(&files, 3);
        posix_spawnattr_init(&how);
        // Ours are blocked and ignored; a program expects them as the system gives them.
        sigset_t none;
        sigemptyset(&none);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigmask(&how, &none);
        posix_spawnattr_setsigdefault(&how, &all);
        posix_spawnattr_setpgroup(&how, 0);
        constexpr int flags =
            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(&how, flags);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;
    ~spawn_plan() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&how);
    }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& t : texts) out.push_back(t.data());
    out.push_back(nullptr);
    return out;
}

class command_call final : public hook_call {
public:
    explicit command_call(const hook_options& o)
        : command_(o.command), limit_(o.limit), stop_(::eventfd(0, EFD_CLOEXEC)) {}
    ~command_call() override { ::close(stop_); }
    command_call(const command_call&) = delete;
    command_call& operator=(const command_call&) = delete;

    status run(const notice_event& e) override {
        const spawn_plan plan;
        auto arguments = command_;
        auto environment = environment_for(e);
        pid_t child = 0;
        const int started = ::posix_spawn(
            &child,
            command_.front().c_str(),
            &plan.files,
            &plan.how,
            pointers(arguments).data(),
            pointers(environment).data()
        );
        if (started != 0)
            return failed(started == ENOENT ? "no such program" : "it cannot be started");
        return wait(child);
    }

    void stop() override {
        const std::uint64_t one = 1;
        (void) !::write(stop_, &one, sizeof one);
    }

private:
    static std::vector<std::string> environment_for(const notice_event& e) {
        std::vector<std::string> out = {
            "CAIRN_EVENT_ID=" + e.id,
            "CAIRN_EVENT_TYPE=" + e.type,
            "CAIRN_DESK=" + e.desk,
            "CAIRN_POSITION=" + std::to_string(e.position),
            "CAIRN_CONCERN=" + e.concern_id};
        for (const char* name : {"PATH", "HOME", "LANG"})
            if (const char* value = std::getenv(name))
                out.push_back(std::string(name) + "=" + value);
        return out;
    }

    [[nodiscard]] status wait(pid_t child) const {
        const int ended = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
        std::array<pollfd, 2> both{pollfd{ended, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit_).count();
        int ready = 0;
        do ready = ::poll(both.data(), both.size(), static_cast<int>(ms));
        while (ready < 0 && errno == EINTR);
        if (ended >= 0) ::close(ended);
        const bool in_time = ready > 0 && (both[0].revents & POLLIN) != 0;
        // What it started goes with it, whether it ended or not.
        ::kill(-child, SIGKILL);
        int how = 0;
        while (::waitpid(child, &how, 0) < 0 && errno == EINTR) {
        }
        if (!in_time && ready == 0)
            return failed(
                "it did not end within " +
                std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit_).count()) +
                " s and was killed"
            );
        if (!in_time) return failed("the agent stopped");
        if (WIFSIGNALED(how)) return failed("it ended by signal " + std::to_string(WTERMSIG(how)));
        if (WEXITSTATUS(how) != 0)
            return failed("it ended with " + std::to_string(WEXITSTATUS(how)));
        return {};
    }

    std::vector<std::string> command_;
    duration limit_;
    int stop_;
};

} // namespace

result<std::unique_ptr<hook_call>> make_command_call(const hook_options& o) {
    if (::access(o.command.front().c_str(), X_OK) != 0)
        return fail(errc::config_bad_value, "hook.command: no program at that path may be run");
    return std::unique_ptr<hook_call>(std::make_unique<command_call>(o));
}

} // namespace cairn::agents::apps
