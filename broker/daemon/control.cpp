#include "daemon/control.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace cairn::daemon {
namespace {

constexpr std::size_t line_bytes_max = 4096;
// Of a peer that connected and says nothing.
constexpr int line_ms = 5000;
constexpr int waiting_peers = 8;

class handle {
public:
    explicit handle(int fd = -1) : fd_(fd) {}
    handle(const handle&) = delete;
    ~handle() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

// A socket's name has room for 108 bytes, a folder's path for more: by way of the open folder.
struct place {
    explicit place(const std::string& folder)
        : open(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
        address.sun_family = AF_UNIX;
        const std::string path = "/proc/self/fd/" + std::to_string(open.get()) + "/control";
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    }
    [[nodiscard]] const sockaddr* name() const {
        return reinterpret_cast<const sockaddr*>(&address);
    }
    handle open;
    sockaddr_un address{};
};

bool ready(int fd, int ms) {
    pollfd p{fd, POLLIN, 0};
    int n = 0;
    do {
        n = ::poll(&p, 1, ms);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

// Up to the newline or the end, without it.
std::string read_line(int fd, int ms) {
    std::string out;
    char part[512];
    while (out.size() < line_bytes_max && ready(fd, ms)) {
        const ssize_t n = ::read(fd, part, sizeof part);
        if (n <= 0) break;
        out.append(part, static_cast<std::size_t>(n));
        if (out.back() == '\n') break;
    }
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

void write_line(int fd, std::string line) {
    line.push_back('\n');
    // A peer that went away is its own loss.
    (void) ::send(fd, line.data(), line.size(), MSG_NOSIGNAL);
}

bool own_user(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    return who.uid == ::geteuid() || who.uid == 0;
}

class listening final : public control {
public:
    listening(const std::string& folder, answer f) : at_(folder), answer_(std::move(f)) {}

    ~listening() override {
        if (!thread_.joinable()) return;
        (void) ::eventfd_write(stop_.get(), 1);
        thread_.join();
        ::unlink(at_.address.sun_path);
    }

    status start() {
        ::unlink(at_.address.sun_path);
        const bool bound = ::bind(socket_.get(), at_.name(), sizeof at_.address) == 0;
        if (!bound || ::chmod(at_.address.sun_path, 0600) != 0 ||
            ::listen(socket_.get(), waiting_peers) != 0) {
            return fail(errc::storage_read_only, "control socket", std::strerror(errno));
        }
        thread_ = std::thread([this] { serve(); });
        return {};
    }

private:
    void serve() {
        pollfd both[] = {{stop_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
        while (true) {
            if (::poll(both, 2, -1) < 0) continue;
            if (both[0].revents != 0) return;
            const handle peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (peer.get() < 0 || !own_user(peer.get())) continue;
            write_line(peer.get(), answer_(read_line(peer.get(), line_ms)));
        }
    }

    place at_;
    answer answer_;
    handle stop_{::eventfd(0, EFD_CLOEXEC)};
    handle socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::thread thread_;
};

} // namespace

result<std::unique_ptr<control>> control::listen(const std::string& folder, answer f) {
    auto out = std::make_unique<listening>(folder, std::move(f));
    CAIRN_TRY(out->start());
    return std::unique_ptr<control>(std::move(out));
}

result<std::string>
ask_control(const std::string& folder, const std::string& line, duration patience) {
    const place at(folder);
    const handle s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(s.get(), at.name(), sizeof at.address) != 0) {
        return fail(errc::unavailable, "control socket", std::strerror(errno));
    }
    write_line(s.get(), line);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    std::string out = read_line(s.get(), static_cast<int>(ms));
    if (out.empty()) return fail(errc::deadline, "control socket");
    return out;
}

} // namespace cairn::daemon
