// A broker's folder made again: from two archives, or from a folder that its broker refuses to go
// on with. Everything is proved before the folder gets its name. ADR 21.
#pragma once

#include "backup/archive.hpp"
#include "ledger/copied.hpp"

#include <filesystem>
#include <optional>

namespace cairn::backup {

struct restore_order {
    // New, or empty.
    std::filesystem::path to;
    // Both archives with their identities, or the configuration of a stopped broker.
    std::filesystem::path ledger_archive;
    std::filesystem::path keys_archive;
    std::vector<identity> ledger_identities;
    std::vector<identity> keys_identities;
    std::filesystem::path from_config;
    // Checkpoints or receipts that somebody kept, and lists of erasures.
    std::vector<std::filesystem::path> heads;
    std::vector<std::filesystem::path> erased;
    // The time of the copy's last record, in whole seconds: what came later is given up.
    std::optional<std::int64_t> lost_since_us;
};

struct restore_report {
    ledger::copy_facts facts;
    // When the archives were made; 0 from a folder.
    std::int64_t taken_us = 0;
    // Records known to be lost: of the newest head that is known of, those after the copy's end.
    std::uint64_t lost = 0;
    std::uint64_t heads_shown = 0;
    std::uint64_t erased_again = 0;
    // Signed head of the restored log, whose last record says that it was restored.
    std::string checkpoint;
};

// errc::file_exists (the folder is not empty), sealed_data_damaged (an archive), log_damaged (also
// where the log went further than the copy and nobody accepted that, ADR 21), keys_missing,
// bad_value (no identity opens an archive, or the two do not belong together), usage (lost_since is
// not the time of the last record). The folder is there when it succeeds, and not there when it
// fails; a kill leaves TO.part.
result<restore_report>
restore(const restore_order& order, const clock& time, random_source& random);

} // namespace cairn::backup
