#include "agents/core/outbox.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace cairn::agents {
namespace {

// "Cagn": tells our file from any other SQLite file.
constexpr int application_id = 0x4361676e;
constexpr int schema_version = 1;

// EXTRA rather than FULL: in DELETE mode FULL leaves the journal's unlink unsynced, and a commit
// could come undone after the dropped file is gone. Content that is taken away is overwritten.
constexpr const char* settings = "PRAGMA locking_mode=EXCLUSIVE;"
                                 "PRAGMA journal_mode=DELETE;"
                                 "PRAGMA synchronous=EXTRA;"
                                 "PRAGMA secure_delete=ON;"
                                 "PRAGMA temp_store=MEMORY;";

constexpr const char* schema =
    "BEGIN EXCLUSIVE;"
    "CREATE TABLE IF NOT EXISTS submission("
    " n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, request BLOB NOT NULL,"
    " request_digest BLOB NOT NULL, source TEXT NOT NULL, state INTEGER NOT NULL,"
    " answer BLOB NOT NULL, filed INTEGER NOT NULL, source_removed INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS submission_open ON submission(state, filed);"
    "CREATE INDEX IF NOT EXISTS submission_source ON submission(source) WHERE source_removed = 0;"
    "CREATE TABLE IF NOT EXISTS desk_cursor("
    " desk TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS owed_confirm("
    " desk TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(desk, position))"
    " STRICT, WITHOUT ROWID;"
    "PRAGMA application_id=1130456942;"
    "PRAGMA user_version=1;"
    "COMMIT;";
static_assert(application_id == 1130456942);

failure failed(int code, sqlite3* db) {
    const std::string detail = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(errc::storage_in_use, "journal", detail);
    case SQLITE_FULL:
        return fail(errc::storage_full, "journal", detail);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail(errc::storage_read_only, "journal", detail);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fail(errc::storage_foreign, "journal", detail);
    default:
        return fail(errc::storage_failed, "journal", detail);
    }
}

struct closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};

// One prepared statement run once; the few rows a second of an agent need no cache.
class statement {
public:
    statement(sqlite3* db, const char* sql) : db_(db) {
        sqlite3_stmt* raw = nullptr;
        code_ = sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
        statement_.reset(raw);
    }
    statement& text(std::string_view v) {
        if (code_ == SQLITE_OK)
            code_ = sqlite3_bind_text(
                statement_.get(), ++bound_, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT
            );
        return *this;
    }
    statement& blob(bytes_view v) {
        // A null pointer would bind NULL.
        const char* data = v.empty() ? "" : v.data();
        if (code_ == SQLITE_OK)
            code_ = sqlite3_bind_blob(
                statement_.get(), ++bound_, data, static_cast<int>(v.size()), SQLITE_TRANSIENT
            );
        return *this;
    }
    statement& number(std::uint64_t v) {
        if (code_ == SQLITE_OK)
            code_ = sqlite3_bind_int64(statement_.get(), ++bound_, static_cast<sqlite3_int64>(v));
        return *this;
    }
    // True: a row is there.
    result<bool> next() {
        if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_.get());
        if (code_ == SQLITE_ROW) return true;
        if (code_ == SQLITE_DONE) return false;
        return failed(code_, db_);
    }
    status run() {
        const auto r = next();
        if (!r) return r.error();
        return {};
    }
    [[nodiscard]] bytes column(int i) const {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), i));
        return data == nullptr ? bytes{} : bytes(data, size);
    }
    [[nodiscard]] std::uint64_t integer(int i) const {
        return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), i));
    }

private:
    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, closer> statement_;
    int code_ = SQLITE_OK;
    int bound_ = 0;
};

class sqlite_outbox final : public outbox_store {
public:
    explicit sqlite_outbox(std::unique_ptr<sqlite3, closer> db) : db_(std::move(db)) {}

    status append(const std::vector<submission>& rows) override {
        return in_transaction([&]() -> status {
            for (const auto& row : rows) CAIRN_TRY(append_one(row));
            return {};
        });
    }

    result<std::vector<std::string>> queued() override {
        return keys("SELECT key FROM submission WHERE state = 0 ORDER BY n");
    }

    result<submission> find(std::string_view key) override {
        statement s(
            db_.get(), "SELECT key, request, source, state, answer FROM submission WHERE key = ?"
        );
        const auto row = s.text(key).next();
        if (!row) return row.error();
        if (!*row) return fail(errc::not_found, "key");
        return submission{
            s.column(0),
            s.column(1),
            s.column(2),
            static_cast<submission_state>(s.integer(3)),
            s.column(4)};
    }

    status settle(std::string_view key, submission_state state, bytes_view answer) override {
        statement s(db_.get(), "UPDATE submission SET state = ?, answer = ? WHERE key = ?");
        s.number(static_cast<std::uint64_t>(state)).blob(answer).text(key);
        return s.run();
    }

    result<std::vector<std::string>> unfiled() override {
        return keys("SELECT key FROM submission WHERE state > 0 AND filed = 0 ORDER BY n");
    }

    status mark_filed(std::string_view key) override {
        statement s(
            db_.get(), "UPDATE submission SET filed = 1, request = ?, answer = ? WHERE key = ?"
        );
        return s.blob({}).blob({}).text(key).run();
    }

    result<bool> source_journaled(std::string_view source) override {
        statement s(
            db_.get(), "SELECT 1 FROM submission WHERE source = ? AND source_removed = 0 LIMIT 1"
        );
        return s.text(source).next();
    }

