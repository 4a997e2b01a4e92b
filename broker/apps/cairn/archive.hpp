// One compressed archive of small texts.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

namespace cairn::cli {

struct archive_part {
    std::string name;
    std::string text;
};

// A tar.gz that only its owner reads; names nobody's user or machine. errc::file_exists,
// file_unwritable.
status
write_archive(const std::string& path, const std::vector<archive_part>& parts, wall_time now);

} // namespace cairn::cli
