#include "daemon/presence.hpp"

#include <algorithm>

namespace cairn::daemon {

void presence::note(std::string_view desk, std::int64_t now_us) {
    const std::lock_guard lock(mutex_);
    const auto it = at_us_.find(desk);
    if (it == at_us_.end())
        at_us_.emplace(desk, now_us);
    else
        it->second = std::max(it->second, now_us);
}

std::int64_t presence::last(std::string_view desk) const {
    const std::lock_guard lock(mutex_);
    const auto it = at_us_.find(desk);
    return it == at_us_.end() ? 0 : it->second;
}

} // namespace cairn::daemon
