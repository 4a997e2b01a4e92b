// Tells the agency's own system of a notice, by reference alone: a command or an address.
//
// Each event runs in a thread of the hook's own, within a time limit, so that nothing it does or
// fails to do holds up receiving.
#pragma once

#include "agents/core/notice_book.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::agents::apps {

struct hook_options {
    // Program and arguments, started without a shell; empty: none. Exit 0: taken.
    std::vector<std::string> command;
    // http or https; empty: none. A status of 2xx: taken.
    std::string url;
    // Certificates that may vouch for the address; empty: the system's.
    std::string authority_file;
    // Its content goes into "Authorization: Bearer"; a file of mode 0600; empty: none.
    std::string token_file;
    duration limit = std::chrono::seconds(30);
    unsigned at_once = 2;

    [[nodiscard]] bool used() const { return !command.empty() || !url.empty(); }
};

constexpr unsigned hooks_at_once_most = 16;

// CloudEvents 1.0, structured mode, JSON: reference and time, nothing of the notice.
std::string cloud_event(const notice_event& e);

// How long after its n-th failure an event is told again.
duration hook_pause(std::uint32_t tries, random_source& random);

class hook {
public:
    // `done` comes on a thread of the hook, never after stop(): success, or errc::hook_failed with
    // the cause in words in `where`.
    using done_function = std::function<void(const notice_event& e, const status& outcome)>;

    virtual ~hook() = default;
    // False: as many run as may.
    [[nodiscard]] virtual bool tell(notice_event e) = 0;
    // Kills what runs, then joins.
    virtual void stop() = 0;
};

// errc::config_bad_value, file_unreadable, file_permissions.
result<std::unique_ptr<hook>> make_hook(hook_options options, hook::done_function done);

} // namespace cairn::agents::apps
