// A dropped file as rows, read piece by piece: a small one at once, a big one on a thread of its
// own, so that receiving and small files go on meanwhile.
#pragma once

#include "agents/apps/dropped_reader.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/apps/row_spool.hpp"

#include <future>

namespace cairn::agents::apps {

// Name empty: there is none beside the file.
struct sidecar_file {
    std::string name;
    bytes content;
};

// Everything a reading needs; but for the random numbers it shares nothing with other threads.
struct reading_job {
    std::shared_ptr<const dropped_reader> file;
    std::string name;
    sidecar_file beside;
    ::cairn::v1::Concern defaults;
    std::string on_behalf_of;
    profiles::agency_profile profile = profiles::agency_profile::any;
    wall_time now;
    random_source& random;
    // Where rows that are too many for memory wait.
    std::filesystem::path folder;
};

struct file_reading {
    // SHA-256 of the content, with its sidecar's, in hex: the same file for another purpose is
    // another one. Empty where it could not be read to its end.
    std::string source;
    // Failed: why it is refused; or file_unreadable, cancelled, storage_full, file_unwritable,
    // which say nothing of the file itself.
    status outcome;
    row_spool rows;
    std::string report;
};

// Anything of `job.name` that has a size limit. Nothing is written but the rows.
file_reading read_dropped(const reading_job& job, const std::atomic<bool>& stop);

// Thread: all functions on one. One reading at a time.
class background_reading {
public:
    background_reading() = default;
    background_reading(const background_reading&) = delete;
    background_reading& operator=(const background_reading&) = delete;
    ~background_reading() { stop(); }

    void begin(reading_job job);
    [[nodiscard]] bool busy() const { return running_.valid(); }
    // Once for each reading that was begun.
    std::optional<file_reading> finished();
    // Waits for no more than the piece at hand.
    void stop();

private:
    std::atomic<bool> stop_{false};
    std::future<file_reading> running_;
};

} // namespace cairn::agents::apps
