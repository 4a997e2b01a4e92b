// When somebody last called for a desk. Kept in memory: known since the broker's start only.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace cairn::daemon {

// Any thread. Desks are those of the registry: authorised before they are noted, so bounded by it.
class presence {
public:
    void note(std::string_view desk, std::int64_t now_us);
    // 0: not since the start.
    [[nodiscard]] std::int64_t last(std::string_view desk) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::int64_t, std::less<>> at_us_;
};

} // namespace cairn::daemon
