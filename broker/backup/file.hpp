// A file written in a stream, that gets its name only once it is whole and on the disk.
#pragma once

#include "backup/primitives.hpp"
#include "backup/stream.hpp"
#include "core/running_sha256.hpp"

#include <filesystem>

namespace cairn::backup {

// A file descriptor with an owner.
class descriptor {
public:
    explicit descriptor(int fd = -1) : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor();
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

// `path` + ".part" until finish(); removed where that is not reached, but by a kill.
class new_file {
public:
    // 0600. errc::file_exists where either name is taken, file_unwritable.
    static result<new_file> create(const std::filesystem::path& path);
    new_file(new_file&&) = default;
    ~new_file();

    // errc::storage_full, file_unwritable.
    status write(bytes_view part);
    // On the disk; still without its name.
    status sync();
    // Gives the name, and syncs the folder.
    status publish();
    [[nodiscard]] std::filesystem::path draft() const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    new_file(std::filesystem::path path, descriptor fd)
        : path_(std::move(path)), fd_(std::move(fd)) {}
    std::filesystem::path path_;
    descriptor fd_;
    bool published_ = false;
};

// Reads a file in a stream and hashes what it read; from the disk, as far as the system can be
// asked not to answer from memory. errc::file_unreadable.
class old_file {
public:
    static result<old_file> open(const std::filesystem::path& path);
    result<std::size_t> read(char* out, std::size_t most);
    // Of all that was read.
    digest hash() { return hash_.finish(); }
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    old_file(std::filesystem::path path, descriptor fd)
        : path_(std::move(path)), fd_(std::move(fd)) {}
    std::filesystem::path path_;
    descriptor fd_;
    running_sha256 hash_;
    std::uint64_t size_ = 0;
};

status sync_folder(const std::filesystem::path& folder);
// Zeros over a file's bytes, on the disk, then removes it. Quiet where there is none.
status overwrite_and_remove(const std::filesystem::path& path);

} // namespace cairn::backup
