#include "ledger/read_pool.hpp"

#include "ledger/batch.hpp"
#include "ledger/stored.hpp"
#include "merkle/leaf.hpp"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* ask_scan =
    "SELECT r.pos, r.kind, r.recorded_us, r.id, r.thread, r.parties, l.leaf FROM record r"
    " CROSS JOIN leaf l ON l.pos = r.pos WHERE r.pos > ? ORDER BY r.pos";
constexpr const char* ask_one =
    "SELECT r.pos, r.kind, r.recorded_us, r.id, r.thread, r.parties, l.leaf FROM record r"
    " CROSS JOIN leaf l ON l.pos = r.pos WHERE r.pos = ?1 AND r.pos > ?2";
// A thread is its first concern, which has the same id, and the replies.
constexpr const char* ask_thread =
    "SELECT r.pos, r.kind, r.recorded_us, r.id, r.thread, r.parties, l.leaf FROM"
    " (SELECT ?1 AS pos UNION SELECT pos FROM reply WHERE thread = ?3) c"
    " CROSS JOIN record r ON r.pos = c.pos CROSS JOIN leaf l ON l.pos = c.pos"
    " WHERE c.pos > ?2 ORDER BY c.pos";
constexpr const char* ask_names = "SELECT no, name FROM party";

using names = std::unordered_map<std::uint32_t, std::string>;

result<names> read_names(sql::database& db) {
    names out;
    sql::query q(db, ask_names);
    while (q.row()) out.emplace(static_cast<std::uint32_t>(q.i64(0)), q.blob(1));
    CAIRN_TRY(q.end());
    return out;
}

bool fits(const record_filter& f, const record_row& r) {
    if (!f.kinds.empty() && std::find(f.kinds.begin(), f.kinds.end(), r.kind) == f.kinds.end()) {
        return false;
    }
    if (!f.concern_id.empty() && r.concern_id != f.concern_id) return false;
    if (!f.thread.empty() && r.thread != f.thread) return false;
    if (r.recorded_at_us < f.from_us) return false;
    if (f.until_us != 0 && r.recorded_at_us >= f.until_us) return false;
    if (f.agency.empty()) return true;
    return std::any_of(r.parties.begin(), r.parties.end(), [&f](const std::string& p) {
        return agency_of(p) == f.agency;
    });
}

result<record_row> row_of(const sql::query& q, const names& by_number) {
    record_row r;
    r.at.value = q.u64(0);
    r.kind = static_cast<record_kind>(q.i64(1));
    r.recorded_at_us = q.i64(2);
    r.concern_id = read_id(q, 3);
    r.thread = q.null(4) ? r.concern_id : read_id(q, 4);
    const auto parties = decode_numbers(q.blob(5));
    if (!parties) return fail(errc::log_damaged, name_of(r.at), "parties");
    for (const std::uint32_t no : *parties) {
        const auto it = by_number.find(no);
        if (it == by_number.end()) return fail(errc::log_damaged, name_of(r.at), "party");
        r.parties.push_back(it->second);
    }
    r.leaf = q.blob(6);
    return r;
}

// Record times never go back along the log, so the first one not before `from_us` is found by
// halving within each year the filter touches.
constexpr const char* ask_first_at =
    "SELECT pos, recorded_us FROM record WHERE pos >= ? ORDER BY pos LIMIT 1";
constexpr const char* ask_last_in =
    "SELECT pos FROM record WHERE pos >= ? AND pos < ? ORDER BY pos DESC LIMIT 1";

result<std::uint64_t> begin_of(sql::database& db, std::int64_t from_us) {
    if (from_us <= 0) return std::uint64_t{0};
    const std::uint32_t year = year_of(from_us);
    const std::uint64_t base = position::at(year, 0).value;
    std::uint64_t high = base;
    {
        sql::query q(db, ask_last_in);
        if (q.bind(base).bind(position::at(year + 1, 0).value).row()) high = q.u64(0) + 1;
        CAIRN_TRY(q.end());
    }
    std::uint64_t low = base;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        sql::query q(db, ask_first_at);
        const bool before = q.bind(middle).row() && q.i64(1) < from_us;
        CAIRN_TRY(q.end());
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : low - 1;
}

