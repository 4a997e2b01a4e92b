#include "agents/apps/arrivals.hpp"

#include "agents/apps/folders.hpp"

#include <array>
#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>

namespace cairn::agents::apps {

arrivals::arrivals(const std::filesystem::path& folder)
    : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (fd_ < 0) return;
    if (::inotify_add_watch(fd_, folder.c_str(), IN_MOVED_FROM | IN_MOVED_TO) >= 0) return;
    ::close(fd_);
    fd_ = -1;
}

arrivals::~arrivals() {
    if (fd_ >= 0) ::close(fd_);
}

std::set<std::string> arrivals::renamed_in() {
    std::set<std::string> out;
    std::map<std::uint32_t, std::string> left;
    alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
    for (;;) {
        const auto n = fd_ < 0 ? -1 : ::read(fd_, buffer.data(), buffer.size());
        if (n <= 0) return out;
        for (const char* at = buffer.data(); at < buffer.data() + n;) {
            inotify_event e{};
            std::memcpy(&e, at, sizeof e);
            const std::string name = e.len == 0 ? "" : at + sizeof e;
            at += sizeof e + e.len;
            if ((e.mask & IN_MOVED_FROM) != 0) {
                left[e.cookie] = name;
                out.erase(name);
            }
            if ((e.mask & IN_MOVED_TO) == 0) continue;
            const auto from = left.find(e.cookie);
            if (from == left.end() || left_alone(from->second)) out.insert(name);
        }
    }
}

} // namespace cairn::agents::apps
