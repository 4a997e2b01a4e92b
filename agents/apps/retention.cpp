#include "agents/apps/retention.hpp"

#include <sys/stat.h>

namespace cairn::agents::apps {
namespace {

namespace fs = std::filesystem;

bool older(const fs::path& path, wall_time limit) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return false;
    return from_us(std::int64_t{info.st_mtim.tv_sec} * 1'000'000) < limit;
}

result<std::size_t> sweep_folder(const fs::path& folder, wall_time limit, std::size_t room) {
    std::size_t gone = 0;
    std::error_code error;
    fs::recursive_directory_iterator it(folder, error);
    std::vector<fs::path> old;
    std::vector<fs::path> inner;
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        if (it->is_directory(error))
            inner.push_back(it->path());
        else if (old.size() < room && older(it->path(), limit))
            old.push_back(it->path());
    }
    for (const auto& path : old)
        if (fs::remove(path, error)) ++gone;
    // The innermost come last; one that holds something stays.
    for (auto path = inner.rbegin(); path != inner.rend(); ++path) {
        std::error_code ignored;
        if (fs::is_empty(*path, ignored)) fs::remove(*path, ignored);
    }
    if (error) return fail(errc::file_unwritable, folder.filename().string(), error.message());
    return gone;
}

} // namespace

result<swept> sweep(const folders& where, const retention_days& days, wall_time now) {
    swept out;
    struct step {
        const fs::path& folder;
        unsigned days;
        std::size_t& count;
    };
    for (const auto& [folder, kept, count] :
         {step{where.inbox, days.inbox, out.inbox},
          step{where.sent, days.sent, out.sent},
          step{where.rejected, days.rejected, out.rejected},
          step{where.recalled, days.recalled, out.recalled}}) {
        if (kept == 0) continue;
        const auto limit = now - std::chrono::hours(24) * kept;
        const auto room = swept_most - out.all();
        const auto gone = sweep_folder(folder, limit, room);
        if (!gone) return gone.error();
        count = *gone;
        out.more = out.more || count == room;
    }
    return out;
}

} // namespace cairn::agents::apps
