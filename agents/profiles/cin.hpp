// Children in Need census to status notifications: one concern a child.
//
// Dirty input is normal. A value that cannot be carried is reported and left out; it never stops
// the child.
#pragma once

#include "agents/formats/cin.hpp"
#include "agents/profiles/report.hpp"

#include "cairn/v1/concern.pb.h"

#include <vector>

namespace cairn::agents::profiles {

struct mapped_file {
    std::vector<::cairn::v1::Concern> concerns;
    file_report report;
};

// Purpose, bases, desks and acting person are the caller's to add.
mapped_file map_cin(const formats::cin_return& in);

} // namespace cairn::agents::profiles
