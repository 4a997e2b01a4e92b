// How long files stay in the agent's folders.
#pragma once

#include "agents/apps/folders.hpp"

namespace cairn::agents::apps {

// Days; 0: for ever. Receipts hold no content, and an agency proves by them what it sent.
struct retention_days {
    unsigned inbox = 0;
    unsigned sent = 0;
    unsigned rejected = 30; // what was rejected is content
    unsigned recalled = 365;
};

struct swept {
    std::size_t inbox = 0;
    std::size_t sent = 0;
    std::size_t rejected = 0;
    std::size_t recalled = 0;
    // There is more; ask again.
    bool more = false;
    [[nodiscard]] std::size_t all() const { return inbox + sent + rejected + recalled; }
};

// Most that one sweep removes, so that receiving goes on.
inline constexpr std::size_t swept_most = 500;

// Removes files last written before their time, and folders that are empty then. outbox/ is never
// touched. errc::file_unwritable names the folder.
result<swept> sweep(const folders& where, const retention_days& days, wall_time now);

} // namespace cairn::agents::apps
