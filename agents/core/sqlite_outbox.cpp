#include "agents/core/outbox.hpp"

#include "agents/core/sqlite_file.hpp"
#include "core/crypto.hpp"

namespace cairn::agents {
namespace {

// "Cagn": tells our file from any other SQLite file.
constexpr int application_id = 0x4361676e;
constexpr int schema_version = 1;

constexpr const char* schema =
    "BEGIN EXCLUSIVE;"
    "CREATE TABLE IF NOT EXISTS submission("
    " n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, request BLOB NOT NULL,"
    " request_digest BLOB NOT NULL, source TEXT NOT NULL, state INTEGER NOT NULL,"
    " answer BLOB NOT NULL, filed INTEGER NOT NULL, source_removed INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS submission_open ON submission(state, filed);"
    "CREATE INDEX IF NOT EXISTS submission_source ON submission(source) WHERE source_removed = 0;"
    "CREATE INDEX IF NOT EXISTS submission_by_source ON submission(source);"
    "CREATE TABLE IF NOT EXISTS desk_cursor("
    " desk TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS owed_confirm("
    " desk TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(desk, position))"
    " STRICT, WITHOUT ROWID;"
    "PRAGMA application_id=1130456942;"
    "PRAGMA user_version=1;"
    "COMMIT;";
static_assert(application_id == 1130456942);

class sqlite_outbox final : public outbox_store {
public:
    explicit sqlite_outbox(sqlite_handle db) : db_(std::move(db)) {}

    status append_each(const row_source& rows) override {
        return in_transaction([&] {
            return rows([this](const submission& row) { return append_one(row); });
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

    status settle(const std::vector<settlement>& all) override {
        return in_transaction([&]() -> status {
            for (const auto& one : all) {
                statement s(db_.get(), "UPDATE submission SET state = ?, answer = ? WHERE key = ?");
                s.number(static_cast<std::uint64_t>(one.state)).blob(one.answer).text(one.key);
                CAIRN_TRY(s.run());
            }
            return {};
        });
    }

    result<std::vector<std::string>> unfiled() override {
        return keys("SELECT key FROM submission WHERE state > 0 AND filed = 0 ORDER BY n");
    }

    status mark_filed(const std::vector<std::string>& all) override {
        return in_transaction([&]() -> status {
            for (const auto& key : all) {
                statement s(
                    db_.get(),
                    "UPDATE submission SET filed = 1, request = ?, answer = ? WHERE key = ?"
                );
                CAIRN_TRY(s.blob({}).blob({}).text(key).run());
            }
            return {};
        });
    }

    result<bool> source_journaled(std::string_view source) override {
        statement s(
            db_.get(), "SELECT 1 FROM submission WHERE source = ? AND source_removed = 0 LIMIT 1"
        );
        return s.text(source).next();
    }

    result<std::optional<std::string>> taken_as(std::string_view source) override {
        return first(
            "SELECT key FROM submission WHERE source = ? AND state < 2 ORDER BY n LIMIT 1", source
        );
    }

    result<std::optional<std::string>> oldest_queued() override {
        return first("SELECT key FROM submission WHERE state = ? ORDER BY n LIMIT 1", {});
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
        return agents::in_transaction(db_.get(), work);
    }

    // `text` empty: the state "queued".
    result<std::optional<std::string>> first(const char* sql, std::string_view text) {
        statement s(db_.get(), sql);
        const auto row = text.empty() ? s.number(0).next() : s.text(text).next();
        if (!row) return row.error();
        return *row ? std::optional(s.column(0)) : std::nullopt;
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

    sqlite_handle db_;
};

} // namespace

result<std::unique_ptr<outbox_store>>
open_sqlite_outbox(const std::string& path, const std::string& vfs) {
    auto db = open_sqlite_file(path, {application_id, schema_version, schema, "journal"}, vfs);
    if (!db) return db.error();
    return std::unique_ptr<outbox_store>(std::make_unique<sqlite_outbox>(std::move(*db)));
}

} // namespace cairn::agents
