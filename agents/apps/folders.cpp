#include "agents/apps/folders.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <tuple>
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

} // namespace

status sync_folder(const std::filesystem::path& folder) {
    const descriptor d(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!d.ok() || ::fsync(d.get()) != 0) return write_failed("folder");
    return {};
}

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
    out.recalled = out.root / "recalled";
    out.journal = out.root / "journal.db";
    out.notices = out.root / "notices.db";
    for (const auto* path :
         {&out.root, &out.outbox, &out.inbox, &out.sent, &out.rejected, &out.recalled}) {
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

namespace {

enum class safe_from : std::uint8_t { crashes, power_loss_but_for_the_name, power_loss };

std::filesystem::path temporary_for(const std::filesystem::path& path) {
    return path.parent_path() / ("." + path.filename().string() + ".tmp");
}

int make_file(const std::filesystem::path& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

status write_all(int to, bytes_view content) {
    while (!content.empty()) {
        const auto n = ::write(to, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return write_failed("file");
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

status copy_all(int from, int to) {
    std::array<char, 65536> buffer{};
    for (off_t at = 0;;) {
        const auto n = ::pread(from, buffer.data(), buffer.size(), at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(errc::file_unreadable, "file", "errno " + std::to_string(errno));
        if (n == 0) return {};
        CAIRN_TRY(write_all(to, {buffer.data(), static_cast<std::size_t>(n)}));
        at += n;
    }
}

status write_file(const std::filesystem::path& path, bytes_view content, safe_from what) {
    const auto temporary = temporary_for(path);
    {
        const descriptor d(make_file(temporary));
        if (!d.ok()) return write_failed("file");
        CAIRN_TRY(write_all(d.get(), content));
        if (what != safe_from::crashes && ::fsync(d.get()) != 0) return write_failed("file");
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return write_failed("file");
    return what == safe_from::power_loss ? sync_folder(path.parent_path()) : status();
}

} // namespace

status write_durably(const std::filesystem::path& path, bytes_view content) {
    return write_file(path, content, safe_from::power_loss);
}

status write_content_durably(const std::filesystem::path& path, bytes_view content) {
    return write_file(path, content, safe_from::power_loss_but_for_the_name);
}

status write_whole(const std::filesystem::path& path, bytes_view content) {
    return write_file(path, content, safe_from::crashes);
}

status remove_durably(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return write_failed("file");
    return sync_folder(path.parent_path());
}

status move_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
    const descriptor d(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!d.ok()) return fail(errc::file_unreadable, "file", "errno " + std::to_string(errno));
    // Another's file can be renamed and yet not be closed to others: that one is copied.
    const bool ours = ::fchmod(d.get(), 0600) == 0 && ::futimens(d.get(), nullptr) == 0;
    if (ours && ::rename(from.c_str(), to.c_str()) == 0) {
        CAIRN_TRY(sync_folder(to.parent_path()));
        return sync_folder(from.parent_path());
    }
    const auto temporary = temporary_for(to);
    {
        const descriptor copy(make_file(temporary));
        if (!copy.ok()) return write_failed("file");
        CAIRN_TRY(copy_all(d.get(), copy.get()));
        if (::fsync(copy.get()) != 0) return write_failed("file");
    }
    if (::rename(temporary.c_str(), to.c_str()) != 0) return write_failed("file");
    CAIRN_TRY(sync_folder(to.parent_path()));
    return remove_durably(from);
}

bool left_alone(std::string_view name) {
    if (name.empty() || name.front() == '.' || name.back() == '~') return true;
    if (name.substr(0, 2) == "~$") return true;
    const auto dot = name.rfind('.');
    if (dot == name.npos) return false;
    std::string extension(name.substr(dot + 1));
    for (auto& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    constexpr std::string_view all[] = {
        "tmp", "part", "partial", "filepart", "crdownload", "swp", "lock"};
    return std::find(std::begin(all), std::end(all), extension) != std::end(all);
}

std::optional<dropped_file> look_at(const std::filesystem::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
    constexpr std::int64_t second = 1'000'000'000;
    return dropped_file{
        path.filename().string(),
        static_cast<std::uint64_t>(info.st_size),
        info.st_mtim.tv_sec * second + info.st_mtim.tv_nsec,
        info.st_dev,
        info.st_ino};
}

result<std::vector<dropped_file>> list_dropped(const std::filesystem::path& outbox) {
    std::vector<dropped_file> out;
    std::set<std::string, std::less<>> locked;
    std::error_code error;
    std::filesystem::directory_iterator it(outbox, error);
    for (const std::filesystem::directory_iterator end; !error && it != end; it.increment(error)) {
        const auto name = it->path().filename().string();
        constexpr std::string_view lock = ".lock";
        if (name.size() > lock.size() && bytes_view(name).substr(name.size() - lock.size()) == lock)
            locked.insert(name.substr(0, name.size() - lock.size()));
        if (left_alone(name) || out.size() == listed_most) continue;
        if (auto file = look_at(it->path())) out.push_back(std::move(*file));
    }
    if (error) return fail(errc::file_unreadable, "outbox", error.message());
    std::erase_if(out, [&](const auto& file) { return locked.count(file.name) != 0; });
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.changed_ns, a.name) < std::tie(b.changed_ns, b.name);
    });
    return out;
}

std::vector<dropped_file> settled_files::look(
    std::vector<dropped_file> now,
    const std::set<std::string>& renamed_in,
    mono_time at,
    duration quiet
) {
    std::vector<dropped_file> complete;
    std::map<std::string, seen> next;
    for (auto& file : now) {
        const auto it = seen_.find(file.name);
        const bool same = it != seen_.end() && it->second.file == file;
        // Renamed in stays complete until it is taken: a round takes so many and no more.
        const bool whole = renamed_in.count(file.name) != 0 || (same && it->second.whole);
        const auto since = same ? it->second.since : at;
        if (whole || (same && at - since >= quiet)) complete.push_back(file);
        auto name = file.name;
        next.emplace(std::move(name), seen{std::move(file), since, whole});
    }
    seen_ = std::move(next);
    return complete;
}

} // namespace cairn::agents::apps
