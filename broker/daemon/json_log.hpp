// Operational log: one JSON object a line on standard error, ECS names. Never anything personal:
// events and details are words of ours, counts, desks and catalogue symbols.
#pragma once

#include "core/clock.hpp"

#include <mutex>
#include <string_view>

namespace cairn::daemon {

class json_log {
public:
    explicit json_log(const clock& time) : time_(time) {}
    // Any thread.
    void write(std::string_view level, std::string_view event, std::string_view detail);

private:
    const clock& time_;
    std::mutex mutex_;
};

// JSON string with quotes; control characters escaped.
std::string json_quoted(std::string_view text);
// RFC 3339 in UTC with milliseconds.
std::string rfc3339(wall_time t);

} // namespace cairn::daemon
