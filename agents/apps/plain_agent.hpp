// The plain agent: what is dropped into outbox/ is sent, what comes is written into inbox/.
//
// Everything runs on the dialer's thread, folders included: an agent has time.
#pragma once

#include "agents/apps/config.hpp"
#include "agents/apps/folders.hpp"
#include "agents/core/client.hpp"

#include <functional>
#include <memory>

namespace cairn::agents::apps {

// When to end by itself. Without any it runs until stop().
struct end_options {
    // Everything dropped is answered, and nothing came for `idle`.
    bool once = false;
    // So many notices were stored; 0: does not matter.
    std::uint64_t until_received = 0;
    duration idle = std::chrono::milliseconds(500);
    // Ends unsuccessfully after this; zero: never.
    duration time_limit{};
};

struct agent_parts {
    transport::dialer& dialer;
    outbox_store& outbox;
    const clock& time;
    random_source& random;
    // One line per event, nothing personal: no file names, no values.
    std::function<void(std::string_view event, std::string_view detail)> log;
    // Called once, when end_options are met; false: the time limit came first.
    std::function<void(bool ok)> finished;
};

class plain_agent {
public:
    virtual ~plain_agent() = default;
    // Any thread; the work begins on the dialer's.
    virtual void start() = 0;
    // On the dialer's thread.
    virtual void stop() = 0;
};

result<std::shared_ptr<plain_agent>> make_plain_agent(
    agent_config config,
    transport::dial_options broker,
    folders where,
    agent_parts parts,
    end_options end
);

} // namespace cairn::agents::apps
