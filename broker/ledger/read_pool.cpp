#include "ledger/read_pool.hpp"

#include "core/limits.hpp"
#include "ledger/effects.hpp"
#include "ledger/proofs.hpp"
#include "ledger/schema.hpp"
#include "ledger/stored.hpp"
#include "ledger/verify.hpp"

namespace cairn::ledger {
namespace {

constexpr std::size_t connections = 2;

constexpr const char* begin = "BEGIN";
constexpr const char* end = "COMMIT";
constexpr const char* ask_desk =
    "SELECT p.no, d.low FROM party p JOIN desk d ON d.no = p.no WHERE p.name = ?";
constexpr const char* ask_pending =
    "SELECT d.pos, d.part, d.state, d.due_us, r.recorded_us, r.slot, r.layout, r.id, p.parts"
    " FROM delivery d CROSS JOIN record r ON r.pos = d.pos CROSS JOIN payload p ON p.pos = d.pos"
    " WHERE d.desk = ? AND d.pos >= ? AND d.state = 1 ORDER BY d.pos LIMIT ?";
constexpr const char* ask_notice =
    "SELECT d.pos, d.part, d.state, d.due_us, r.recorded_us, r.slot, r.layout, r.id, p.parts"
    " FROM delivery d CROSS JOIN record r ON r.pos = d.pos LEFT JOIN payload p ON p.pos = d.pos"
    " WHERE d.desk = ? AND d.pos = ?";
constexpr const char* ask_name = "SELECT name FROM party WHERE no = ?";
constexpr const char* ask_delivery =
    "SELECT state, hidden, settled_us, read_us, due_us, reason FROM delivery"
    " WHERE desk = ? AND pos = ?";
constexpr const char* ask_counts =
    "SELECT d.no, p.name, d.routed, d.confirmed, d.returned, d.withdrawn, d.expired, d.low"
    " FROM desk d JOIN party p ON p.no = d.no ORDER BY p.name";
constexpr const char* ask_waiting =
    "SELECT count(*), min(d.pos) FROM delivery d WHERE d.desk = ? AND d.pos >= ? AND d.state = 1";
constexpr const char* ask_recorded = "SELECT recorded_us FROM record WHERE pos = ?";
constexpr const char* ask_overdue =
    "SELECT count(*) FROM delivery INDEXED BY delivery_unread"
    " WHERE desk = ? AND due_us < ? AND read_us = 0 AND state IN (1, 2)";
constexpr const char* ask_registry = "SELECT slot, state FROM registry ORDER BY epoch DESC LIMIT 1";
constexpr const char* ask_policy =
    "SELECT text FROM policy WHERE digest = ? AND length(text) > 0 ORDER BY pos DESC LIMIT 1";
constexpr const char* ask_latest_policy =
    "SELECT digest FROM policy WHERE length(text) > 0 ORDER BY pos DESC LIMIT 1";
constexpr const char* ask_policy_records =
    "SELECT pos FROM policy WHERE NOT ? OR length(text) > 0 ORDER BY pos DESC LIMIT ?";
constexpr const char* ask_leaves =
    "SELECT leaf FROM leaf WHERE pos >= ? AND pos < ? ORDER BY pos LIMIT ?";

result<std::string> name_at(sql::database& db, std::uint32_t no) {
    sql::query q(db, ask_name);
    if (q.bind(no).row()) return std::string(q.blob(0));
    CAIRN_TRY(q.end());
    return fail(errc::log_damaged, "party", "a number without a name");
}

} // namespace

read_pool::loan::loan(read_pool& pool, bool bounded) : pool_(pool) {
    {
        std::unique_lock lock(pool_.mutex_);
        pool_.returned_.wait(lock, [this] { return !pool_.free_.empty(); });
        db_ = std::move(pool_.free_.back());
        pool_.free_.pop_back();
    }
    if (bounded) db_->limit(pool_.time_, limits::query_time);
    begun_ = db_->exec(begin);
}

read_pool::loan::~loan() {
    db_->no_limit();
    if (!db_->idle()) (void) db_->exec(end);
    {
        const std::lock_guard lock(pool_.mutex_);
        pool_.free_.push_back(std::move(db_));
    }
    pool_.returned_.notify_one();
}

result<std::unique_ptr<read_pool>>
read_pool::open(reader_setup setup, const clock& time, key_store& keys, const lookups& index) {
    std::unique_ptr<read_pool> out(new read_pool(std::move(setup), time, keys, index));
    for (std::size_t i = 0; i < connections; ++i) {
        auto db = open_reader(out->setup_.file);
        if (!db) return db.error();
        out->free_.push_back(std::move(*db));
    }
    return out;
}

// Of a row as ask_pending gives it.
result<stored_notice> read_pool::read_notice(const sql::query& q) {
    stored_notice out;
    out.position = q.u64(0);
    out.state = static_cast<notice_state>(q.i64(2));
    out.acknowledge_by_us = q.i64(3);
    out.recorded_at_us = q.i64(4);
    out.concern_id = read_id(q, 7);
    if (q.null(8)) return fail(errc::erased);
    const auto part = static_cast<std::uint32_t>(q.i64(1));
    const auto places = decode_layout(q.blob(6));
    if (!places || part == 0 || part > places->notices.size()) {
        return fail(errc::log_damaged, name_of({out.position}), "layout");
    }
    std::size_t from = places->body;
    for (std::uint32_t i = 1; i < part; ++i) from += places->notices[i - 1].size;
    const bytes_view parts = q.blob(8);
    if (from > parts.size()) return fail(errc::log_damaged, name_of({out.position}), "payload");
    auto key = keys_.key_of(q.u64(5));
    if (!key) return key.error();
    auto plain = open_part(*key, part, parts.substr(from, places->notices[part - 1].size));
    wipe(key->key);
    if (!plain) return fail(plain.error().code, name_of({out.position}), "notice");
    out.notice = std::move(*plain);
    return out;
}

result<std::vector<stored_notice>> read_pool::pending(
    std::string_view desk, std::uint64_t after, std::uint32_t max, std::size_t max_bytes
) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    std::vector<stored_notice> out;
    sql::query d(l.db(), ask_desk);
    if (!d.bind_text(desk).row()) {
        CAIRN_TRY(d.end());
        return out;
    }
    sql::query q(l.db(), ask_pending);
    q.bind(d.i64(0)).bind(std::max(after + 1, d.u64(1))).bind(max);
    std::size_t bytes = 0;
    while (q.row()) {
        auto n = read_notice(q);
        if (!n) return n.error();
        bytes += n->notice.size();
        out.push_back(std::move(*n));
        if (bytes >= max_bytes) return out;
    }
    CAIRN_TRY(q.end());
    return out;
}

