#include "support/memory_disk_inside.hpp"

#include "core/assert.hpp"

#include <algorithm>

namespace cairn::test {

void carry_out(std::string& content, const disk_change& c) {
    if (c.truncation) {
        content.resize(c.at);
        return;
    }
    if (content.size() < c.at + c.data.size()) content.resize(c.at + c.data.size());
    content.replace(c.at, c.data.size(), c.data);
}

void memory_disk::implementation::count_call() {
    ++calls;
    if (crash_at != 0 && calls >= crash_at) down = true;
}

int memory_disk::implementation::meet(disk_call call, const std::string& file) {
    if (down) return SQLITE_IOERR;
    count_call();
    if (!armed || fault.call != call || !std::string_view(file).ends_with(fault.name_end)) {
        return SQLITE_OK;
    }
    ++seen;
    if (seen != fault.nth && !(fault.sticky && seen > fault.nth)) return SQLITE_OK;
    fired = true;
    if (fault.full) return SQLITE_FULL;
    switch (call) {
    case disk_call::write:
        return SQLITE_IOERR_WRITE;
    case disk_call::sync:
        return SQLITE_IOERR_FSYNC;
    case disk_call::truncate:
        break;
    }
    return SQLITE_IOERR_TRUNCATE;
}

void memory_disk::implementation::survive(std::string& content, const disk_change& c) {
    switch (random() % 4) {
    case 0:
        return;
    case 1:
        break;
    default:
        carry_out(content, c);
        return;
    }
    if (c.truncation) return;
    for (std::size_t from = 0; from < c.data.size(); from += disk_sector) {
        if (random() % 2 == 0) continue;
        carry_out(content, {false, c.at + from, c.data.substr(from, disk_sector)});
    }
}

memory_disk::memory_disk(std::string name, std::uint64_t seed)
    : own_(std::make_unique<implementation>()) {
    own_->name = std::move(name);
    own_->random.seed(seed);
    register_vfs(*own_);
}

memory_disk::~memory_disk() {
    sqlite3_vfs_unregister(&own_->vfs);
}

const std::string& memory_disk::name() const {
    return own_->name;
}

void memory_disk::arm(disk_fault f) {
    own_->fault = std::move(f);
    own_->armed = true;
    own_->fired = false;
    own_->seen = 0;
}
void memory_disk::disarm() {
    own_->armed = false;
}
bool memory_disk::fired() const {
    return own_->fired;
}

void memory_disk::crash_at(std::uint64_t n) {
    own_->crash_at = own_->calls + n;
}
void memory_disk::crash_now() {
    own_->down = true;
}
void memory_disk::stay_up() {
    own_->crash_at = 0;
}
bool memory_disk::crashed() const {
    return own_->down;
}

void memory_disk::restart() {
    own_->down = false;
    own_->crash_at = 0;
    own_->nameless.clear();
    for (auto& file : own_->deleted) {
        if (own_->random() % 2 == 0) own_->files.try_emplace(file->name, std::move(file));
    }
    own_->deleted.clear();
    for (auto& [name, file] : own_->files) {
        CAIRN_ASSERT(file->open.empty(), "a file is still open");
        for (const disk_change& c : file->unsafe) own_->survive(file->safe, c);
        file->unsafe.clear();
        file->content = file->safe;
        file->shared_memory.clear();
    }
}

bool memory_disk::synced(const std::string& path) const {
    const auto it = own_->files.find(path);
    return it == own_->files.end() || it->second->unsafe.empty();
}

void memory_disk::forget_syncs(bool on) {
    own_->forgetful = on;
}

void memory_disk::undo_deletions(bool on) {
    own_->undoes = on;
}

void memory_disk::on_sleep(std::function<void()> what) {
    own_->sleeper = std::move(what);
}

std::uint64_t memory_disk::calls() const {
    return own_->calls;
}

bool memory_disk::holds(std::string_view needle) const {
    return std::any_of(own_->files.begin(), own_->files.end(), [needle](const auto& f) {
        return f.second->content.find(needle) != std::string::npos;
    });
}

std::vector<std::string> memory_disk::files() const {
    std::vector<std::string> out;
    for (const auto& [name, file] : own_->files) out.push_back(name);
    return out;
}

std::string memory_disk::read(const std::string& path) const {
    return own_->files.at(path)->content;
}

void memory_disk::damage(const std::string& path, const std::function<void(std::string&)>& how) {
    memory_file& f = *own_->files.at(path);
    how(f.content);
    f.safe = f.content;
    f.unsafe.clear();
}

void memory_disk::remove(const std::string& path) {
    own_->files.erase(path);
}

std::map<std::string, std::string> memory_disk::image() const {
    std::map<std::string, std::string> out;
    for (const auto& [name, file] : own_->files) out.emplace(name, file->content);
    return out;
}

void memory_disk::load(const std::map<std::string, std::string>& image) {
    for (const auto& [name, content] : image) {
        auto file = std::make_unique<memory_file>();
        file->name = name;
        file->content = content;
        file->safe = content;
        own_->files[name] = std::move(file);
    }
}

} // namespace cairn::test
