#include "certs/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace cairn::certs {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

failure unwritable(const std::filesystem::path& path, const char* step) {
    const int cause = errno;
    return fail(
        errc::file_unwritable, path.string(), std::string(step) + ": " + std::strerror(cause)
    );
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

status sync_folder(const std::filesystem::path& folder) {
    const descriptor d{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (d.fd() < 0 || ::fsync(d.fd()) != 0) return unwritable(folder, "fsync");
    return {};
}

// Gives `temporary` its name. link() refuses an existing name where rename() would replace it.
status give_name(
    const std::filesystem::path& temporary, const std::filesystem::path& path, existing rule
) {
    if (rule == existing::replace) {
        if (::rename(temporary.c_str(), path.c_str()) != 0) return unwritable(path, "rename");
        return {};
    }
    if (::link(temporary.c_str(), path.c_str()) == 0) {
        ::unlink(temporary.c_str());
        return {};
    }
    if (errno == EEXIST) return fail(errc::file_exists, path.string());
    return unwritable(path, "link");
}

result<std::string> read_limited(const std::filesystem::path& path, bool secret) {
    const descriptor d{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (d.fd() < 0) return fail(errc::file_unreadable, path.string(), std::strerror(errno));
    struct stat facts {};
    if (::fstat(d.fd(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail(errc::file_unreadable, path.string(), "not a regular file");
    }
    if (secret && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(errc::file_permissions, path.string());
    }
    std::string out;
    char part[4096];
    while (true) {
        const ssize_t n = ::read(d.fd(), part, sizeof part);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(errc::file_unreadable, path.string(), std::strerror(errno));
        if (n == 0) return out;
        out.append(part, static_cast<std::size_t>(n));
        if (out.size() > file_bytes_max) {
            return fail(errc::file_unreadable, path.string(), "larger than 1 MiB");
        }
    }
}

} // namespace

status
write_file(const std::filesystem::path& path, std::string_view content, reach who, existing rule) {
    std::string temporary = path.string() + ".XXXXXX";
    const descriptor d{::mkostemp(temporary.data(), O_CLOEXEC)}; // 0600 from the first moment
    if (d.fd() < 0) return unwritable(path, "create");
    status done;
    if (!write_all(d.fd(), content)) {
        done = unwritable(path, "write");
    } else if (::fchmod(d.fd(), who == reach::secret ? 0600 : 0644) != 0) {
        done = unwritable(path, "chmod");
    } else if (::fsync(d.fd()) != 0) {
        done = unwritable(path, "fsync");
    } else {
        done = give_name(temporary, path, rule);
    }
    if (!done) {
        ::unlink(temporary.c_str());
        return done;
    }
    const std::filesystem::path folder = path.parent_path();
    return sync_folder(folder.empty() ? "." : folder);
}

result<std::string> read_file(const std::filesystem::path& path) {
    return read_limited(path, false);
}

result<std::string> read_secret(const std::filesystem::path& path) {
    return read_limited(path, true);
}

status make_private_folder(const std::filesystem::path& folder) {
    std::error_code ec;
    const std::filesystem::path above = folder.parent_path();
    if (!above.empty()) std::filesystem::create_directories(above, ec);
    if (ec) return fail(errc::file_unwritable, above.string(), ec.message());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return unwritable(folder, "mkdir");
    if (!std::filesystem::is_directory(folder, ec)) {
        return fail(errc::file_unwritable, folder.string(), "not a folder");
    }
    return {};
}

} // namespace cairn::certs
