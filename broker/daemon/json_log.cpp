#include "daemon/json_log.hpp"

#include "intake/warnings.hpp"

namespace cairn::daemon {

void json_log::write(
    log_level level, std::string_view event, std::string_view detail, const log_attributes& more
) {
    if (!takes(level)) return;
    std::string line = log_line("cairnd", {time_.wall_now(), level, event, detail}, more);
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
