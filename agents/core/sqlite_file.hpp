// What the agent's SQLite files share: opening one of our own, one statement, one transaction.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace cairn::agents {

struct sqlite_closer {
    void operator()(sqlite3* db) const;
    void operator()(sqlite3_stmt* s) const;
};
using sqlite_handle = std::unique_ptr<sqlite3, sqlite_closer>;

struct sqlite_format {
    int application_id = 0;
    int version = 0;
    // Run at every opening, so it makes what is absent and sets both pragmas.
    const char* schema = nullptr;
    // For failures.
    const char* name = nullptr;
};

// A file of mode 0600, made when absent, held alone. errc::storage_in_use, storage_foreign,
// storage_read_only. `vfs`: a SQLite VFS by name; with another than the system's the file is made
// by that alone.
result<sqlite_handle>
open_sqlite_file(const std::string& path, const sqlite_format& format, const std::string& vfs = {});

// One prepared statement run once; the few rows a second of an agent need no cache.
class statement {
public:
    statement(sqlite3* db, const char* sql);
    statement& text(std::string_view v);
    statement& blob(bytes_view v);
    statement& number(std::uint64_t v);
    // True: a row is there.
    result<bool> next();
    status run();
    [[nodiscard]] bytes column(int i) const;
    [[nodiscard]] std::uint64_t integer(int i) const;

private:
    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, sqlite_closer> statement_;
    int code_ = 0;
    int bound_ = 0;
};

void roll_back(sqlite3* db);

template <class Work>
status in_transaction(sqlite3* db, Work work) {
    CAIRN_TRY(statement(db, "BEGIN IMMEDIATE").run());
    auto done = work();
    if (done) done = statement(db, "COMMIT").run();
    if (!done) roll_back(db);
    return done;
}

} // namespace cairn::agents
