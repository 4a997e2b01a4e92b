// A notice as one page that needs nothing else: what happened, to whom, what to do by when, what is
// hidden and how to challenge it, who else knows.
#pragma once

#include "cairn/v1/notice.pb.h"

#include <cstdint>
#include <string>

namespace cairn::agents {

// What the delivery says beside the notice.
struct delivery_info {
    std::uint64_t position = 0;
    std::int64_t recorded_at_us = 0;
    // 0: nobody has to read it by a time.
    std::int64_t acknowledge_by_us = 0;
};

// Pure. Any text is escaped; the page carries no script and fetches nothing.
std::string render_notice_html(const ::cairn::v1::Notice& n, const delivery_info& d);

} // namespace cairn::agents
