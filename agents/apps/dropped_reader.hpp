// A dropped file, opened once and read piece by piece from its beginning as often as asked. Whoever
// renames or replaces it meanwhile does not change which file is read.
#pragma once

#include "agents/apps/folders.hpp"
#include "agents/formats/leaf.hpp"

#include <atomic>
#include <memory>

namespace cairn::agents::apps {

class dropped_reader {
public:
    // errc::file_unreadable; too_large with the limit, before a byte is read. Follows no symbolic
    // link.
    static result<std::shared_ptr<const dropped_reader>>
    open(const std::filesystem::path& path, std::size_t most);
    explicit dropped_reader(int descriptor, std::size_t most)
        : descriptor_(descriptor), most_(most) {}
    dropped_reader(const dropped_reader&) = delete;
    dropped_reader& operator=(const dropped_reader&) = delete;
    ~dropped_reader();

    // From the beginning; each has a place of its own. errc::file_unreadable, too_large where it
    // grew, cancelled once `stop` is set. Both outlive what is returned.
    [[nodiscard]] formats::next_piece pieces(const std::atomic<bool>& stop) const;

private:
    int descriptor_;
    std::size_t most_;
};

} // namespace cairn::agents::apps
