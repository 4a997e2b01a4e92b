#include "core/log_line.hpp"

#include "core/version.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace cairn {

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

std::optional<log_level> level_of(std::string_view name) {
    for (const auto l : {log_level::debug, log_level::info, log_level::warning, log_level::error}) {
        if (name == name_of(l)) return l;
    }
    return std::nullopt;
}

std::string_view name_of(log_level level) {
    static constexpr std::string_view names[] = {"debug", "info", "warning", "error", "critical"};
    return names[static_cast<std::size_t>(level)];
}

std::string log_line(std::string_view service, const log_event& what, const log_attributes& more) {
    std::string line = fmt::format(
        "{{\"@timestamp\":\"{}\",\"log.level\":{},\"event.action\":{},\"message\":{}",
        rfc3339(what.at),
        json_quoted(name_of(what.level)),
        json_quoted(what.action),
        json_quoted(what.message)
    );
    for (const auto& [name, value] : more)
        line += fmt::format(",\"{}\":{}", name, json_quoted(value));
    return line + fmt::format(
                      ",\"service.name\":\"{}\",\"service.version\":\"{}\","
                      "\"ecs.version\":\"8.11.0\"}}",
                      service,
                      version_text
                  );
}

} // namespace cairn
