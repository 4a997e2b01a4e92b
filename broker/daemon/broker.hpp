// The daemon put together: ledger thread, query pool, network server, services.
//
// Threads: N network threads (inside transport::server), one ledger thread, two query threads.
#pragma once

#include "core/crypto.hpp"
#include "daemon/config.hpp"
#include "daemon/json_log.hpp"
#include "ledger/ledger.hpp"

#include <memory>

namespace cairn::daemon {

class broker {
public:
    virtual ~broker() = default;
    // Opens the folder, checks it, loads policy and registry, starts to serve. Each failure says
    // what is wrong with which file.
    static result<std::unique_ptr<broker>>
    start(loaded_config c, const clock& time, random_source& random, json_log& log);
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::uint16_t health_port() const = 0;
    // About once a second, from the thread that started it.
    virtual void tick() = 0;
    // Configuration, certificates, revocation list, policy and calendar anew; on a failure
    // everything stays as it was. Logged either way. Blocks; from the thread that started it.
    virtual status reload() = 0;
    // Graceful; blocks until every accepted concern is answered and the ledger is closed.
    virtual void stop() = 0;
    // True where the ledger thread came round since the last call; asks it to come round again. For
    // the service manager's watchdog, from the thread that started it.
    [[nodiscard]] virtual bool alive() = 0;
    // A failed commit ends the process: recovery is start-up.
    [[nodiscard]] virtual bool poisoned() const = 0;
};

} // namespace cairn::daemon
