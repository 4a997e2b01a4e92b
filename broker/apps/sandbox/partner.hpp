// The agencies an integrator meets in the sandbox, each with one habit. They are real clients: the
// engine of the agents, or a poller, over mutual TLS.
#pragma once

#include "agents/core/client.hpp"
#include "apps/sandbox/shifted_clock.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cairn::sandbox {

enum class habit : std::uint8_t { silent, slow, refuses, challenges, returns };

struct role {
    habit does;
    const char* agency;
    const char* kind;
    const char* name;
    const char* desk;
    // One line for whoever reads the list.
    const char* words;
};
const std::vector<role>& cast();

// Until it goes it reacts to what comes to its desk. Stop the dialer first.
class partner {
public:
    virtual ~partner() = default;
    // Time may have passed: what was put off may be due. Any thread.
    virtual void look() = 0;
    // No further calls. Any thread but the dialer's.
    virtual void stop() = 0;
};

struct partner_parts {
    transport::dialer& dialer;
    const clock& time;
    random_source& random;
    const obligations::calendar& days;
};

// Nobody for a silent one.
result<std::unique_ptr<partner>>
make_partner(const role& r, const transport::dial_options& broker, partner_parts parts);
// One that takes by Fetch and sends each back by Return.
std::unique_ptr<partner>
make_returning(const role& r, transport::dial_options broker, partner_parts parts);

} // namespace cairn::sandbox
