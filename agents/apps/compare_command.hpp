// `cairn-agent compare`: one page with a concern and what each desk got of it.
#pragma once

#include "core/result.hpp"

#include <string>
#include <vector>

namespace cairn::agents::apps {

struct compare_options {
    // JSON as it was dropped.
    std::string concern_file;
    // Inbox folders; their *.pb are read.
    std::vector<std::string> notice_folders;
    // Needed where the folders hold notices of several concerns.
    std::string concern_id;
    std::string out_file;
};

// errc::usage where the notices are of several concerns and none was named; not_found where none
// fits.
status compare_command(const compare_options& o);

} // namespace cairn::agents::apps
