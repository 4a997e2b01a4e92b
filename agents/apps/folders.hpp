// The folders an agent lives in, and writing into them so that a crash leaves whole files or none.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cairn::agents::apps {

struct folders {
    std::filesystem::path root;
    std::filesystem::path outbox;
    std::filesystem::path inbox;
    std::filesystem::path sent;
    std::filesystem::path rejected;
    std::filesystem::path journal; // a file
};

// Made where absent, mode 0700; one that others can enter is closed to them.
// errc::storage_read_only names the folder.
result<folders> make_folders(const std::string& root);

// errc::file_unreadable, too_large with the limit. Follows no symbolic link.
result<bytes> read_whole(const std::filesystem::path& path, std::size_t most);

// Mode 0600, through a temporary name, synced with its folder. errc::file_unwritable, storage_full.
status write_durably(const std::filesystem::path& path, bytes_view content);
// Gone with power loss survived. A file that is not there is fine.
status remove_durably(const std::filesystem::path& path);
status make_folder(const std::filesystem::path& path);

// A file in outbox/ that may be complete.
struct dropped_file {
    std::string name;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const dropped_file&) const = default;
};

// Regular files by name, without dotfiles and *.tmp.
std::vector<dropped_file> list_dropped(const std::filesystem::path& outbox);

// Says which files stood still since it was asked last. Writing elsewhere and renaming into the
// folder is the documented way; this is for those who copy.
class settled_files {
public:
    std::vector<dropped_file> look(std::vector<dropped_file> now);

private:
    std::map<std::string, dropped_file> before_;
};

} // namespace cairn::agents::apps
