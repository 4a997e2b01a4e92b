// Health of the service, for admins, probes and metrics. Counts and names of desks, never content.
#pragma once

#include "daemon/services.hpp"

#include "cairn/v1/admin.pb.h"

namespace cairn::daemon {

// Reads the ledger: query pool.
result<v1::StatusResponse> status_now(services& s);

// Names of failing checks, each with its cause; empty: ready.
std::vector<std::pair<std::string, std::string>> failing(services& s);

// Room where the ledger is; zeros where that cannot be told.
struct disk_room {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
    // Of the ledger's own files.
    std::uint64_t used_bytes = 0;
};
disk_room disk_now(const std::string& folder);

// When the last good backup of this data folder was taken: what `cairn backup` wrote beside the
// ledger when both archives were verified. 0: none, or what is written there is not that.
std::int64_t last_backup_us(const std::string& data_folder);

// "agency/<id>" and when its certificate in force that lasts longest ends, of agencies that are not
// suspended. What ended more than 30 days ago is left out.
std::vector<std::pair<std::string, std::int64_t>>
agency_ends(const registry::snapshot& registry, std::int64_t now_us);

// Prometheus text. Names: cairn_<noun>_<unit>, base units; labels name desks, agencies, stages,
// never a person, child or case.
std::string metrics_text(services& s);

} // namespace cairn::daemon
