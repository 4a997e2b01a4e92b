#include "daemon/json_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>

namespace cairn::daemon {

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto b = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (b < 0x20)
            out += fmt::format("\\u{:04x}", b);
        else
            out.push_back(c);
    }
    out.push_back('"');
    return out;
}

std::string rfc3339(wall_time t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(t - seconds).count();
    const std::time_t when = seconds.time_since_epoch().count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(when), ms);
}

void json_log::write(std::string_view level, std::string_view event, std::string_view detail) {
    std::string line = fmt::format(
        "{{\"@timestamp\":\"{}\",\"log.level\":{},\"event.action\":{},\"message\":{}}}\n",
        rfc3339(time_.wall_now()),
        json_quoted(level),
        json_quoted(event),
        json_quoted(detail)
    );
    const std::lock_guard lock(mutex_);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace cairn::daemon
