// The two files of a ledger, opened by whoever has the folder: the broker, or an administrator.
#pragma once

#include "ledger/folder.hpp"
#include "ledger/keys.hpp"
#include "ledger/ledger.hpp"
#include "ledger/sqlite.hpp"

#include <memory>

namespace cairn::ledger {

struct open_pair {
    folder_lock lock;
    std::unique_ptr<sql::database> db;
    std::unique_ptr<key_store> keys;
};

// Takes the folder's lock, opens ledger.db and, with its id, keys.db. Nothing is looked into yet.
// errc::storage_in_use, storage_foreign, keys_missing or what SQLite says.
result<open_pair> open_files(const options& o, random_source& random, bool to_write);

} // namespace cairn::ledger
