// The plain agent: what is dropped into outbox/ is sent, what comes is written into inbox/, and
// status.html says how it stands.
//
// Everything runs on the dialer's thread, folders included: an agent has time.
#pragma once

#include "agents/apps/agent_parts.hpp"
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

class plain_agent {
public:
    virtual ~plain_agent() = default;
    // Any thread; the work begins on the dialer's.
    virtual void start() = 0;
    // On the dialer's thread. A hook that runs is killed.
    virtual void stop() = 0;
    // On the dialer's thread: reads the TLS files again and connects with them; files that are no
    // good are a problem of status.html, and the old ones stay. It also happens by itself within a
    // minute after one of them changed.
    virtual void reload() = 0;
    // On the dialer's thread: what somebody beside the agent found, for status.html; good: over.
    virtual void note(std::string_view id, const status& outcome) = 0;
};

// errc::config_bad_value, file_unreadable for a hook that cannot be.
result<std::shared_ptr<plain_agent>> make_plain_agent(
    agent_config config,
    transport::dial_options broker,
    folders where,
    agent_parts parts,
    end_options end
);

} // namespace cairn::agents::apps
