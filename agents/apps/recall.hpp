// A notice taken back: its files leave the inbox, and a page that holds no content says so.
#pragma once

#include "agents/apps/folders.hpp"
#include "agents/core/notice_book.hpp"
#include "core/result.hpp"

#include <string>

namespace cairn::agents::apps {

enum class taken_back : std::uint8_t {
    recalled, // by its sender, told by a recall
    withdrawn // by the broker or its sender, before this desk had confirmed it
};

struct recall_order {
    taken_back why = taken_back::withdrawn;
    // Position of the recall's own notice, which holds the reason; 0: none came.
    std::uint64_t told_by = 0;
    wall_time at{};
};

// Every file of this notice (its position, a dot, anything) is removed from `inbox`; then
// recalled/<position>.json and .html remain: the reference, the times, whether a file had been
// opened or the notice acknowledged. Done when it returns, power loss included; repeating it is
// fine. errc::file_unwritable, storage_full.
status take_back(
    const std::filesystem::path& inbox,
    const std::filesystem::path& recalled,
    const noted_notice& notice,
    const recall_order& order
);

// The page alone. `opened`: a file of it was read after it was written.
std::string recalled_html(const noted_notice& notice, const recall_order& order, bool opened);

} // namespace cairn::agents::apps
