#include "core/assert.hpp"
#include "support/memory_disk_inside.hpp"

#include <algorithm>
#include <cstring>

namespace cairn::test {

// SQLite allocates it and knows the first member only.
struct disk_handle {
    sqlite3_file base;
    memory_disk::implementation* disk;
    memory_file* file;
    int lock;
    unsigned shared;
    unsigned exclusive;
};

namespace {

using implementation = memory_disk::implementation;
using handle = disk_handle;
using change = disk_change;

handle& of(sqlite3_file* f) {
    return *reinterpret_cast<handle*>(f);
}

int close_file(sqlite3_file* raw) {
    handle& h = of(raw);
    std::erase(h.file->open, &h);
    return SQLITE_OK;
}

int read_file(sqlite3_file* raw, void* out, int amount, sqlite3_int64 from) {
    const handle& h = of(raw);
    if (h.disk->down) return SQLITE_IOERR_READ;
    const std::string& content = h.file->content;
    const auto at = static_cast<std::size_t>(from);
    const auto want = static_cast<std::size_t>(amount);
    const std::size_t have = at >= content.size() ? 0 : std::min(want, content.size() - at);
    std::memcpy(out, content.data() + std::min(at, content.size()), have);
    std::memset(static_cast<char*>(out) + have, 0, want - have);
    return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* raw, const void* data, int amount, sqlite3_int64 to) {
    const handle& h = of(raw);
    if (const int rc = h.disk->meet(disk_call::write, h.file->name); rc != SQLITE_OK) return rc;
    change c{
        false,
        static_cast<std::size_t>(to),
        std::string(static_cast<const char*>(data), static_cast<std::size_t>(amount))};
    carry_out(h.file->content, c);
    h.file->unsafe.push_back(std::move(c));
    return h.disk->answer_if_down();
}

int truncate_file(sqlite3_file* raw, sqlite3_int64 size) {
    const handle& h = of(raw);
    if (const int rc = h.disk->meet(disk_call::truncate, h.file->name); rc != SQLITE_OK) return rc;
    const change c{true, static_cast<std::size_t>(size), {}};
    carry_out(h.file->content, c);
    h.file->unsafe.push_back(c);
    return h.disk->answer_if_down();
}

int sync_file(sqlite3_file* raw, int) {
    const handle& h = of(raw);
    if (const int rc = h.disk->meet(disk_call::sync, h.file->name); rc != SQLITE_OK) return rc;
    // Power that goes during a sync leaves its writes to chance.
    if (h.disk->down) return SQLITE_IOERR_FSYNC;
    if (h.disk->forgetful) return SQLITE_OK;
    for (const change& c : h.file->unsafe) carry_out(h.file->safe, c);
    h.file->unsafe.clear();
    return SQLITE_OK;
}

int file_size(sqlite3_file* raw, sqlite3_int64* out) {
    *out = static_cast<sqlite3_int64>(of(raw).file->content.size());
    return of(raw).disk->answer_if_down();
}

bool another_holds(const handle& h, int level) {
    return std::any_of(h.file->open.begin(), h.file->open.end(), [&](const handle* o) {
        return o != &h && o->lock >= level;
    });
}

int lock_file(sqlite3_file* raw, int level) {
    handle& h = of(raw);
    if (h.lock >= level) return SQLITE_OK;
    const int blocks = level == SQLITE_LOCK_SHARED      ? SQLITE_LOCK_PENDING
                       : level == SQLITE_LOCK_EXCLUSIVE ? SQLITE_LOCK_SHARED
                                                        : SQLITE_LOCK_RESERVED;
    if (another_holds(h, blocks)) return SQLITE_BUSY;
    h.lock = level;
    return SQLITE_OK;
}

int unlock_file(sqlite3_file* raw, int level) {
    of(raw).lock = std::min(of(raw).lock, level);
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* raw, int* out) {
    *out = another_holds(of(raw), SQLITE_LOCK_RESERVED) ? 1 : 0;
    return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
    return static_cast<int>(disk_sector);
}
// As the system's VFS answers on Linux.
int device(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_shared(sqlite3_file* raw, int region, int, int extend, volatile void** out) {
    auto& memory = of(raw).file->shared_memory;
    *out = nullptr;
    const auto n = static_cast<std::size_t>(region);
    if (n >= memory.size() && extend == 0) return SQLITE_OK;
    while (n >= memory.size()) {
        memory.push_back(std::make_unique<std::array<char, 32768>>());
        memory.back()->fill(0);
    }
    *out = memory[n]->data();
    return SQLITE_OK;
}

int lock_shared(sqlite3_file* raw, int offset, int n, int flags) {
    handle& h = of(raw);
    const unsigned mask = ((1U << static_cast<unsigned>(n)) - 1U) << static_cast<unsigned>(offset);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        h.shared &= ~mask;
        h.exclusive &= ~mask;
        return SQLITE_OK;
    }
    const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const handle* o : h.file->open) {
        if (o == &h) continue;
        if ((o->exclusive & mask) != 0 || (alone && (o->shared & mask) != 0)) return SQLITE_BUSY;
    }
    (alone ? h.exclusive : h.shared) |= mask;
    return SQLITE_OK;
}

void barrier(sqlite3_file*) {}

int unmap_shared(sqlite3_file* raw, int remove) {
    handle& h = of(raw);
    h.shared = 0;
    h.exclusive = 0;
    if (remove != 0) h.file->shared_memory.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    2,           close_file,  read_file,      write_file, truncate_file, sync_file, file_size,
    lock_file,   unlock_file, check_reserved, control,    sector_size,   device,    map_shared,
    lock_shared, barrier,     unmap_shared,   nullptr,    nullptr,
};

implementation& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<implementation*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
    implementation& d = disk_of(vfs);
    handle& h = of(out);
    h = {};
    if (d.down) return SQLITE_CANTOPEN;
    memory_file* file = nullptr;
    if (name == nullptr) {
        d.nameless.push_back(std::make_unique<memory_file>());
        file = d.nameless.back().get();
    } else {
        auto it = d.files.find(name);
        if (it == d.files.end()) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            it = d.files.emplace(name, std::make_unique<memory_file>()).first;
            it->second->name = name;
        }
        file = it->second.get();
    }
    h.base.pMethods = &methods;
    h.disk = &d;
    h.file = file;
    file->open.push_back(&h);
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    implementation& d = disk_of(vfs);
    if (d.down) return SQLITE_IOERR_DELETE;
    d.count_call();
    const auto it = d.files.find(name);
    if (it == d.files.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (d.down) return SQLITE_IOERR_DELETE;
    d.deleted.push_back(std::move(it->second));
    d.files.erase(it);
    if (sync_folder != 0 || !d.undoes) {
        for (auto& file : d.deleted) d.nameless.push_back(std::move(file));
        d.deleted.clear();
    }
    return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
    const implementation& d = disk_of(vfs);
    *out = d.files.contains(name) ? 1 : 0;
    return d.down ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk_of(vfs).random());
    return size;
}

int pause_nobody(sqlite3_vfs* vfs, int us) {
    if (disk_of(vfs).sleeper) disk_of(vfs).sleeper();
    return us;
}
int current_time(sqlite3_vfs*, double* out) {
    *out = 2'461'000.5;
    return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

} // namespace

void register_vfs(implementation& disk) {
    sqlite3_vfs& v = disk.vfs;
    v.iVersion = 1;
    v.szOsFile = static_cast<int>(sizeof(handle));
    v.mxPathname = 512;
    v.zName = disk.name.c_str();
    v.pAppData = &disk;
    v.xOpen = open_file;
    v.xDelete = delete_file;
    v.xAccess = access_file;
    v.xFullPathname = full_path;
    v.xRandomness = randomness;
    v.xSleep = pause_nobody;
    v.xCurrentTime = current_time;
    v.xGetLastError = last_error;
    CAIRN_ASSERT(sqlite3_vfs_register(&v, 0) == SQLITE_OK, "the VFS did not register");
}

} // namespace cairn::test
