#include "apps/cairn/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace cairn::cli {
namespace {

struct write_free {
    void operator()(::archive* a) const { archive_write_free(a); }
};
struct entry_free {
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

bool put(::archive* to, const archive_part& part, std::time_t now) {
    const std::unique_ptr<archive_entry, entry_free> entry(archive_entry_new());
    if (!entry) return false;
    archive_entry_set_pathname(entry.get(), part.name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(part.text.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_mtime(entry.get(), now, 0);
    if (archive_write_header(to, entry.get()) != ARCHIVE_OK) return false;
    return archive_write_data(to, part.text.data(), part.text.size()) ==
           static_cast<la_ssize_t>(part.text.size());
}

bool write_all(int fd, const std::vector<archive_part>& parts, std::time_t now) {
    const std::unique_ptr<::archive, write_free> to(archive_write_new());
    if (!to || archive_write_add_filter_gzip(to.get()) != ARCHIVE_OK) return false;
    if (archive_write_set_format_ustar(to.get()) != ARCHIVE_OK) return false;
    if (archive_write_open_fd(to.get(), fd) != ARCHIVE_OK) return false;
    for (const auto& part : parts) {
        if (!put(to.get(), part, now)) return false;
    }
    return archive_write_close(to.get()) == ARCHIVE_OK;
}

} // namespace

status
write_archive(const std::string& path, const std::vector<archive_part>& parts, wall_time now) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == EEXIST) return fail(errc::file_exists, path);
        return fail(errc::file_unwritable, path, std::strerror(errno));
    }
    const bool written = write_all(fd, parts, std::chrono::system_clock::to_time_t(now));
    const bool closed = ::close(fd) == 0;
    if (written && closed) return {};
    ::unlink(path.c_str());
    return fail(errc::file_unwritable, path);
}

} // namespace cairn::cli
