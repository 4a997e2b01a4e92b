// The folder on a real disk: its lock and what can go wrong with it while the broker runs.
#pragma once

#include "core/result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cairn::ledger {

// One process a folder. Held until it goes, also when the process is killed.
class folder_lock {
public:
    // errc::storage_in_use; storage_read_only where the file cannot be made.
    static result<folder_lock> take(const std::string& folder);
    folder_lock() = default;
    folder_lock(folder_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    folder_lock& operator=(folder_lock&& other) noexcept;
    folder_lock(const folder_lock&) = delete;
    ~folder_lock();

private:
    int fd_ = -1;
};

using checks = std::vector<std::pair<std::string, std::string>>;

// Watches the two files by the identity they had at the start: a deleted file would go on taking
// writes that nobody can ever read. Thread: any.
class folder_watch {
public:
    folder_watch() = default;
    explicit folder_watch(std::string folder);
    // Failing ones: "disk", "folder", "ledger.db", "keys.db".
    [[nodiscard]] checks failing() const;
    // A file is not the one it was at the start. Two calls of stat(): cheap enough for each commit.
    [[nodiscard]] bool replaced() const;

private:
    struct identity {
        unsigned long long device = 0;
        unsigned long long inode = 0;
        bool operator==(const identity&) const = default;
    };
    [[nodiscard]] identity look(const char* name) const;
    void check_file(checks& out, const char* name, const identity& was) const;

    std::string folder_;
    identity ledger_;
    identity keys_;
};

// Makes the folder, for its owner only, where there is none.
status make_folder(const std::string& folder);

} // namespace cairn::ledger
