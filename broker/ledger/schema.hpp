// The two files: what is in them and how their connections are set. docs/formats/ledger.md and
// keys.md give every column.
#pragma once

#include "ledger/sqlite.hpp"

namespace cairn::ledger {

// "CARN" and "CARK".
inline constexpr std::int64_t ledger_application = 0x4341524E;
inline constexpr std::int64_t keys_application = 0x4341524B;
inline constexpr std::int64_t schema_version = 1;

sql::file ledger_file(const std::string& folder, const std::string& vfs);
sql::file keys_file(const std::string& folder, const std::string& vfs);

// New files with their tables. errc::storage_foreign where there is a file already.
result<std::unique_ptr<sql::database>> create_ledger_file(const sql::file& f);
result<std::unique_ptr<sql::database>> create_keys_file(const sql::file& f);

// Opens, sets and reads back; errc::storage_foreign where application or version differ.
result<std::unique_ptr<sql::database>> open_writer(const sql::file& f);
result<std::unique_ptr<sql::database>> open_reader(const sql::file& f);
result<std::unique_ptr<sql::database>> open_keys(const sql::file& f);

} // namespace cairn::ledger
