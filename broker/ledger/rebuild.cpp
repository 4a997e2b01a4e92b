// What an administrator does with a ledger nobody has open: verify it, write its state anew.
#include "ledger/batch.hpp"
#include "ledger/files.hpp"
#include "ledger/replay.hpp"
#include "ledger/schema.hpp"
#include "ledger/verify.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* clear_all = "DELETE FROM delivery; DELETE FROM desk; DELETE FROM concern;"
                                  " DELETE FROM submission; DELETE FROM lag; DELETE FROM reply;"
                                  " DELETE FROM agency; DELETE FROM policy";
constexpr const char* put_delivery =
    "INSERT INTO delivery(desk, pos, part, state, hidden, due_us, settled_us, read_us, reason)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* put_desk =
    "INSERT INTO desk(no, routed, confirmed, returned, withdrawn, expired, low)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* put_concern = "INSERT INTO concern(id, pos) VALUES (?, ?)";
constexpr const char* put_submission = "INSERT INTO submission(key, pos) VALUES (?, ?)";
constexpr const char* put_lag = "INSERT INTO lag(no, floor, round, next) VALUES (?, ?, ?, 0)";
constexpr const char* put_reply = "INSERT INTO reply(thread, pos) VALUES (?, ?)";
constexpr const char* put_agency = "INSERT INTO agency(no, seq, entry) VALUES (?, ?, ?)";
constexpr const char* put_policy = "INSERT INTO policy(pos, digest, text) VALUES (?, ?, ?)";

status write_deliveries(sql::database& db, const replayed& made) {
    sql::query q(db, put_delivery);
    for (const auto& [at, d] : made.deliveries) {
        q.bind(at.first).bind(at.second).bind(d.part).bind(static_cast<int>(d.state));
        q.bind(d.hidden ? 1 : 0).bind(d.due_us).bind(d.settled_us).bind(d.read_us);
        CAIRN_TRY(q.bind(d.reason).run());
    }
    sql::query s(db, put_desk);
    for (const auto& [no, d] : made.desks) {
        s.bind(no).bind(d.routed).bind(d.confirmed).bind(d.returned).bind(d.withdrawn);
        CAIRN_TRY(s.bind(d.expired).bind(d.low).run());
    }
    return {};
}

// Whole, so that nothing needs to be read from `record` at the next start.
status write_indexes(sql::database& db, const replayed& made) {
    sql::query c(db, put_concern);
    for (const auto& [id, pos] : made.concerns) {
        const stored_id stored(id);
        stored.bind(c);
        CAIRN_TRY(c.bind(pos).run());
    }
    sql::query s(db, put_submission);
    for (const auto& [key, pos] : made.submissions) CAIRN_TRY(s.bind_blob(key).bind(pos).run());
    sql::query l(db, put_lag);
    for (const int no : {1, 2}) CAIRN_TRY(l.bind(no).bind(made.end).bind(made.end).run());
    sql::query r(db, put_reply);
    for (const auto& [thread, pos] : made.replies) {
        const stored_id stored(thread);
        stored.bind(r);
        CAIRN_TRY(r.bind(pos).run());
    }
    return {};
}

status write_tables(sql::database& db, const replayed& made) {
    CAIRN_TRY(db.exec(clear_all));
    CAIRN_TRY(write_deliveries(db, made));
    CAIRN_TRY(write_indexes(db, made));
    sql::query a(db, put_agency);
    for (const auto& [no, head] : made.agencies) {
        CAIRN_TRY(a.bind(no).bind(head.seq).bind_blob(view(head.entry)).run());
    }
    sql::query p(db, put_policy);
    for (const auto& [pos, row] : made.policies) {
        CAIRN_TRY(p.bind(pos).bind_blob(view(row.text_digest)).bind_blob(row.text).run());
    }
    return {};
}

} // namespace

result<verified_counts> verify_folder(const options& o, random_source& random) {
    auto f = open_files(o, random, false);
    if (!f) return f.error();
    const ed25519_public log_key = public_of(o.log_key);
    auto found = verify_ledger(*f->db, *f->keys, o.partnership, log_key);
    if (!found) return found.error();
    const auto state = load_state(*f->db, o.partnership, log_key);
    if (!state) return state.error();
    CAIRN_TRY(check_released(*f->db, *state, *f->keys));
    CAIRN_TRY(compare_state(*f->db, *f->keys));
    return found;
}

result<verified_counts> rebuild_state(const options& o, random_source& random) {
    auto f = open_files(o, random, true);
    if (!f) return f.error();
    const ed25519_public log_key = public_of(o.log_key);
    auto found = verify_records(*f->db, *f->keys, o.partnership, log_key);
    if (!found) return found.error();
    const auto made = replay(*f->db, *f->keys);
    if (!made) return made.error();
    CAIRN_TRY(f->db->exec("BEGIN IMMEDIATE"));
    status ok = write_tables(*f->db, *made);
    if (ok) ok = f->db->exec("COMMIT");
    if (!ok) {
        if (!f->db->idle()) (void) f->db->exec("ROLLBACK");
        return ok.error();
    }
    CAIRN_TRY(compare_state(*f->db, *f->keys));
    return found;
}

} // namespace cairn::ledger
