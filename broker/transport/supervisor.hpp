// What a process tells the service manager that started it, by sd_notify(3): ready, reloading,
// stopping, alive. One datagram each to the socket that NOTIFY_SOCKET names; where nobody named
// one, nothing is sent.
#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::transport {

// What sd_notify(3) and sd_watchdog_enabled(3) read. Empty: not set.
struct supervisor_environment {
    std::string notify_socket;
    std::string watchdog_usec;
    std::string watchdog_pid;
};

// One thread at a time.
class supervisor {
public:
    supervisor() = default;
    // A socket that cannot be reached is no error: a service manager that went away must not take
    // the service with it.
    supervisor(const supervisor_environment& from, std::int64_t own_pid);
    // Of this process.
    static supervisor from_environment();
    ~supervisor();
    supervisor(supervisor&& other) noexcept;
    supervisor& operator=(supervisor&& other) noexcept;
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    // Serving. `words` stand in `systemctl status`: nothing personal, one line.
    void ready(std::string_view words);
    void reloading(mono_time now);
    void stopping();
    // `works` is asked when a quarter of the time is over after which a silent process is ended
    // and started again; where it says no, it is asked at every later call until it says yes.
    template <class Works>
    void tick(mono_time now, Works works) {
        if (!period_ || (last_ && now - *last_ < *period_ / 4) || !works()) return;
        last_ = now;
        send("WATCHDOG=1");
    }

private:
    void send(std::string_view lines);

    int socket_ = -1;
    std::optional<duration> period_;
    std::optional<mono_time> last_;
};

} // namespace cairn::transport