result<stored_notice> read_pool::notice(std::string_view desk, std::uint64_t position) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    sql::query d(l.db(), ask_desk);
    if (!d.bind_text(desk).row()) {
        CAIRN_TRY(d.end());
        return fail(errc::unknown_position);
    }
    sql::query q(l.db(), ask_notice);
    if (!q.bind(d.i64(0)).bind(position).row()) {
        CAIRN_TRY(q.end());
        return fail(errc::unknown_position);
    }
    return read_notice(q);
}

result<concern_state> read_pool::concern(std::string_view concern_id) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    const auto found = find_concern(l.db(), index_, concern_id);
    if (!found) return found.error();
    if (*found == 0) return fail(errc::not_found);
    const position at{*found};
    const auto r = read_record(l.db(), at);
    if (!r) return r.error();
    concern_state out;
    out.at = at;
    out.concern_id = r->id;
    out.thread = r->thread;
    out.kind = r->concern_kind;
    out.in_reply_to = r->reply;
    out.recorded_at_us = r->recorded_us;
    auto sender = name_at(l.db(), r->sender);
    if (!sender) return sender.error();
    out.sender = std::move(*sender);
    for (const notice_place& n : r->places.notices) {
        auto desk = name_at(l.db(), n.desk);
        if (!desk) return desk.error();
        sql::query q(l.db(), ask_delivery);
        if (!q.bind(n.desk).bind(at.value).row()) {
            CAIRN_TRY(q.end());
            return fail(errc::log_damaged, name_of(at), "a notice without its delivery");
        }
        out.desks.push_back(
            {std::move(*desk),
             static_cast<notice_state>(q.i64(0)),
             q.i64(1) != 0,
             q.i64(2),
             q.i64(3),
             q.i64(4),
             static_cast<std::uint32_t>(q.i64(5))}
        );
    }
    return out;
}

