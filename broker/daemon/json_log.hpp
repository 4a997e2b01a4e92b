// The broker's operational log, on standard error (docs/formats/log.md).
// Never anything personal: events and details are words of ours, counts, desks and catalogue
// symbols.
#pragma once

#include "core/log_line.hpp"

#include <atomic>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::daemon {

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

} // namespace cairn::daemon
