// A disk in memory for SQLite: it fails when told, and it crashes as disks do. What was written but
// not synced before a crash is there, or not, or torn, each by the seed.
//
// Thread: one. Everything that has it open must be closed before it goes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::test {

enum class disk_call : std::uint8_t { write, sync, truncate };

struct disk_fault {
    disk_call call = disk_call::write;
    // Counted from the moment it is armed; 1 is the next.
    std::uint64_t nth = 1;
    // As SQLite sees it: no room, or an error of the device.
    bool full = false;
    // Every later call of this kind fails too.
    bool sticky = false;
    // Only calls on files whose name ends like this; empty: any.
    std::string name_end;
};

class memory_disk {
public:
    // Registers itself as a SQLite VFS under this name.
    memory_disk(std::string name, std::uint64_t seed);
    ~memory_disk();
    memory_disk(const memory_disk&) = delete;
    memory_disk& operator=(const memory_disk&) = delete;

    [[nodiscard]] const std::string& name() const;

    void arm(disk_fault f);
    void disarm();
    // The armed fault was met.
    [[nodiscard]] bool fired() const;

    // Power goes at the n-th write, sync, truncation or deletion from now: that call and all after
    // it fail, until restart().
    void crash_at(std::uint64_t n);
    void crash_now();
    // No crash is due any more.
    void stay_up();
    [[nodiscard]] bool crashed() const;
    // The machine is up again with what survived. Nothing may be open.
    void restart();

    // Nothing of this file waits for a sync; also where there is none.
    [[nodiscard]] bool synced(const std::string& path) const;
    // A disk that lies: syncs answer well and do nothing.
    void forget_syncs(bool on);
    // As directories are: a file deleted without a sync of its folder may be back after a crash.
    void undo_deletions(bool on);

    // Called when SQLite waits for a lock; nothing waits really.
    void on_sleep(std::function<void()> what);

    // Writes, syncs, truncations and deletions since the start.
    [[nodiscard]] std::uint64_t calls() const;
    [[nodiscard]] bool holds(std::string_view needle) const;
    [[nodiscard]] std::vector<std::string> files() const;
    // The file must be there; damage lasts, whatever happens next.
    [[nodiscard]] std::string read(const std::string& path) const;
    void damage(const std::string& path, const std::function<void(std::string&)>& how);
    void remove(const std::string& path);
    // Every file by path: to begin many runs from one state.
    [[nodiscard]] std::map<std::string, std::string> image() const;
    void load(const std::map<std::string, std::string>& image);

    // How SQLite reaches it; defined in the .cpp.
    struct implementation;

private:
    std::unique_ptr<implementation> own_;
};

} // namespace cairn::test
