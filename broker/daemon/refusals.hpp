// A refused submission after login is a record (agency, code, size), at most one a second per
// agency and code, so that a flood of refusals cannot fill the log.
#pragma once

#include "daemon/runtime.hpp"

#include <map>
#include <mutex>

namespace cairn::daemon {

class refusal_log {
public:
    explicit refusal_log(runtime& rt) : rt_(rt) {}
    // Any thread. A record that cannot be queued is counted into the next one.
    void note(const registry::caller& who, errc code, std::size_t size_bytes);

private:
    struct tally {
        mono_time last{};
        std::uint32_t since = 0;
    };
    runtime& rt_;
    std::mutex mutex_;
    std::map<std::pair<std::string, errc>, tally> tallies_;
};

} // namespace cairn::daemon
