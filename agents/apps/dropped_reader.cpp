#include "agents/apps/dropped_reader.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn::agents::apps {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

failure too_large(std::size_t most) {
    return fail(errc::too_large, "file, limit " + std::to_string(most) + " bytes");
}

// Its name may name a child: say the folder alone.
failure unreadable() {
    return fail(errc::file_unreadable, "a file in outbox", "errno " + std::to_string(errno));
}

// The place in the file and the piece read there last.
struct reading {
    std::vector<char> piece = std::vector<char>(piece_bytes);
    std::size_t at = 0;
};

} // namespace

result<std::shared_ptr<const dropped_reader>>
dropped_reader::open(const std::filesystem::path& path, std::size_t most) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return unreadable();
    auto out = std::make_shared<const dropped_reader>(fd, most);
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return unreadable();
    if (static_cast<std::size_t>(info.st_size) > most) return too_large(most);
    return out;
}

dropped_reader::~dropped_reader() {
    ::close(descriptor_);
}

formats::next_piece dropped_reader::pieces(const std::atomic<bool>& stop) const {
    const auto state = std::make_shared<reading>();
    return [this, &stop, state]() -> result<bytes_view> {
        if (stop) return fail(errc::cancelled, "the agent stops");
        ssize_t n = -1;
        do
            n = ::pread(
                descriptor_, state->piece.data(), piece_bytes, static_cast<off_t>(state->at)
            );
        while (n < 0 && errno == EINTR);
        if (n < 0) return unreadable();
        state->at += static_cast<std::size_t>(n);
        if (state->at > most_) return too_large(most_);
        return bytes_view(state->piece.data(), static_cast<std::size_t>(n));
    };
}

} // namespace cairn::agents::apps
