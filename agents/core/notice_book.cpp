#include "agents/core/notice_book.hpp"

#include "agents/core/sqlite_file.hpp"

namespace cairn::agents {
namespace {

// "Cagb".
constexpr int application_id = 0x43616762;
constexpr int schema_version = 1;

constexpr const char* schema =
    "BEGIN EXCLUSIVE;"
    "CREATE TABLE IF NOT EXISTS notice("
    " desk TEXT NOT NULL, position INTEGER NOT NULL, concern_id TEXT NOT NULL,"
    " thread TEXT NOT NULL, stored_us INTEGER NOT NULL, recalled INTEGER NOT NULL, acknowledged_us "
    "INTEGER NOT NULL,"
    " PRIMARY KEY(desk, position)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS notice_concern ON notice(concern_id);"
    "CREATE TABLE IF NOT EXISTS event("
    " n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, desk TEXT NOT NULL,"
    " position INTEGER NOT NULL, concern_id TEXT NOT NULL, at_us INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, due_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS event_due ON event(due_us);"
    "PRAGMA application_id=1130456930;"
    "PRAGMA user_version=1;"
    "COMMIT;";
static_assert(application_id == 1130456930);

constexpr const char* notice_columns = "SELECT desk, position, concern_id, thread, stored_us, "
                                       "recalled, acknowledged_us FROM notice WHERE ";

std::uint64_t us(wall_time t) {
    return static_cast<std::uint64_t>(to_us(t));
}

wall_time at(std::uint64_t us) {
    return from_us(static_cast<std::int64_t>(us));
}

noted_notice notice_of(const statement& s) {
    noted_notice n{
        s.column(0),
        s.integer(1),
        s.column(2),
        s.column(3),
        at(s.integer(4)),
        s.integer(5) != 0,
        {}};
    if (s.integer(6) != 0) n.acknowledged = at(s.integer(6));
    return n;
}

class sqlite_book final : public notice_book {
public:
    explicit sqlite_book(sqlite_handle db) : db_(std::move(db)) {}

    status note(const noted_notice& n, const std::optional<notice_event>& event) override {
        return in_transaction(db_.get(), [&]() -> status {
            const auto known = find(n.desk, n.position);
            if (!known) return known.error();
            if (*known) return {};
            statement s(db_.get(), "INSERT INTO notice VALUES(?, ?, ?, ?, ?, 0, 0)");
            CAIRN_TRY(s.text(n.desk)
                          .number(n.position)
                          .text(n.concern_id)
                          .text(n.thread)
                          .number(us(n.stored))
                          .run());
            return add(event);
        });
    }

    result<std::optional<noted_notice>>
    find(std::string_view desk, std::uint64_t position) override {
        const auto sql = std::string(notice_columns) + "desk = ? AND position = ?";
        statement s(db_.get(), sql.c_str());
        const auto row = s.text(desk).number(position).next();
        if (!row) return row.error();
        return *row ? std::optional(notice_of(s)) : std::nullopt;
    }

    result<std::vector<noted_notice>>
    of_concern(std::string_view desk, std::string_view concern_id) override {
        const auto sql =
            std::string(notice_columns) + "concern_id = ? AND desk = ? ORDER BY position";
        statement s(db_.get(), sql.c_str());
        s.text(concern_id).text(desk);
        std::vector<noted_notice> out;
        for (;;) {
            const auto row = s.next();
            if (!row) return row.error();
            if (!*row) return out;
            out.push_back(notice_of(s));
        }
    }

    status mark_recalled(
        std::string_view desk, std::uint64_t position, const std::optional<notice_event>& event
    ) override {
        return in_transaction(db_.get(), [&]() -> status {
            const auto known = find(desk, position);
            if (!known) return known.error();
            if (!*known || (*known)->recalled) return {};
            statement s(
                db_.get(), "UPDATE notice SET recalled = 1 WHERE desk = ? AND position = ?"
            );
            CAIRN_TRY(s.text(desk).number(position).run());
            return add(event);
        });
    }

    status mark_acknowledged(std::string_view concern_id, wall_time when) override {
        statement s(
            db_.get(),
            "UPDATE notice SET acknowledged_us = ? WHERE concern_id = ? AND acknowledged_us = 0"
        );
        return s.number(us(when)).text(concern_id).run();
    }

    result<std::vector<notice_event>> due_events(wall_time now, std::size_t most) override {
        statement s(
            db_.get(),
            "SELECT id, type, desk, position, concern_id, at_us, tries FROM event"
            " WHERE due_us <= ? ORDER BY n LIMIT ?"
        );
        s.number(us(now)).number(most);
        std::vector<notice_event> out;
        for (;;) {
            const auto row = s.next();
            if (!row) return row.error();
            if (!*row) return out;
            out.push_back(
                {s.column(0),
                 s.column(1),
                 s.column(2),
                 s.integer(3),
                 s.column(4),
                 at(s.integer(5)),
                 static_cast<std::uint32_t>(s.integer(6))}
            );
        }
    }

    status event_taken(std::string_view id) override {
        statement s(db_.get(), "DELETE FROM event WHERE id = ?");
        return s.text(id).run();
    }

    status event_failed(std::string_view id, wall_time again) override {
        statement s(db_.get(), "UPDATE event SET tries = tries + 1, due_us = ? WHERE id = ?");
        return s.number(us(again)).text(id).run();
    }

    result<std::size_t> events_waiting() override {
        statement s(db_.get(), "SELECT count(*) FROM event");
        const auto row = s.next();
        if (!row) return row.error();
        return static_cast<std::size_t>(s.integer(0));
    }

    status forget_before(wall_time t) override {
        statement s(
            db_.get(),
            "DELETE FROM notice WHERE stored_us < ? AND NOT EXISTS(SELECT 1 FROM event WHERE"
            " event.desk = notice.desk AND event.position = notice.position)"
        );
        return s.number(us(t)).run();
    }

private:
    status add(const std::optional<notice_event>& e) {
        if (!e) return {};
        statement s(db_.get(), "INSERT INTO event VALUES(NULL, ?, ?, ?, ?, ?, ?, 0, 0)");
        return s.text(e->id)
            .text(e->type)
            .text(e->desk)
            .number(e->position)
            .text(e->concern_id)
            .number(us(e->at))
            .run();
    }

    sqlite_handle db_;
};

} // namespace

result<std::unique_ptr<notice_book>> open_notice_book(const std::string& path) {
    auto db = open_sqlite_file(path, {application_id, schema_version, schema, "notices"});
    if (!db) return db.error();
    return std::unique_ptr<notice_book>(std::make_unique<sqlite_book>(std::move(*db)));
}

} // namespace cairn::agents
