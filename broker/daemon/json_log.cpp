#include "daemon/json_log.hpp"

#include "daemon/status.hpp"
#include "intake/warnings.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

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

void json_log::write(
    log_level level, std::string_view event, std::string_view detail, const log_attributes& more
) {
    if (!takes(level)) return;
    std::string line = fmt::format(
        "{{\"@timestamp\":\"{}\",\"log.level\":{},\"event.action\":{},\"message\":{}",
        rfc3339(time_.wall_now()),
        json_quoted(name_of(level)),
        json_quoted(event),
        json_quoted(detail)
    );
    for (const auto& [name, value] : more)
        line += fmt::format(",\"{}\":{}", name, json_quoted(value));
    line += fmt::format(
        ",\"service.name\":\"cairnd\",\"service.version\":\"{}\",\"ecs.version\":\"8.11.0\"}}",
        version_text
    );
    const std::lock_guard lock(mutex_);
    std::fprintf(out_, "%s\n", line.c_str());
    keep(std::move(line));
}

void json_log::keep(std::string line) {
    kept_size_ += line.size();
    kept_.push_back(std::move(line));
    while (kept_.size() > kept_lines || kept_size_ > kept_bytes) {
        kept_size_ -= kept_.front().size();
        kept_.pop_front();
    }
}

void json_log::set_base(log_level level) {
    const std::lock_guard lock(mutex_);
    base_ = level;
    if (!until_) level_ = level;
}

void json_log::set_for_now(log_level level, wall_time until) {
    const std::lock_guard lock(mutex_);
    level_ = level;
    until_ = until;
}

void json_log::set_back() {
    const std::lock_guard lock(mutex_);
    level_ = base_;
    until_.reset();
}

bool json_log::look(wall_time now) {
    const std::lock_guard lock(mutex_);
    if (!until_ || now < *until_) return false;
    level_ = base_;
    until_.reset();
    return true;
}

std::optional<wall_time> json_log::until() const {
    const std::lock_guard lock(mutex_);
    return until_;
}

std::vector<std::string> json_log::last_lines() const {
    const std::lock_guard lock(mutex_);
    return {kept_.begin(), kept_.end()};
}

log_attributes trace_of(std::string_view traceparent) {
    if (!intake::is_traceparent(traceparent)) return {};
    return {
        {"trace.id", std::string(traceparent.substr(3, 32))},
        {"span.id", std::string(traceparent.substr(36, 16))}};
}

} // namespace cairn::daemon
