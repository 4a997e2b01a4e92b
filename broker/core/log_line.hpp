// Lines of the operational log, of the broker and of agents: JSON objects with ECS names
// (docs/formats/log.md). Who writes them where is the programs' business.
#pragma once

#include "core/clock.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

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

struct log_event {
    wall_time at;
    log_level level = log_level::info;
    // One of a fixed set of words.
    std::string_view action;
    // For a person. Nothing personal.
    std::string_view message;
};

// Without its end. `service`: the program's name.
std::string
log_line(std::string_view service, const log_event& what, const log_attributes& more = {});

// Where the parts of a program say what happens.
using log_function =
    std::function<void(log_level level, std::string_view action, std::string_view message)>;

// JSON string with quotes; control characters escaped.
std::string json_quoted(std::string_view text);
// RFC 3339 in UTC with milliseconds.
std::string rfc3339(wall_time t);

} // namespace cairn
