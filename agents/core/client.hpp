// Drives the engine over a real connection: one publish stream, one receive stream per desk,
// batched confirmations.
#pragma once

#include "agents/core/delivery.hpp"
#include "agents/core/engine.hpp"
#include "agents/core/outbox.hpp"
#include "core/log_line.hpp"
#include "transport/client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::agents {

// What the program around the client does. All on the dialer's thread.
struct client_hooks {
    // Makes a notice durable, or takes a withdrawn one away. Success is a promise: the broker is
    // told that the desk has it.
    std::function<status(const std::string& desk, const delivery& d)> store;
    // These answers are durable in the outbox; write receipts or reasons now.
    std::function<void(const std::vector<std::string>& keys)> settled;
    // Operational log: numbers and names of the catalogue, nothing personal.
    log_function log;
    // The connection came (null) or is not there, with the reason. May be empty.
    std::function<void(const failure* why)> link = [](const failure*) {};
    // A stream ended with this number of the catalogue; 0: it works. May be empty.
    std::function<void(std::uint32_t number)> stream = [](std::uint32_t) {};
    // The broker's clock when it recorded what it just accepted. May be empty.
    std::function<void(wall_time at)> recorded = [](wall_time) {};
};

struct client_state {
    engine_load load;
    std::uint64_t notices_stored = 0;
    // Last time something came or a stream was opened.
    mono_time last_activity{};
};

// Lives on the dialer's thread: every function is called there but make_agent_client(). Keep it
// until dialer.stop() returned.
class agent_client {
public:
    virtual ~agent_client() = default;
    virtual void start() = 0;
    // A row was appended to the outbox.
    virtual void queued(std::string key) = 0;
    // From here on dials with these; a live connection, or one being made, is given up for a new
    // one.
    virtual void redial(transport::dial_options broker) = 0;
    // No further dialling; open streams are ended.
    virtual void stop() = 0;
    [[nodiscard]] virtual client_state state() const = 0;
};

// Everything referred to outlives the client. Reads the outbox's state.
result<std::shared_ptr<agent_client>> make_agent_client(
    transport::dialer& dialer,
    transport::dial_options broker,
    outbox_store& outbox,
    const clock& time,
    random_source& random,
    std::vector<std::string> desks,
    client_hooks hooks
);

} // namespace cairn::agents
