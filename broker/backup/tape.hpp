// A tar (POSIX pax where a file needs it, else ustar) of a few files, written and read as a stream
// by libarchive.
#pragma once

#include "backup/stream.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cairn::backup {

inline constexpr std::size_t members_max = 32;

class tape_writer {
public:
    explicit tape_writer(sink out);
    ~tape_writer();
    tape_writer(const tape_writer&) = delete;

    // Names are of ASCII letters, digits and . _ - /; mode 0600, owner 0, time 0: the same files
    // give the same bytes.
    status add_bytes(const std::string& name, bytes_view content);
    // As long as it is now. errc::file_unreadable where it cannot be read to that end.
    status add_file(const std::string& name, const std::string& path);
    status finish();

private:
    struct state;
    status begin_member(const std::string& name, std::uint64_t size);
    status put(bytes_view part);
    status after(long long rc);

    std::unique_ptr<state> state_;
};

// Where a member's bytes go.
using open_member = std::function<result<sink>(const std::string& name, std::uint64_t size)>;

// Reads to the end. Refuses what this program never writes: anything but regular files, a name
// that occurs twice, more than members_max. errc::sealed_data_damaged where "tar, NAME".
status read_tape(source in, const open_member& open);

} // namespace cairn::backup