result<bytes> read_pool::body(position at) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    const auto r = read_record(l.db(), at);
    if (!r) return r.error();
    auto opened = open_body(keys_, *r);
    if (!opened) return opened.error();
    wipe(opened->seed);
    return std::move(opened->body);
}

result<std::string> read_pool::proof(position at, std::string_view party) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    return make_receipt(l.db(), keys_, at, party);
}

result<std::vector<desk_counts>> read_pool::counts(std::int64_t now_us) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    std::vector<desk_counts> out;
    sql::query q(l.db(), ask_counts);
    while (q.row()) {
        const std::int64_t no = q.i64(0);
        desk_counts c;
        c.desk = q.blob(1);
        c.routed = q.u64(2);
        c.confirmed = q.u64(3);
        c.returned = q.u64(4);
        c.withdrawn = q.u64(5);
        c.expired = q.u64(6);
        sql::query w(l.db(), ask_waiting);
        // Counted, not subtracted: the conservation sum must be able to fail.
        if (w.bind(no).bind(q.i64(7)).row()) c.pending = w.u64(0);
        if (c.pending != 0) {
            sql::query t(l.db(), ask_recorded);
            if (t.bind(w.i64(1)).row()) c.oldest_pending_us = t.i64(0);
            CAIRN_TRY(t.end());
        }
        CAIRN_TRY(w.end());
        sql::query o(l.db(), ask_overdue);
        if (o.bind(no).bind(now_us).row()) c.overdue = o.u64(0);
        CAIRN_TRY(o.end());
        out.push_back(std::move(c));
    }
    CAIRN_TRY(q.end());
    return out;
}

result<bytes> read_pool::registry() {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    sql::query q(l.db(), ask_registry);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return bytes{};
    }
    auto key = keys_.key_of(q.u64(0));
    if (!key) return key.error();
    return open_part(*key, registry_part, q.blob(1));
}

result<bytes> read_pool::policy_text(const digest& d) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    sql::query q(l.db(), ask_policy);
    if (q.bind_blob(view(d)).row()) return bytes(q.blob(0));
    CAIRN_TRY(q.end());
    return fail(errc::policy_missing);
}

result<digest> read_pool::latest_policy() {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    sql::query q(l.db(), ask_latest_policy);
    if (q.row()) {
        const auto d = to_digest(q.blob(0));
        if (!d) return fail(errc::log_damaged, "policy");
        return *d;
    }
    CAIRN_TRY(q.end());
    return fail(errc::policy_missing);
}

result<std::vector<position>> read_pool::policy_records(policy_rows which, std::uint32_t max) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    std::vector<position> out;
    sql::query q(l.db(), ask_policy_records);
    q.bind(which == policy_rows::texts ? 1 : 0).bind(max);
    while (q.row()) out.push_back({q.u64(0)});
    CAIRN_TRY(q.end());
    return out;
}

result<std::vector<bytes>>
read_pool::leaves(std::uint32_t year, std::uint64_t from, std::uint64_t until) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    std::vector<bytes> out;
    sql::query q(l.db(), ask_leaves);
    q.bind(position::at(year, from).value).bind(position::at(year, until).value);
    q.bind(until - std::min(from, until));
    while (q.row()) out.emplace_back(q.blob(0));
    CAIRN_TRY(q.end());
    return out;
}

result<std::string> read_pool::checkpoint(std::uint32_t year) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    auto head = last_checkpoint(l.db(), year);
    if (!head) return head.error();
    return std::move(head->note);
}

result<std::vector<digest>>
read_pool::consistency(std::uint32_t year, std::uint64_t old_size, std::uint64_t new_size) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    const auto head = last_checkpoint(l.db(), year);
    if (!head) return head.error();
    if (old_size > new_size || new_size > head->last.index() + 1) {
        return fail(errc::bad_value, "size");
    }
    return merkle::consistency_proof(stored_nodes(l.db(), year), old_size, new_size);
}

status read_pool::verify_all() {
    // Reads everything: its own time, not a question's.
    loan l(*this, false);
    CAIRN_TRY(l.begun());
    const auto found = verify_ledger(l.db(), keys_, setup_.partnership, setup_.log_key);
    return found ? status{} : status{found.error()};
}

} // namespace cairn::ledger
