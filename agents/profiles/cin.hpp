// Children in Need census to status notifications: one concern a child.
//
// Dirty input is normal. A value that cannot be carried is reported and left out; it never stops
// the child.
#pragma once

#include "agents/formats/cin.hpp"
#include "agents/profiles/report.hpp"

namespace cairn::agents::profiles {

// Purpose, bases, desks and acting person are the caller's to add. errc::format_malformed where
// the file is no census or has no child.
result<file_report> map_cin(const formats::next_piece& file, const concern_sink& to);

} // namespace cairn::agents::profiles
