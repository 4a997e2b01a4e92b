// The inside of a disk in memory: its files, and what is due to fail. Between fault_vfs.cpp, by
// which SQLite reaches it, and memory_disk.cpp, by which a test does.
#pragma once

#include "support/fault_vfs.hpp"

#include <array>
#include <random>
#include <sqlite3.h>

namespace cairn::test {

// The device promises no more than whole sectors.
inline constexpr std::size_t disk_sector = 512;

struct disk_change {
    bool truncation = false;
    // Of a truncation the new size.
    std::size_t at = 0;
    std::string data;
};

void carry_out(std::string& content, const disk_change& c);

struct disk_handle;

// Without a name once deleted; handles may outlive the name, as on a real disk.
struct memory_file {
    std::string name;
    // As programs see it, and as a power cut now would certainly leave it.
    std::string content;
    std::string safe;
    std::vector<disk_change> unsafe;
    std::vector<disk_handle*> open;
    std::vector<std::unique_ptr<std::array<char, 32768>>> shared_memory;
};

struct memory_disk::implementation {
    std::string name;
    sqlite3_vfs vfs{};
    std::mt19937_64 random;
    std::map<std::string, std::unique_ptr<memory_file>> files;
    std::vector<std::unique_ptr<memory_file>> nameless;
    disk_fault fault;
    bool armed = false;
    bool fired = false;
    std::uint64_t seen = 0;
    std::uint64_t calls = 0;
    // Of `calls`; 0: none.
    std::uint64_t crash_at = 0;
    bool down = false;
    bool forgetful = false;
    bool undoes = false;
    // Deleted by name, the folder not synced since.
    std::vector<std::unique_ptr<memory_file>> deleted;
    std::function<void()> sleeper;

    // Counts a call, during which power may go.
    void count_call();
    // SQLITE_OK, or what the call must answer. A call during which power goes still counts as made:
    // a write in flight may reach the disk.
    int meet(disk_call call, const std::string& file);
    [[nodiscard]] int answer_if_down() const { return down ? SQLITE_IOERR : SQLITE_OK; }
    // Each sector of a write on its own.
    void survive(std::string& content, const disk_change& c);
};

// Makes it a VFS of SQLite's under its name.
void register_vfs(memory_disk::implementation& disk);

} // namespace cairn::test
