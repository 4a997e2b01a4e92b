// The little of SQLite that the ledger needs: a connection, its prepared statements, its errors as
// failures. sqlite3.h is included in sqlite.cpp only.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_backup;
struct sqlite3_stmt;

namespace cairn::ledger::sql {

struct file {
    std::string path;
    // SQLite VFS by name; empty: the system's.
    std::string vfs;
};

// Asked of the file's own VFS, so that it answers for in-memory folders too.
bool exists(const file& f);

enum class access { create, read_write, read_only };

// One connection, used by one thread at a time.
class database {
public:
    static result<std::unique_ptr<database>> open(const file& f, access how);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // For statements without parameters and results, schema and settings.
    status exec(const char* sql);
    // First column of the first row.
    result<std::int64_t> number(const char* sql);
    result<std::string> text(const char* sql);

    // The last error of this connection. SQLite's message names tables and columns, never values.
    [[nodiscard]] failure error() const;
    // Of the last failed call: no room left, as opposed to a disk that does not answer.
    [[nodiscard]] bool was_full() const;
    // No transaction is open.
    [[nodiscard]] bool idle() const;
    [[nodiscard]] std::int64_t changes() const;
    // From now on wal_pages() counts. After `PRAGMA wal_autocheckpoint`, which takes the hook away.
    void count_wal();
    // Pages in the write-ahead log after the last commit of this connection, or 0 once it is cut.
    [[nodiscard]] int wal_pages() const { return wal_pages_; }
    // Writes what it can into the database file and waits for nobody.
    status checkpoint_passive();
    // The whole log into the database, the log file emptied. errc::storage_in_use when a reader
    // still holds it after this long.
    status checkpoint_truncate(duration patience);
    // The last connection to close would copy the log: only the writer may.
    void leave_log_alone();
    // From now on calls fail with errc::deadline once this much time went by. The clock must
    // outlive the connection.
    void limit(const clock& time, duration most);
    void no_limit();

private:
    friend class query;
    friend class page_copy;
    explicit database(sqlite3* db);
    sqlite3_stmt* prepared(const char* sql);
    status checkpoint(int mode);

    sqlite3* db_;
    // By address: every text is a constant.
    std::unordered_map<const char*, sqlite3_stmt*> statements_;
    int wal_pages_ = 0;
    const clock* time_ = nullptr;
    mono_time until_{};
};

// One use of a prepared statement; gives it back when it goes. `text` must be a constant: it is the
// key under which the statement is kept. Bound bytes are not copied and must outlive the use.
class query {
public:
    query(database& db, const char* text);
    ~query();
    query(const query&) = delete;
    query& operator=(const query&) = delete;

    // Parameters in order.
    query& bind(std::int64_t v);
    query& bind(std::uint64_t v) { return bind(static_cast<std::int64_t>(v)); }
    query& bind(std::uint32_t v) { return bind(static_cast<std::int64_t>(v)); }
    query& bind(int v) { return bind(static_cast<std::int64_t>(v)); }
    query& bind_blob(bytes_view v);
    query& bind_text(std::string_view v);
    query& bind_null();

    // The next row; false at the end and on an error, which end() tells apart.
    bool row();
    [[nodiscard]] status end() const;
    // For writes: to the end, and ready to be bound again.
    status run();

    [[nodiscard]] std::int64_t i64(int column) const;
    [[nodiscard]] std::uint64_t u64(int column) const;
    // Valid until the next row().
    [[nodiscard]] bytes_view blob(int column) const;
    [[nodiscard]] bool null(int column) const;
    [[nodiscard]] bool is_text(int column) const;

private:
    database& db_;
    sqlite3_stmt* statement_;
    int next_ = 1;
    bool failed_ = false;
};

// A copy of a whole database, page by page, into a new file of the system's VFS. Where the source
// connection is in a read transaction the copy is of that snapshot; where it is the connection that
// writes, what it writes meanwhile goes into the copy too. Used by one thread at a time, together
// with the source.
class page_copy {
public:
    static result<std::unique_ptr<page_copy>> begin(database& from, const std::string& path);
    ~page_copy();
    page_copy(const page_copy&) = delete;

    // True when all is copied. Not synced: whoever needs it after a power cut makes it so.
    // errc::storage_full, storage_failed.
    result<bool> step(int pages);

private:
    explicit page_copy(std::unique_ptr<database> to) : to_(std::move(to)) {}
    std::unique_ptr<database> to_;
    sqlite3_backup* copy_ = nullptr;
};

} // namespace cairn::ledger::sql
