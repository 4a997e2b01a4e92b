#include "ledger/tallies.hpp"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* ask_names = "SELECT no, name FROM party";
constexpr const char* ask_agencies = "SELECT no, seq, entry FROM agency";
constexpr const char* ask_desks =
    "SELECT no, routed, confirmed, returned, withdrawn, expired, low FROM desk";
constexpr const char* put_name = "INSERT INTO party(no, name) VALUES (?, ?)";
constexpr const char* put_agency =
    "INSERT INTO agency(no, seq, entry) VALUES (?, ?, ?)"
    " ON CONFLICT (no) DO UPDATE SET seq = excluded.seq, entry = excluded.entry";
constexpr const char* put_desk =
    "INSERT INTO desk(no, routed, confirmed, returned, withdrawn, expired, low)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (no) DO UPDATE SET routed = excluded.routed,"
    " confirmed = excluded.confirmed, returned = excluded.returned,"
    " withdrawn = excluded.withdrawn, expired = excluded.expired, low = excluded.low";
constexpr const char* ask_first_pending =
    "SELECT pos FROM delivery WHERE desk = ? AND pos >= ? AND state = 1 ORDER BY pos LIMIT 1";

void once_each(std::vector<std::uint32_t>& v) {
    std::sort(v.begin(), v.end());
    v.erase(std::unique(v.begin(), v.end()), v.end());
}

void touch(std::vector<std::uint32_t>& v, std::uint32_t no) {
    if (v.empty() || v.back() != no) v.push_back(no);
}

} // namespace

status tallies::load(sql::database& db) {
    *this = {};
    CAIRN_TRY(load_names(db));
    return load_sums(db);
}

status tallies::load_names(sql::database& db) {
    sql::query q(db, ask_names);
    while (q.row()) {
        const auto no = static_cast<std::uint32_t>(q.i64(0));
        std::string name(q.blob(1));
        numbers_.emplace(name, no);
        names_.emplace(no, std::move(name));
    }
    return q.end();
}

status tallies::load_sums(sql::database& db) {
    sql::query a(db, ask_agencies);
    while (a.row()) {
        const auto entry = to_digest(a.blob(2));
        if (!entry) return fail(errc::log_damaged, "agency");
        agencies_[static_cast<std::uint32_t>(a.i64(0))] = {a.u64(1), *entry};
    }
    CAIRN_TRY(a.end());
    sql::query d(db, ask_desks);
    while (d.row()) {
        desks_[static_cast<std::uint32_t>(d.i64(0))] = {
            d.i64(1), d.i64(2), d.i64(3), d.i64(4), d.i64(5), d.u64(6)};
    }
    return d.end();
}

result<std::uint32_t> tallies::number_of(sql::database& db, std::string_view name) {
    const auto it = numbers_.find(name);
    if (it != numbers_.end()) return it->second;
    const auto no = static_cast<std::uint32_t>(numbers_.size() + 1);
    sql::query q(db, put_name);
    CAIRN_TRY(q.bind(no).bind_text(name).run());
    numbers_.emplace(name, no);
    names_.emplace(no, name);
    return no;
}

std::uint32_t tallies::known(std::string_view name) const {
    const auto it = numbers_.find(name);
    return it == numbers_.end() ? 0 : it->second;
}

chain_head& tallies::agency(std::uint32_t no) {
    touch(touched_agencies_, no);
    return agencies_[no];
}

desk_sums& tallies::desk(std::uint32_t no) {
    touch(touched_desks_, no);
    return desks_[no];
}

status tallies::raise_low(sql::database& db, std::uint64_t end) {
    once_each(settled_);
    sql::query q(db, ask_first_pending);
    for (const std::uint32_t no : settled_) {
        desk_sums& d = desk(no);
        const bool any = q.bind(no).bind(d.low).row();
        d.low = any ? q.u64(0) : end;
        CAIRN_TRY(q.run());
    }
    settled_.clear();
    return {};
}

status tallies::flush(sql::database& db, std::uint64_t end) {
    CAIRN_TRY(raise_low(db, end));
    once_each(touched_agencies_);
    once_each(touched_desks_);
    sql::query a(db, put_agency);
    for (const std::uint32_t no : touched_agencies_) {
        const chain_head& h = agencies_[no];
        CAIRN_TRY(a.bind(no).bind(h.seq).bind_blob(view(h.entry)).run());
    }
    sql::query q(db, put_desk);
    for (const std::uint32_t no : touched_desks_) {
        const desk_sums& d = desks_[no];
        q.bind(no).bind(d.routed).bind(d.confirmed).bind(d.returned).bind(d.withdrawn);
        CAIRN_TRY(q.bind(d.expired).bind(d.low).run());
    }
    touched_agencies_.clear();
    touched_desks_.clear();
    return {};
}

} // namespace cairn::ledger
