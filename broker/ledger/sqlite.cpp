#include "ledger/sqlite.hpp"

#include "core/assert.hpp"

#include <sqlite3.h>

namespace cairn::ledger::sql {
namespace {

constexpr int busy_ms = 5000;
// Virtual machine steps between two looks at the clock.
constexpr int steps_between = 2000;

errc code_of(int rc) {
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return errc::storage_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return errc::storage_read_only;
    case SQLITE_NOTADB:
        return errc::storage_foreign;
    case SQLITE_CORRUPT:
        return errc::log_damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return errc::storage_in_use;
    case SQLITE_INTERRUPT:
        return errc::deadline;
    default:
        return errc::storage_failed;
    }
}

int flags_of(access how) {
    // No mutex: every connection is used by one thread at a time.
    constexpr int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (how) {
    case access::create:
        return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case access::read_write:
        return common | SQLITE_OPEN_READWRITE;
    case access::read_only:
        break;
    }
    return common | SQLITE_OPEN_READONLY;
}

const char* vfs_name(const file& f) {
    return f.vfs.empty() ? nullptr : f.vfs.c_str();
}

} // namespace

bool exists(const file& f) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(vfs_name(f));
    CAIRN_ASSERT(vfs != nullptr, "no such VFS");
    int there = 0;
    return vfs->xAccess(vfs, f.path.c_str(), SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK &&
           there != 0;
}

database::database(sqlite3* db) : db_(db) {
    sqlite3_busy_timeout(db_, busy_ms);
}

void database::count_wal() {
    sqlite3_wal_hook(
        db_,
        [](void* pages, sqlite3*, const char*, int n) {
            *static_cast<int*>(pages) = n;
            return SQLITE_OK;
        },
        &wal_pages_
    );
}

database::~database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
}

result<std::unique_ptr<database>> database::open(const file& f, access how) {
    sqlite3* raw = nullptr;
    const int rc = sqlite3_open_v2(f.path.c_str(), &raw, flags_of(how), vfs_name(f));
    if (rc != SQLITE_OK) {
        failure why = fail(code_of(rc), {}, raw != nullptr ? sqlite3_errmsg(raw) : "no memory");
        sqlite3_close(raw);
        return why;
    }
    return std::unique_ptr<database>(new database(raw));
}

status database::exec(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
    return {};
}

result<std::int64_t> database::number(const char* sql) {
    query q(*this, sql);
    if (q.row()) return q.i64(0);
    CAIRN_TRY(q.end());
    return fail(errc::log_damaged, {}, "a row is missing");
}

result<std::string> database::text(const char* sql) {
    query q(*this, sql);
    if (q.row()) return std::string(q.blob(0));
    CAIRN_TRY(q.end());
    return fail(errc::log_damaged, {}, "a row is missing");
}

failure database::error() const {
    const int rc = sqlite3_extended_errcode(db_);
    return fail(
        code_of(rc), {}, std::string(sqlite3_errmsg(db_)) + " (" + std::to_string(rc) + ")"
    );
}

bool database::was_full() const {
    return (sqlite3_extended_errcode(db_) & 0xff) == SQLITE_FULL;
}
bool database::idle() const {
    return sqlite3_get_autocommit(db_) != 0;
}
std::int64_t database::changes() const {
    return sqlite3_changes64(db_);
}

status database::checkpoint(int mode) {
    const int rc = sqlite3_wal_checkpoint_v2(db_, nullptr, mode, nullptr, nullptr);
    if ((rc & 0xff) == SQLITE_BUSY) return fail(errc::storage_in_use, {}, "a reader holds the log");
    if (rc != SQLITE_OK) return error();
    if (mode == SQLITE_CHECKPOINT_TRUNCATE) wal_pages_ = 0;
    return {};
}

status database::checkpoint_passive() {
    return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}