    status mark_source_removed(std::string_view source) override {
        statement s(
            db_.get(),
            "UPDATE submission SET source_removed = 1 WHERE source = ? AND source_removed = 0"
        );
        return s.text(source).run();
    }

    result<std::uint64_t> last_stored(std::string_view desk) override {
        statement s(db_.get(), "SELECT position FROM desk_cursor WHERE desk = ?");
        const auto row = s.text(desk).next();
        if (!row) return row.error();
        return *row ? s.integer(0) : 0;
    }

    status mark_stored(std::string_view desk, std::uint64_t position, bool owes) override {
        return in_transaction([&]() -> status {
            statement cursor(
                db_.get(),
                "INSERT INTO desk_cursor(desk, position) VALUES(?, ?) ON CONFLICT(desk) DO UPDATE"
                " SET position = max(position, excluded.position)"
            );
            CAIRN_TRY(cursor.text(desk).number(position).run());
            statement owed(
                db_.get(),
                owes ? "INSERT OR IGNORE INTO owed_confirm(desk, position) VALUES(?, ?)"
                     : "DELETE FROM owed_confirm WHERE desk = ? AND position = ?"
            );
            return owed.text(desk).number(position).run();
        });
    }

    result<std::vector<std::uint64_t>> unconfirmed(std::string_view desk) override {
        statement s(
            db_.get(), "SELECT position FROM owed_confirm WHERE desk = ? ORDER BY position"
        );
        s.text(desk);
        std::vector<std::uint64_t> out;
        for (;;) {
            const auto row = s.next();
            if (!row) return row.error();
            if (!*row) return out;
            out.push_back(s.integer(0));
        }
    }

    status
    mark_confirmed(std::string_view desk, const std::vector<std::uint64_t>& positions) override {
        return in_transaction([&]() -> status {
            for (const auto p : positions) {
                statement s(db_.get(), "DELETE FROM owed_confirm WHERE desk = ? AND position = ?");
                CAIRN_TRY(s.text(desk).number(p).run());
            }
            return {};
        });
    }

private:
    status append_one(const submission& row) {
        const auto request_digest = sha256(row.request);
        statement known(db_.get(), "SELECT request_digest FROM submission WHERE key = ?");
        const auto there = known.text(row.key).next();
        if (!there) return there.error();
        if (*there) {
            if (known.column(0) == view(request_digest)) return {};
            return fail(errc::key_reused, "key");
        }
        statement s(
            db_.get(),
            "INSERT INTO submission(key, request, request_digest, source, state, answer, filed,"
            " source_removed) VALUES(?, ?, ?, ?, 0, ?, 0, 0)"
        );
        s.text(row.key).blob(row.request).blob(view(request_digest)).text(row.source).blob({});
        return s.run();
    }

    template <class Work>
    status in_transaction(Work work) {
        CAIRN_TRY(statement(db_.get(), "BEGIN IMMEDIATE").run());
        auto done = work();
        if (done) done = statement(db_.get(), "COMMIT").run();
        // A failed commit may have ended the transaction already; then this does nothing.
        if (!done && sqlite3_get_autocommit(db_.get()) == 0)
            sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        return done;
    }

    result<std::vector<std::string>> keys(const char* sql) {
        statement s(db_.get(), sql);
        std::vector<std::string> out;
        for (;;) {
            const auto row = s.next();
            if (!row) return row.error();
            if (!*row) return out;
            out.push_back(s.column(0));
        }
    }

    std::unique_ptr<sqlite3, closer> db_;
};

result<std::uint64_t> pragma(sqlite3* db, const char* sql) {
    statement s(db, sql);
    const auto row = s.next();
    if (!row) return row.error();
    return *row ? s.integer(0) : 0;
}

// An empty file is ours to fill; anything else must say that it is a journal of this version.
status check_owner(sqlite3* db) {
    const auto tables = pragma(db, "SELECT count(*) FROM sqlite_master");
    if (!tables) return tables.error();
    if (*tables == 0) return {};
    const auto id = pragma(db, "PRAGMA application_id");
    if (!id) return id.error();
    const auto version = pragma(db, "PRAGMA user_version");
    if (!version) return version.error();
    if (*id != application_id) return fail(errc::storage_foreign, "journal");
    if (*version != schema_version) return fail(errc::storage_foreign, "journal", "other version");
    return {};
}

// By us, before SQLite: it would take the umask's mode, and its journal copies the file's.
status make_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fail(errc::storage_read_only, "journal", "errno " + std::to_string(errno));
    ::close(fd);
    return {};
}

} // namespace

result<std::unique_ptr<outbox_store>>
open_sqlite_outbox(const std::string& path, const std::string& vfs) {
    if (vfs.empty()) CAIRN_TRY(make_file(path));
    const int how = SQLITE_OPEN_READWRITE | (vfs.empty() ? 0 : SQLITE_OPEN_CREATE);
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, how, vfs.empty() ? nullptr : vfs.c_str());
    std::unique_ptr<sqlite3, closer> db(raw);
    if (code != SQLITE_OK) return failed(code, db.get());
    for (const char* sql : {settings, schema}) {
        if (sql == schema) CAIRN_TRY(check_owner(db.get()));
        const int ran = sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr);
        if (ran != SQLITE_OK) return failed(ran, db.get());
    }
    return std::unique_ptr<outbox_store>(std::make_unique<sqlite_outbox>(std::move(db)));
}

} // namespace cairn::agents
