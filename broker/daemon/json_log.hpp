// Operational log: one JSON object a line on standard error, with ECS names (docs/formats/log.md).
// Never anything personal: events and details are words of ours, counts, desks and catalogue
// symbols.
#pragma once

#include "core/clock.hpp"

#include <atomic>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::daemon {

enum class log_level : std::uint8_t { debug, info, warning, error, critical };

// "debug" to "error": what may be asked for. None on any other word.
std::optional<log_level> level_of(std::string_view name);
std::string_view name_of(log_level level);

// One more member of a line, such as trace.id. `name` is a literal.
struct log_attribute {
    std::string_view name;
    std::string value;
};
using log_attributes = std::vector<log_attribute>;

class json_log {
public:
    // The last lines, kept for a support bundle.
    static constexpr std::size_t kept_lines = 500;
    static constexpr std::size_t kept_bytes = 256 * 1024;

    explicit json_log(const clock& time, std::FILE* out = stderr) : time_(time), out_(out) {}

    // All members: any thread.
    void write(
        log_level level,
        std::string_view event,
        std::string_view detail,
        const log_attributes& more = {}
    );
    [[nodiscard]] bool takes(log_level level) const { return level >= level_.load(); }

    // The level of the start, or of a reload; in force unless another is for a time.
    void set_base(log_level level);
    // Another level until `until`; look() ends it.
    void set_for_now(log_level level, wall_time until);
    // Back to the level of the start.
    void set_back();
    // True once where the time of another level is over and the base is in force again.
    bool look(wall_time now);
    [[nodiscard]] log_level level() const { return level_.load(); }
    // When the base is in force again; none: it is.
    [[nodiscard]] std::optional<wall_time> until() const;

    // Oldest first, without line ends.
    [[nodiscard]] std::vector<std::string> last_lines() const;

private:
    void keep(std::string line);

    const clock& time_;
    std::FILE* out_;
    std::atomic<log_level> level_{log_level::info};
    mutable std::mutex mutex_;
    log_level base_ = log_level::info;
    std::optional<wall_time> until_;
    std::deque<std::string> kept_;
    std::size_t kept_size_ = 0;
};

// trace.id and span.id of a W3C traceparent; empty where it is none. A sender chose them: they are
// its word, and a well-formed one only.
log_attributes trace_of(std::string_view traceparent);

// JSON string with quotes; control characters escaped.
std::string json_quoted(std::string_view text);
// RFC 3339 in UTC with milliseconds.
std::string rfc3339(wall_time t);

} // namespace cairn::daemon
