#include "agents/apps/folders.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn::agents::apps {
namespace {

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool ok() const { return fd_ >= 0; }

private:
    int fd_;
};

// Paths in failures are the operator's: they go to `detail`, names of dropped files never do.
failure write_failed(std::string_view what) {
    const auto code =
        errno == ENOSPC || errno == EDQUOT ? errc::storage_full : errc::file_unwritable;
    return fail(code, std::string(what), "errno " + std::to_string(errno));
}

status sync_folder(const std::filesystem::path& folder) {
    const descriptor d(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!d.ok() || ::fsync(d.get()) != 0) return write_failed("folder");
    return {};
}

} // namespace

status make_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(errc::storage_read_only, path.filename().string());
    const descriptor d(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!d.ok() || ::fstat(d.get(), &info) != 0)
        return fail(errc::storage_read_only, path.filename().string());
    if ((info.st_mode & 0077U) != 0 && ::fchmod(d.get(), 0700) != 0)
        return fail(errc::storage_read_only, path.filename().string());
    return {};
}

result<folders> make_folders(const std::string& root) {
    folders out;
    out.root = root;
    std::error_code ignored;
    std::filesystem::create_directories(out.root.parent_path(), ignored);
    out.outbox = out.root / "outbox";
    out.inbox = out.root / "inbox";
    out.sent = out.root / "sent";
    out.rejected = out.root / "rejected";
    out.journal = out.root / "journal.db";
    for (const auto* path : {&out.root, &out.outbox, &out.inbox, &out.sent, &out.rejected}) {
        CAIRN_TRY(make_folder(*path));
        if (::access(path->c_str(), W_OK | X_OK) != 0)
            return fail(errc::storage_read_only, path->filename().string());
    }
    return out;
}

result<bytes> read_whole(const std::filesystem::path& path, std::size_t most) {
    const descriptor d(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info {};
    if (!d.ok() || ::fstat(d.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(errc::file_unreadable, path.string());
    bytes out;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto n = ::read(d.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(errc::file_unreadable, path.string());
        if (n == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(n));
        if (out.size() > most)
            return fail(errc::too_large, "file, limit " + std::to_string(most) + " bytes");
    }
}

status write_durably(const std::filesystem::path& path, bytes_view content) {
    const auto temporary = path.parent_path() / ("." + path.filename().string() + ".tmp");
    {
        const descriptor d(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
        );
        if (!d.ok()) return write_failed("file");
        while (!content.empty()) {
            const auto n = ::write(d.get(), content.data(), content.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return write_failed("file");
            content.remove_prefix(static_cast<std::size_t>(n));
        }
        if (::fsync(d.get()) != 0) return write_failed("file");
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return write_failed("file");
    return sync_folder(path.parent_path());
}

status remove_durably(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return write_failed("file");
    return sync_folder(path.parent_path());
}

std::vector<dropped_file> list_dropped(const std::filesystem::path& outbox) {
    std::vector<dropped_file> out;
    std::error_code error;
    for (std::filesystem::directory_iterator it(outbox, error), end; !error && it != end;
         it.increment(error)) {
        auto name = it->path().filename().string();
        if (name.empty() || name.front() == '.' || it->path().extension() == ".tmp") continue;
        struct stat info {};
        if (::lstat(it->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        constexpr std::int64_t second = 1'000'000'000;
        out.push_back(
            {std::move(name),
             static_cast<std::uint64_t>(info.st_size),
             info.st_mtim.tv_sec * second + info.st_mtim.tv_nsec}
        );
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

std::vector<dropped_file> settled_files::look(std::vector<dropped_file> now) {
    std::vector<dropped_file> still;
    std::map<std::string, dropped_file> next;
    for (auto& file : now) {
        const auto it = before_.find(file.name);
        if (it != before_.end() && it->second == file) still.push_back(file);
        auto name = file.name;
        next.emplace(std::move(name), std::move(file));
    }
    before_ = std::move(next);
    return still;
}

} // namespace cairn::agents::apps