constexpr const char* ask_span =
    "SELECT pos, kind, recorded_us, slot, layout FROM record WHERE pos > ? ORDER BY pos";
constexpr const char* ask_body =
    "SELECT l.leaf, p.entries, p.parts FROM leaf l LEFT JOIN payload p ON p.pos = l.pos"
    " WHERE l.pos = ?";

// Of a row as ask_span gives it. Only what a body needs: its notices stay where they are.
result<opened_concern> open_concern(sql::database& db, key_store& keys, const sql::query& row) {
    opened_concern out;
    out.at.value = row.u64(0);
    sql::query q(db, ask_body);
    if (!q.bind(out.at.value).row()) {
        CAIRN_TRY(q.end());
        return fail(errc::log_damaged, name_of(out.at), "a record without its leaf");
    }
    const auto leaf = merkle::decode_leaf(q.blob(0));
    const auto places = decode_layout(row.blob(4));
    if (!leaf || !places) return fail(errc::log_damaged, name_of(out.at), "leaf or layout");
    out.policy = leaf->policy_digest;
    if (q.null(1)) return out;
    stored_record r;
    r.at = out.at;
    r.slot = row.u64(3);
    r.places.body = places->body;
    r.entries = bytes();
    r.parts = q.blob(2).substr(0, places->body);
    auto opened = open_body(keys, r);
    if (opened) {
        wipe(opened->seed);
        out.body = std::move(opened->body);
    } else if (opened.error().code != errc::erased) {
        return fail(opened.error().code, name_of(out.at), "body");
    }
    return out;
}

} // namespace

result<concern_part> read_pool::concerns(const concern_span& span) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    const auto from = begin_of(l.db(), span.from_us);
    if (!from) return from.error();
    concern_part out;
    out.reached = std::max(span.after, *from);
    sql::query q(l.db(), ask_span);
    q.bind(out.reached);
    std::size_t looked_at = 0;
    std::size_t size = 0;
    while (q.row()) {
        if (span.until_us != 0 && q.i64(2) >= span.until_us) break;
        const bool full = out.concerns.size() == limits::part_concerns ||
                          looked_at++ == limits::part_records || size >= limits::part_bytes;
        if (full) return out;
        if (static_cast<record_kind>(q.i64(1)) == record_kind::concern) {
            auto c = open_concern(l.db(), keys_, q);
            if (!c) return c.error();
            size += c->body ? c->body->size() : 0;
            out.concerns.push_back(std::move(*c));
        }
        out.reached = q.u64(0);
    }
    CAIRN_TRY(q.end());
    out.over = true;
    return out;
}

result<std::vector<record_row>> read_pool::search(const record_filter& f) {
    loan l(*this, true);
    CAIRN_TRY(l.begun());
    const std::string& id = !f.concern_id.empty() ? f.concern_id : f.thread;
    // First, see lagging_index::find().
    const auto first = find_concern(l.db(), index_, id);
    if (!first) return first.error();
    const auto by_number = read_names(l.db());
    if (!by_number) return by_number.error();
    const auto from = begin_of(l.db(), f.from_us);
    if (!from) return from.error();
    const stored_id thread(f.thread);
    sql::query q(l.db(), id.empty() ? ask_scan : !f.concern_id.empty() ? ask_one : ask_thread);
    if (!id.empty()) q.bind(*first);
    q.bind(std::max(f.after, *from));
    if (!id.empty() && f.concern_id.empty()) thread.bind(q);
    std::vector<record_row> out;
    while (out.size() < f.max && q.row()) {
        if (f.until_us != 0 && q.i64(2) >= f.until_us) break;
        auto r = row_of(q, *by_number);
        if (!r) return r.error();
        if (fits(f, *r)) out.push_back(std::move(*r));
    }
    CAIRN_TRY(q.end());
    return out;
}

} // namespace cairn::ledger
