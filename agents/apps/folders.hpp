// The folders an agent lives in, and writing into them so that a crash leaves whole files or none.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn::agents::apps {

struct folders {
    std::filesystem::path root;
    std::filesystem::path outbox;
    std::filesystem::path inbox;
    std::filesystem::path sent;
    std::filesystem::path rejected;
    std::filesystem::path recalled;
    std::filesystem::path journal; // a file
    std::filesystem::path notices; // a file
};

// Made where absent, mode 0700; one that others can enter is closed to them.
// errc::storage_read_only names the folder.
result<folders> make_folders(const std::string& root);

// errc::file_unreadable, too_large with the limit. Follows no symbolic link.
result<bytes> read_whole(const std::filesystem::path& path, std::size_t most);

// Mode 0600, through a temporary name, synced with its folder. errc::file_unwritable, storage_full.
status write_durably(const std::filesystem::path& path, bytes_view content);
// The same, but for the folder: many files wait for it together, by sync_folder().
status write_content_durably(const std::filesystem::path& path, bytes_view content);
status sync_folder(const std::filesystem::path& folder);
// The same without waiting for the disk: for what is written anew all the time.
status write_whole(const std::filesystem::path& path, bytes_view content);
// Gone with power loss survived. A file that is not there is fine.
status remove_durably(const std::filesystem::path& path);
// A file into another folder, closed to others and its time the move's, which retention counts
// from: renamed, or copied where that cannot be, never whole in memory. errc::file_unreadable,
// file_unwritable, storage_full.
status move_durably(const std::filesystem::path& from, const std::filesystem::path& to);
status make_folder(const std::filesystem::path& path);

// A file in outbox/ that may be complete.
struct dropped_file {
    std::string name;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
    // Device and file number: what stays the same when it is renamed.
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    bool operator==(const dropped_file&) const = default;
};

// Names a writer uses until it is done, and marks that others put beside a file: dotfiles, *.tmp,
// *.part, *.partial, *.filepart, *.crdownload, *.swp, *.lock, *~ and ~$*.
bool left_alone(std::string_view name);

// Most files looked at in one round; the others wait until these are gone.
inline constexpr std::size_t listed_most = 20'000;

// Regular files, the oldest first so that none starves, without those left alone and those whose
// NAME.lock is there. errc::file_unreadable.
result<std::vector<dropped_file>> list_dropped(const std::filesystem::path& outbox);
// Nullopt: there is no such regular file.
std::optional<dropped_file> look_at(const std::filesystem::path& path);

// Says which files are complete: renamed into the folder, or unchanged for the quiet time as seen
// from here, by the monotonic clock. A file's own time is another machine's on a network share.
class settled_files {
public:
    std::vector<dropped_file> look(
        std::vector<dropped_file> now,
        const std::set<std::string>& renamed_in,
        mono_time at,
        duration quiet
    );

private:
    struct seen {
        dropped_file file;
        mono_time since{};
        bool whole = false;
    };
    std::map<std::string, seen> seen_;
};

} // namespace cairn::agents::apps
