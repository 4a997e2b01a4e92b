#include "transport/supervisor.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace cairn::transport {
namespace {

std::int64_t number_in(const std::string& text) {
    std::int64_t out = 0;
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && at == end ? out : 0;
}

// A path, or with '@' a name without a file. -1 where it cannot be.
int connected_to(const std::string& name) {
    sockaddr_un to{};
    if (name.size() < 2 || name.size() >= sizeof to.sun_path) return -1;
    if (name.front() != '/' && name.front() != '@') return -1;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, name.data(), name.size());
    if (name.front() == '@') to.sun_path[0] = '\0';
    const int s = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -1;
    // A service manager that does not read must not hold up who serves.
    const timeval patience{1, 0};
    ::setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (::connect(s, reinterpret_cast<const sockaddr*>(&to), length) == 0) return s;
    ::close(s);
    return -1;
}

std::string text_of(const char* value) {
    return value == nullptr ? std::string() : std::string(value);
}

} // namespace

supervisor::supervisor(const supervisor_environment& from, std::int64_t own_pid)
    : socket_(connected_to(from.notify_socket)) {
    const std::int64_t us = number_in(from.watchdog_usec);
    // Where a pid is named, it is another process that is watched.
    const bool ours = from.watchdog_pid.empty() || number_in(from.watchdog_pid) == own_pid;
    if (socket_ >= 0 && us > 0 && ours) period_ = std::chrono::microseconds(us);
}

supervisor supervisor::from_environment() {
    return {
        {text_of(std::getenv("NOTIFY_SOCKET")),
         text_of(std::getenv("WATCHDOG_USEC")),
         text_of(std::getenv("WATCHDOG_PID"))},
        ::getpid()};
}

supervisor::~supervisor() {
    if (socket_ >= 0) ::close(socket_);
}

supervisor::supervisor(supervisor&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), period_(other.period_), last_(other.last_) {}

supervisor& supervisor::operator=(supervisor&& other) noexcept {
    std::swap(socket_, other.socket_);
    period_ = other.period_;
    last_ = other.last_;
    return *this;
}

void supervisor::ready(std::string_view words) {
    send("READY=1\nSTATUS=" + std::string(words));
}

void supervisor::reloading(mono_time now) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us.count()));
}

void supervisor::stopping() {
    send("STOPPING=1");
}

void supervisor::send(std::string_view lines) {
    if (socket_ >= 0) (void) ::send(socket_, lines.data(), lines.size(), MSG_NOSIGNAL);
}

} // namespace cairn::transport
