#include "agents/core/sqlite_file.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace cairn::agents {
namespace {

// EXTRA rather than FULL: in DELETE mode FULL leaves the journal's unlink unsynced, and a commit
// could come undone after the dropped file is gone. Content that is taken away is overwritten.
constexpr const char* settings = "PRAGMA locking_mode=EXCLUSIVE;"
                                 "PRAGMA journal_mode=DELETE;"
                                 "PRAGMA synchronous=EXTRA;"
                                 "PRAGMA secure_delete=ON;"
                                 "PRAGMA temp_store=MEMORY;";

failure failed(int code, sqlite3* db, const std::string& name) {
    const std::string detail = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(errc::storage_in_use, name, detail);
    case SQLITE_FULL:
        return fail(errc::storage_full, name, detail);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail(errc::storage_read_only, name, detail);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fail(errc::storage_foreign, name, detail);
    default:
        return fail(errc::storage_failed, name, detail);
    }
}

result<std::uint64_t> pragma(sqlite3* db, const char* sql) {
    statement s(db, sql);
    const auto row = s.next();
    if (!row) return row.error();
    return *row ? s.integer(0) : 0;
}

// An empty file is ours to fill; anything else must say that it is one of this kind and version.
status check_owner(sqlite3* db, const sqlite_format& format) {
    const auto tables = pragma(db, "SELECT count(*) FROM sqlite_master");
    if (!tables) return tables.error();
    if (*tables == 0) return {};
    const auto id = pragma(db, "PRAGMA application_id");
    if (!id) return id.error();
    const auto version = pragma(db, "PRAGMA user_version");
    if (!version) return version.error();
    if (*id != static_cast<std::uint64_t>(format.application_id))
        return fail(errc::storage_foreign, format.name);
    if (*version != static_cast<std::uint64_t>(format.version))
        return fail(errc::storage_foreign, format.name, "other version");
    return {};
}

// By us, before SQLite: it would take the umask's mode, and its journal copies the file's.
status make_file(const std::string& path, const char* name) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        const auto code =
            errno == ENOSPC || errno == EDQUOT ? errc::storage_full : errc::storage_read_only;
        return fail(code, name, "errno " + std::to_string(errno));
    }
    ::close(fd);
    return {};
}

} // namespace

void sqlite_closer::operator()(sqlite3* db) const {
    sqlite3_close(db);
}

void sqlite_closer::operator()(sqlite3_stmt* s) const {
    sqlite3_finalize(s);
}

result<sqlite_handle>
open_sqlite_file(const std::string& path, const sqlite_format& format, const std::string& vfs) {
    if (vfs.empty()) CAIRN_TRY(make_file(path, format.name));
    const int how = SQLITE_OPEN_READWRITE | (vfs.empty() ? 0 : SQLITE_OPEN_CREATE);
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, how, vfs.empty() ? nullptr : vfs.c_str());
    sqlite_handle db(raw);
    if (code != SQLITE_OK) return failed(code, db.get(), format.name);
    for (const char* sql : {settings, format.schema}) {
        if (sql == format.schema) CAIRN_TRY(check_owner(db.get(), format));
        const int ran = sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr);
        if (ran != SQLITE_OK) return failed(ran, db.get(), format.name);
    }
    return db;
}

statement::statement(sqlite3* db, const char* sql) : db_(db), code_(SQLITE_OK) {
    sqlite3_stmt* raw = nullptr;
    code_ = sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
    statement_.reset(raw);
}

statement& statement::text(std::string_view v) {
    if (code_ == SQLITE_OK)
        code_ = sqlite3_bind_text(
            statement_.get(), ++bound_, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT
        );
    return *this;
}

statement& statement::blob(bytes_view v) {
    // A null pointer would bind NULL.
    const char* data = v.empty() ? "" : v.data();
    if (code_ == SQLITE_OK)
        code_ = sqlite3_bind_blob(
            statement_.get(), ++bound_, data, static_cast<int>(v.size()), SQLITE_TRANSIENT
        );
    return *this;
}

statement& statement::number(std::uint64_t v) {
    if (code_ == SQLITE_OK)
        code_ = sqlite3_bind_int64(statement_.get(), ++bound_, static_cast<sqlite3_int64>(v));
    return *this;
}

result<bool> statement::next() {
    if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_.get());
    if (code_ == SQLITE_ROW) return true;
    if (code_ == SQLITE_DONE) return false;
    const char* path = sqlite3_db_filename(db_, "main");
    const std::string_view file = path == nullptr ? "" : path;
    const auto slash = file.rfind('/');
    return failed(code_, db_, std::string(slash == file.npos ? file : file.substr(slash + 1)));
}

status statement::run() {
    const auto r = next();
    if (!r) return r.error();
    return {};
}

bytes statement::column(int i) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), i));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), i));
    return data == nullptr ? bytes{} : bytes(data, size);
}

std::uint64_t statement::integer(int i) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), i));
}

// A failed commit may have ended the transaction already; then this does nothing.
void roll_back(sqlite3* db) {
    if (sqlite3_get_autocommit(db) == 0) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace cairn::agents
