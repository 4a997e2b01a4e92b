#include "backup/file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;

failure unwritable(const fs::path& path, int cause) {
    const errc code = cause == ENOSPC || cause == EDQUOT ? errc::storage_full
                      : cause == EEXIST                  ? errc::file_exists
                                                         : errc::file_unwritable;
    return fail(code, path.string(), std::strerror(cause));
}

} // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

result<new_file> new_file::create(const fs::path& path) {
    std::error_code ec;
    if (fs::exists(path, ec)) return fail(errc::file_exists, path.string());
    const fs::path draft = path.string() + ".part";
    descriptor fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) return unwritable(draft, errno);
    return new_file(path, std::move(fd));
}

new_file::~new_file() {
    if (fd_.get() >= 0 && !published_) ::unlink(draft().c_str());
}

fs::path new_file::draft() const {
    return path_.string() + ".part";
}

status new_file::write(bytes_view part) {
    while (!part.empty()) {
        const ssize_t n = ::write(fd_.get(), part.data(), part.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return unwritable(path_, n < 0 ? errno : ENOSPC);
        part.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

status new_file::sync() {
    return ::fsync(fd_.get()) == 0 ? status{} : unwritable(path_, errno);
}

status new_file::publish() {
    // rename() would replace what got the name meanwhile; link() does not.
    if (::link(draft().c_str(), path_.c_str()) != 0) return unwritable(path_, errno);
    ::unlink(draft().c_str());
    published_ = true;
    return sync_folder(path_.parent_path());
}

result<old_file> old_file::open(const fs::path& path) {
    descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (fd.get() < 0 || ::fstat(fd.get(), &facts) != 0)
        return fail(errc::file_unreadable, path.string(), std::strerror(errno));
    if (!S_ISREG(facts.st_mode)) return fail(errc::file_unreadable, path.string(), "not a file");
    (void) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    return old_file(path, std::move(fd));
}

result<std::size_t> old_file::read(char* out, std::size_t most) {
    std::size_t got = 0;
    while (got < most) {
        const ssize_t n = ::read(fd_.get(), out + got, most - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(errc::file_unreadable, path_.string(), std::strerror(errno));
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    hash_.add({out, got});
    size_ += got;
    return got;
}

status sync_folder(const fs::path& folder) {
    const fs::path at = folder.empty() ? fs::path(".") : folder;
    const descriptor d(::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (d.get() < 0 || ::fsync(d.get()) != 0) return unwritable(at, errno);
    return {};
}

status overwrite_and_remove(const fs::path& path) {
    const descriptor d(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (d.get() < 0) return errno == ENOENT ? status{} : unwritable(path, errno);
    struct stat facts {};
    if (::fstat(d.get(), &facts) != 0) return unwritable(path, errno);
    const bytes zeros(64 * 1024, '\0');
    for (off_t at = 0; at < facts.st_size;) {
        const auto left = static_cast<std::size_t>(facts.st_size - at);
        const ssize_t n = ::pwrite(d.get(), zeros.data(), std::min(zeros.size(), left), at);
        if (n <= 0) return unwritable(path, errno);
        at += n;
    }
    if (::fsync(d.get()) != 0 || ::unlink(path.c_str()) != 0) return unwritable(path, errno);
    return {};
}

} // namespace cairn::backup
