#include "agents/apps/row_spool.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace cairn::agents::apps {
namespace {

failure spool_failed(int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    return fail(
        full ? errc::storage_full : errc::file_unwritable,
        "rows of a big file",
        "errno " + std::to_string(error)
    );
}

void put(bytes& out, bytes_view text) {
    const std::uint64_t size = text.size();
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out.append(text);
}

// Takes one text after another from memory or from a file.
class text_reader {
public:
    text_reader(bytes_view memory, std::FILE* file) : memory_(memory), file_(file) {}

    bool next(bytes& out) {
        std::uint64_t size = 0;
        char raw[sizeof size];
        if (!take(raw, sizeof raw)) return false;
        std::memcpy(&size, raw, sizeof size);
        out.resize(size);
        return take(out.data(), out.size());
    }

private:
    bool take(char* into, std::size_t size) {
        if (file_ != nullptr) return std::fread(into, 1, size, file_) == size;
        if (memory_.size() < size) return false;
        std::memcpy(into, memory_.data(), size);
        memory_.remove_prefix(size);
        return true;
    }

    bytes_view memory_;
    std::FILE* file_;
};

} // namespace

status row_spool::add(const submission& row) {
    bytes text;
    for (const auto* part : {&row.key, &row.source, &row.request}) put(text, *part);
    if (!file_ && memory_.size() + text.size() > memory_bytes) {
        CAIRN_TRY(open_file());
        CAIRN_TRY(write(memory_));
        bytes().swap(memory_);
    }
    if (file_)
        CAIRN_TRY(write(text));
    else
        memory_ += text;
    if (count_++ == 0) first_key_ = row.key;
    return {};
}

status row_spool::each(const row_sink& to) {
    if (file_ && (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0))
        return spool_failed(errno);
    text_reader in(memory_, file_.get());
    for (std::size_t i = 0; i < count_; ++i) {
        submission row;
        for (auto* part : {&row.key, &row.source, &row.request})
            if (!in.next(*part)) return spool_failed(EIO);
        CAIRN_TRY(to(row));
    }
    return {};
}

status row_spool::write(bytes_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
        return spool_failed(errno);
    return {};
}

// Without its name at once: what it holds is content, and it must not outlive us.
status row_spool::open_file() {
    auto name = (folder_ / ".rows-XXXXXX").string();
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return spool_failed(errno);
    ::unlink(name.c_str());
    file_.reset(::fdopen(fd, "w+b"));
    if (file_) return {};
    const int error = errno;
    ::close(fd);
    return spool_failed(error);
}

} // namespace cairn::agents::apps
