#include "ledger/schema.hpp"

#include <span>

namespace cairn::ledger {
namespace {

// Positions are year << 40 | index. Names are interned in `party`. What changes per delivery is a
// small row of integers; what is large is one row a record.
constexpr const char* ledger_tables = R"sql(
CREATE TABLE meta(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ledger BLOB NOT NULL,
  partnership TEXT NOT NULL,
  log_key BLOB NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE TABLE leaf(
  pos INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL,
  nodes BLOB NOT NULL
) STRICT;
CREATE TABLE checkpoint(
  pos INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  slot INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE record(
  pos INTEGER PRIMARY KEY,
  recorded_us INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  concern_kind INTEGER NOT NULL,
  parties BLOB NOT NULL,
  layout BLOB NOT NULL,
  id ANY,
  thread ANY,
  reply ANY,
  withdraws ANY,
  submission BLOB,
  body_mac BLOB,
  mac BLOB NOT NULL
) STRICT;
CREATE TABLE payload(
  pos INTEGER PRIMARY KEY,
  entries BLOB NOT NULL,
  parts BLOB NOT NULL
) STRICT;
CREATE TABLE delivery(
  desk INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  part INTEGER NOT NULL,
  state INTEGER NOT NULL,
  hidden INTEGER NOT NULL,
  due_us INTEGER NOT NULL,
  settled_us INTEGER NOT NULL,
  read_us INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  PRIMARY KEY (desk, pos)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_unread ON delivery(desk, due_us) WHERE read_us = 0;
CREATE TABLE concern(id ANY PRIMARY KEY, pos INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE submission(key BLOB PRIMARY KEY, pos INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lag(
  no INTEGER PRIMARY KEY,
  floor INTEGER NOT NULL,
  round INTEGER NOT NULL,
  next INTEGER NOT NULL
) STRICT;
CREATE TABLE reply(
  thread ANY NOT NULL,
  pos INTEGER NOT NULL,
  PRIMARY KEY (thread, pos)
) STRICT, WITHOUT ROWID;
CREATE TABLE party(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE agency(no INTEGER PRIMARY KEY, seq INTEGER NOT NULL, entry BLOB NOT NULL) STRICT;
CREATE TABLE desk(
  no INTEGER PRIMARY KEY,
  routed INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  low INTEGER NOT NULL
) STRICT;
CREATE TABLE registry(
  epoch INTEGER PRIMARY KEY,
  pos INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;
CREATE TABLE policy(pos INTEGER PRIMARY KEY, digest BLOB NOT NULL, text BLOB NOT NULL) STRICT;
CREATE TRIGGER leaf_stays BEFORE DELETE ON leaf
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaf_fixed BEFORE UPDATE ON leaf
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_stays BEFORE DELETE ON checkpoint
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_fixed BEFORE UPDATE ON checkpoint
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
)sql";

constexpr const char* keys_tables = R"sql(
CREATE TABLE meta(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ledger BLOB NOT NULL,
  proof BLOB NOT NULL
) STRICT;
CREATE TABLE made(no INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
CREATE TABLE slot(
  no INTEGER PRIMARY KEY,
  made INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT;
CREATE TABLE released(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  pos INTEGER NOT NULL,
  root BLOB NOT NULL
) STRICT;
)sql";

constexpr const char* ask_mmap = "PRAGMA mmap_size";

// One text to set and to ask: nothing is set that is not read back.
struct setting {
    const char* ask;
    const char* value;
};
using settings = std::span<const setting>;

// Of the file, fixed when it is made.
constexpr setting of_file[] = {
    {"PRAGMA page_size", "4096"},
    {"PRAGMA auto_vacuum", "0"},
};

// Per connection and both files. 2 is FULL of synchronous and MEMORY of temp_store. mmap would turn
// an I/O error into a signal.
constexpr setting common[] = {
    {"PRAGMA secure_delete", "1"},
    {"PRAGMA foreign_keys", "1"},
    {"PRAGMA trusted_schema", "0"},
    {"PRAGMA cell_size_check", "1"},
    {"PRAGMA temp_store", "2"},
    {ask_mmap, "0"},
    {"PRAGMA synchronous", "2"},
};

constexpr setting writer_settings[] = {
    {"PRAGMA journal_mode", "wal"},
    {"PRAGMA wal_autocheckpoint", "0"},
    {"PRAGMA journal_size_limit", "67108864"},
    {"PRAGMA cache_size", "-32768"},
};

constexpr setting reader_settings[] = {
    {"PRAGMA query_only", "1"},
    {"PRAGMA wal_autocheckpoint", "0"},
    {"PRAGMA cache_size", "-4096"},
};

// One connection holds keys.db for as long as it is open.
constexpr setting keys_settings[] = {
    {"PRAGMA locking_mode", "exclusive"},
    {"PRAGMA journal_mode", "truncate"},
    {"PRAGMA cache_size", "-1024"},
};

constexpr const char* ask_application = "PRAGMA application_id";
constexpr const char* ask_version = "PRAGMA user_version";

std::string name_of(const sql::file& f) {
    return f.path.substr(f.path.rfind('/') + 1);
}

failure at(const sql::file& f, failure why) {
    if (why.where.empty()) why.where = name_of(f);
    return why;
}

status check_owner(sql::database& db, std::int64_t application) {
    const auto id = db.number(ask_application);
    if (!id) return id.error();
    if (*id != application) {
        return fail(errc::storage_foreign, {}, "foreign: not made by this program");
    }
    const auto version = db.number(ask_version);
    if (!version) return version.error();
    if (*version > schema_version) {
        return fail(
            errc::storage_foreign,
            {},
            "newer: schema " + std::to_string(*version) + ", this program knows 1"
        );
    }
    if (*version != schema_version)
        return fail(errc::storage_foreign, {}, "foreign: no schema number");
    return {};
}

status set_all(sql::database& db, settings wanted) {
    for (const setting& s : wanted) {
        CAIRN_TRY(db.exec((std::string(s.ask) + " = " + s.value).c_str()));
    }
    return {};
}

// A setting that did not take would be noticed only after a power cut, an erasure or an attack.
status read_back(sql::database& db, settings wanted) {
    for (const setting& s : wanted) {
        sql::query q(db, s.ask);
        const bool answered = q.row();
        CAIRN_TRY(q.end());
        // A VFS that cannot map has no answer.
        if (!answered && s.ask == ask_mmap) continue;
        const std::string found = answered ? std::string(q.blob(0)) : "nothing";
        if (found == s.value) continue;
        return fail(
            errc::storage_failed,
            {},
            "SQLite did not take a setting: " + std::string(s.ask) + " is " + found + ", not " +
                s.value
        );
    }
    return {};
}

status settle(sql::database& db, settings own) {
    CAIRN_TRY(set_all(db, common));
    CAIRN_TRY(set_all(db, own));
    CAIRN_TRY(read_back(db, of_file));
    CAIRN_TRY(read_back(db, common));
    return read_back(db, own);
}

struct kind {
    std::int64_t application;
    const char* tables;
    settings own;
};
constexpr kind ledger_kind{ledger_application, ledger_tables, writer_settings};
constexpr kind keys_kind{keys_application, keys_tables, keys_settings};

result<std::unique_ptr<sql::database>> make(const sql::file& f, const kind& k) {
    if (sql::exists(f)) return fail(errc::storage_foreign, name_of(f), "there is a file already");
    auto db = sql::database::open(f, sql::access::create);
    if (!db) return at(f, db.error());
    const auto fill = [&]() -> status {
        CAIRN_TRY(set_all(**db, of_file));
        CAIRN_TRY(settle(**db, k.own));
        CAIRN_TRY((*db)->exec("BEGIN IMMEDIATE"));
        CAIRN_TRY((*db)->exec(k.tables));
        const std::string marks = "PRAGMA application_id = " + std::to_string(k.application) +
                                  "; PRAGMA user_version = " + std::to_string(schema_version);
        CAIRN_TRY((*db)->exec(marks.c_str()));
        return (*db)->exec("COMMIT");
    };
    if (const status ok = fill(); !ok) return at(f, ok.error());
    (*db)->count_wal();
    return db;
}

result<std::unique_ptr<sql::database>> take(const sql::file& f, const kind& k) {
    auto db = sql::database::open(f, sql::access::read_write);
    if (!db) return at(f, db.error());
    // Looked at before anything is set: a foreign file must not be changed by us.
    if (const status ok = check_owner(**db, k.application); !ok) return at(f, ok.error());
    if (const status ok = settle(**db, k.own); !ok) return at(f, ok.error());
    (*db)->count_wal();
    return db;
}

} // namespace

sql::file ledger_file(const std::string& folder, const std::string& vfs) {
    return {folder + "/ledger.db", vfs};
}
sql::file keys_file(const std::string& folder, const std::string& vfs) {
    return {folder + "/keys.db", vfs};
}

result<std::unique_ptr<sql::database>> create_ledger_file(const sql::file& f) {
    return make(f, ledger_kind);
}
result<std::unique_ptr<sql::database>> create_keys_file(const sql::file& f) {
    return make(f, keys_kind);
}
result<std::unique_ptr<sql::database>> open_writer(const sql::file& f) {
    return take(f, ledger_kind);
}
result<std::unique_ptr<sql::database>> open_keys(const sql::file& f) {
    return take(f, keys_kind);
}

result<std::unique_ptr<sql::database>> open_reader(const sql::file& f) {
    auto db = sql::database::open(f, sql::access::read_only);
    if (!db) return at(f, db.error());
    (*db)->leave_log_alone();
    if (const status ok = settle(**db, reader_settings); !ok) return at(f, ok.error());
    return db;
}

} // namespace cairn::ledger
