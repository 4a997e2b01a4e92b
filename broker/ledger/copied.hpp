// Copies of the two files: taken from a ledger that is served, looked through, made fit to be
// served again. docs/formats/backup.md.
#pragma once

#include "ledger/files.hpp"
#include "ledger/verify.hpp"

#include <functional>
#include <span>
#include <vector>

namespace cairn::ledger {

// A snapshot of a folder's ledger.db, fixed when it is begun, while others go on writing.
class ledger_snapshot {
public:
    // errc::storage_foreign where there is no such file.
    static result<ledger_snapshot> begin(const std::string& folder);
    // Its pages into a new file; errc::storage_full.
    status copy_to(const std::string& path);

private:
    explicit ledger_snapshot(std::unique_ptr<sql::database> db) : db_(std::move(db)) {}
    std::unique_ptr<sql::database> db_;
};

// A record whose content is gone for good: named by its leaf, because slots are used again after a
// ledger was put back, and places may be.
struct erased_record {
    position at;
    digest leaf_hash{};
    bool operator==(const erased_record&) const = default;
};

struct copy_facts {
    verified_counts counts;
    ledger_id id{};
    position last;
    std::int64_t last_us = 0;
    std::uint64_t registry_epoch = 0;
    digest root{};
    // Signed head of the last commit.
    std::string checkpoint;
    // What keys.db remembers; position 0: nothing.
    released_head released;
    std::vector<erased_record> erased;
};

// A folder with the two files that no broker has open.
class copied_ledger {
public:
    // As ledger::open(), but that the log may end before what keys.db remembers.
    static result<copied_ledger> open(const options& o, random_source& random);

    // Everything `cairnd --verify` looks at. errc::log_damaged, keys_missing; the log may end
    // before the released head, it may not contradict it.
    result<copy_facts> verify();
    // Root of a year's first `size` records. errc::not_found where there are fewer.
    result<digest> root_at(std::uint32_t year, std::uint64_t size);
    // Destroys slot and payload of each that is here with the same leaf; how many there were that
    // were not erased already. Then the records are verified again.
    result<std::uint64_t> erase(std::span<const erased_record> list);
    // From here on the log may end where it ends.
    status accept_end();

private:
    copied_ledger(options o, open_pair files) : o_(std::move(o)), files_(std::move(files)) {}
    result<std::vector<erased_record>> list_erased();
    result<bool> erase_one(const erased_record& r);

    options o_;
    open_pair files_;
};

} // namespace cairn::ledger
