#include "ledger/folder.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace cairn::ledger {
namespace {

constexpr unsigned long long free_bytes_min = 64ULL * 1024 * 1024;

std::string reason() {
    return std::strerror(errno);
}

} // namespace

result<folder_lock> folder_lock::take(const std::string& folder) {
    const std::string path = folder + "/lock";
    folder_lock out;
    out.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (out.fd_ < 0) {
        if (errno == ENOENT) return fail(errc::storage_foreign, "folder", "no such folder");
        return fail(errc::storage_read_only, "folder", reason());
    }
    if (::flock(out.fd_, LOCK_EX | LOCK_NB) != 0) {
        return fail(errc::storage_in_use, "folder", reason());
    }
    return out;
}

folder_lock& folder_lock::operator=(folder_lock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

folder_lock::~folder_lock() {
    if (fd_ >= 0) ::close(fd_);
}

folder_watch::folder_watch(std::string folder) : folder_(std::move(folder)) {
    ledger_ = look("ledger.db");
    keys_ = look("keys.db");
}

folder_watch::identity folder_watch::look(const char* name) const {
    struct stat s {};
    if (::stat((folder_ + "/" + name).c_str(), &s) != 0) return {};
    return {s.st_dev, s.st_ino};
}

void folder_watch::check_file(checks& out, const char* name, const identity& was) const {
    const identity now = look(name);
    if (now == was) return;
    out.emplace_back(name, now == identity{} ? "the file is gone" : "another file has its name");
}

bool folder_watch::replaced() const {
    if (folder_.empty()) return false;
    return !(look("ledger.db") == ledger_) || !(look("keys.db") == keys_);
}

checks folder_watch::failing() const {
    checks out;
    if (folder_.empty()) return out;
    struct statvfs v {};
    if (::statvfs(folder_.c_str(), &v) != 0) {
        out.emplace_back("folder", reason());
        return out;
    }
    const unsigned long long room = static_cast<unsigned long long>(v.f_bavail) * v.f_frsize;
    if (room < free_bytes_min) out.emplace_back("disk", std::to_string(room) + " bytes free");
    if (::access(folder_.c_str(), W_OK) != 0) out.emplace_back("folder", reason());
    check_file(out, "ledger.db", ledger_);
    check_file(out, "keys.db", keys_);
    return out;
}

status make_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return fail(errc::storage_read_only, "folder", reason());
}

} // namespace cairn::ledger
