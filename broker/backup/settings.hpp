// A broker's own files: which go into which archive, and a configuration that finds them again
// where a restore puts them.
#pragma once

#include "backup/archive.hpp"
#include "daemon/config.hpp"

namespace cairn::backup {

// Of a configuration; without the two databases, which are copied and not read in place.
std::vector<ingredient> open_files_of(const daemon::config& c, const std::string& config_path);
std::vector<ingredient> secret_files_of(const daemon::config& c);

// The text of a cairnd.toml with every path of it replaced by the archive's name of that file, so
// that it holds for the folder a restore makes. Lines it need not change stay as they are.
// errc::config_bad_value where a path does not stand on a line of its own.
result<std::string> with_own_paths(const std::string& text);

} // namespace cairn::backup
