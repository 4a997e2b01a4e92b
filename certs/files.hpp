// Secret and public files of an identity, written whole or not at all.
#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cairn::certs {

// Who may read a file: its owner alone, or everybody.
enum class reach { secret, open };
// What happens to a file that is there already.
enum class existing { keep, replace };

// Temporary file beside it, fsync, then the name appears in one step, then fsync of the folder.
// With existing::keep a file already there stays and errc::file_exists is the answer.
status
write_file(const std::filesystem::path& path, std::string_view content, reach who, existing rule);

// At most 1 MiB. errc::file_unreadable.
result<std::string> read_file(const std::filesystem::path& path);
// The same, and errc::file_permissions where group or others may touch it.
result<std::string> read_secret(const std::filesystem::path& path);

// The folder and those above it, the last one 0700 when it is made here.
status make_private_folder(const std::filesystem::path& folder);

} // namespace cairn::certs
