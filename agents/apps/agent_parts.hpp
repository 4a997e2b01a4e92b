// What the parts of the plain agent share. Everything here outlives them; thread: the dialer's.
#pragma once

#include "agents/apps/config.hpp"
#include "agents/apps/folders.hpp"
#include "agents/apps/hook.hpp"
#include "agents/apps/problems.hpp"
#include "agents/apps/status_page.hpp"
#include "agents/core/notice_book.hpp"
#include "agents/core/outbox.hpp"
#include "transport/client.hpp"

#include <functional>

namespace cairn::agents::apps {

struct agent_parts {
    transport::dialer& dialer;
    outbox_store& outbox;
    notice_book& book;
    const clock& time;
    random_source& random;
    // One line per event, nothing personal: no file names, no values.
    log_function log;
    // Called once, when end_options are met; false: the time limit came first.
    std::function<void(bool ok)> finished;
    // Each turn of the loop, with one sentence on how the agent is.
    std::function<void(std::string_view says)> alive = [](std::string_view) {};
    std::function<result<std::unique_ptr<hook>>(hook_options, hook::done_function)> make_hook =
        apps::make_hook;
};

struct shared_state {
    const agent_config& config;
    const folders& where;
    const agent_parts& parts;
    problems& troubles;
    agent_status& figures;

    [[nodiscard]] wall_time now() const { return parts.time.wall_now(); }
};

} // namespace cairn::agents::apps
