// What `cairn check` judges: the broker's numbers, from the admin's status or from the health
// listener, whichever may be asked.
#pragma once

#include "apps/cairn/program.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cairn::cli {

struct desk_standing {
    std::string desk;
    std::uint64_t pending = 0;
    std::uint64_t overdue = 0;
    std::int64_t oldest_pending_us = 0; // 0: none waits
    bool unreachable = false;
};

struct standing {
    std::int64_t now_us = 0; // the broker's clock; 0: it does not say
    // This machine's clock when the answer came, and how long that took.
    std::int64_t here_us = 0;
    std::int64_t took_us = 0;
    std::uint64_t disk_free = 0;
    std::uint64_t disk_total = 0; // 0: not told
    // "server certificate", "agency/oakfield", and when it ends.
    std::vector<std::pair<std::string, std::int64_t>> ends;
    std::vector<desk_standing> desks;
};

// Of the last backup that was verified, by the broker's clock.
struct backup_standing {
    std::int64_t now_us = 0;
    std::int64_t taken_us = 0; // 0: none is known
};

// `health` empty: by an admin's call. Failures as program::call() and metrics_by_page() have them.
result<standing> standing_of(program& p, const std::string& health);

// From the metrics, which an admin is told by call as well. errc::unimplemented where the broker is
// of an older version and does not say.
result<backup_standing> backup_standing_of(program& p, const std::string& health);

} // namespace cairn::cli
