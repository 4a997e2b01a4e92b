// A backup of a broker, served or stopped. ADR 21.
#pragma once

#include "backup/archive.hpp"
#include "daemon/config.hpp"
#include "ledger/copied.hpp"

#include <filesystem>

namespace cairn::backup {

struct backup_order {
    std::string config_path;
    // Existing folders, not the same one.
    std::filesystem::path ledger_to;
    std::filesystem::path keys_to;
    // None of one among the other's.
    std::vector<recipient> ledger_recipients;
    std::vector<recipient> keys_recipients;
};

struct backup_report {
    archive_facts ledger;
    archive_facts keys;
    // The list of erasures, beside the ledger archive.
    std::filesystem::path erased;
    ledger::copy_facts facts;
    std::int64_t taken_us = 0;
    // The broker served meanwhile.
    bool online = false;
    // Its log has a note of this backup.
    bool on_record = false;
};

// Blocks until both archives are verified and have their names. Nothing is left of one that failed.
// errc::storage_in_use (another backup, or a broker that cannot be asked), storage_full,
// log_damaged, keys_missing, bad_value where the order is wrong, file_unwritable.
result<backup_report>
make_backup(const backup_order& order, const clock& time, random_source& random);

} // namespace cairn::backup