status database::checkpoint_truncate(duration patience) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    sqlite3_busy_timeout(db_, static_cast<int>(ms));
    const status ok = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_timeout(db_, busy_ms);
    return ok;
}

void database::leave_log_alone() {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void database::limit(const clock& time, duration most) {
    time_ = &time;
    until_ = time.mono_now() + most;
    sqlite3_progress_handler(
        db_,
        steps_between,
        [](void* self) {
            const auto& db = *static_cast<database*>(self);
            return db.time_->mono_now() > db.until_ ? 1 : 0;
        },
        this
    );
}

void database::no_limit() {
    sqlite3_progress_handler(db_, 0, nullptr, nullptr);
}

sqlite3_stmt* database::prepared(const char* sql) {
    sqlite3_stmt*& slot = statements_[sql];
    if (slot == nullptr) {
        sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot, nullptr);
    }
    return slot;
}

result<std::unique_ptr<page_copy>> page_copy::begin(database& from, const std::string& path) {
    auto to = database::open({path, {}}, access::create);
    if (!to) return to.error();
    CAIRN_TRY((*to)->exec("PRAGMA synchronous = OFF"));
    std::unique_ptr<page_copy> out(new page_copy(std::move(*to)));
    out->copy_ = sqlite3_backup_init(out->to_->db_, "main", from.db_, "main");
    if (out->copy_ == nullptr) return out->to_->error();
    return out;
}

page_copy::~page_copy() {
    if (copy_ != nullptr) sqlite3_backup_finish(copy_);
}

result<bool> page_copy::step(int pages) {
    const int rc = sqlite3_backup_step(copy_, pages);
    if (rc == SQLITE_OK) return false;
    const int end = sqlite3_backup_finish(copy_);
    copy_ = nullptr;
    if (rc == SQLITE_DONE && end == SQLITE_OK) return true;
    return fail(code_of(rc == SQLITE_DONE ? end : rc), {}, sqlite3_errstr(rc));
}

query::query(database& db, const char* text) : db_(db), statement_(db.prepared(text)) {
    failed_ = statement_ == nullptr;
    CAIRN_ASSERT(failed_ || sqlite3_stmt_busy(statement_) == 0, "a statement is in use twice");
}

query::~query() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    // Bound bytes are the caller's and may be gone by the next use.
    sqlite3_clear_bindings(statement_);
}

query& query::bind(std::int64_t v) {
    if (statement_ != nullptr) sqlite3_bind_int64(statement_, next_++, v);
    return *this;
}

query& query::bind_blob(bytes_view v) {
    if (statement_ == nullptr) return *this;
    // A null pointer would bind NULL, which is not the same as no bytes.
    const char* data = v.data() == nullptr ? "" : v.data();
    sqlite3_bind_blob64(statement_, next_++, data, v.size(), SQLITE_STATIC);
    return *this;
}

query& query::bind_text(std::string_view v) {
    if (statement_ == nullptr) return *this;
    const char* data = v.data() == nullptr ? "" : v.data();
    sqlite3_bind_text64(statement_, next_++, data, v.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

query& query::bind_null() {
    if (statement_ != nullptr) sqlite3_bind_null(statement_, next_++);
    return *this;
}

bool query::row() {
    if (failed_) return false;
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    failed_ = rc != SQLITE_DONE;
    return false;
}

status query::end() const {
    if (failed_) return db_.error();
    return {};
}

status query::run() {
    while (row()) {
    }
    CAIRN_TRY(end());
    sqlite3_reset(statement_);
    next_ = 1;
    return {};
}

std::int64_t query::i64(int column) const {
    return sqlite3_column_int64(statement_, column);
}
std::uint64_t query::u64(int column) const {
    return static_cast<std::uint64_t>(i64(column));
}

bytes_view query::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {static_cast<const char*>(data), data == nullptr ? 0 : size};
}

bool query::null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
bool query::is_text(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_TEXT;
}

} // namespace cairn::ledger::sql
