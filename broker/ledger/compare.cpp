// State tables computed anew from leaves and vault, and compared with those stored.
#include "ledger/reader.hpp"
#include "ledger/schema.hpp"
#include "ledger/stored.hpp"
#include "ledger/tallies.hpp"
#include "ledger/verify.hpp"

#include "cairn/v1/record.pb.h"

#include <map>
#include <set>
#include <tuple>

namespace cairn::ledger {
namespace {

constexpr const char* ask_positions = "SELECT pos FROM leaf ORDER BY pos";
constexpr const char* ask_names = "SELECT no, name FROM party";
constexpr const char* ask_deliveries =
    "SELECT desk, pos, part, state, hidden, due_us, settled_us, read_us, reason FROM delivery";
constexpr const char* ask_desks =
    "SELECT no, routed, confirmed, returned, withdrawn, expired, low FROM desk";
constexpr const char* ask_concerns = "SELECT id, pos FROM concern";
constexpr const char* ask_submissions = "SELECT key, pos FROM submission";
constexpr const char* ask_floor = "SELECT floor FROM lag WHERE no = ?";
constexpr const char* ask_replies = "SELECT thread, pos FROM reply";

struct delivery_row {
    std::int64_t part = 0;
    notice_state state = notice_state::pending;
    bool hidden = false;
    std::int64_t due_us = 0;
    std::int64_t settled_us = 0;
    std::int64_t read_us = 0;
    std::int64_t reason = 0;
    bool operator==(const delivery_row&) const = default;
};

failure differs(std::string table) {
    return fail(errc::log_damaged, std::move(table), "state differs");
}

class replay {
public:
    replay(sql::database& db, key_store& keys) : db_(db), keys_(keys) {}

    status run() {
        CAIRN_TRY(load_names());
        sql::query q(db_, ask_positions);
        while (q.row()) {
            const auto r = read_record(db_, {q.u64(0)});
            if (!r) return r.error();
            CAIRN_TRY(take(*r));
        }
        CAIRN_TRY(q.end());
        CAIRN_TRY(compare_deliveries());
        CAIRN_TRY(compare_desks());
        return compare_indexes();
    }

private:
    using place = std::pair<std::uint32_t, std::uint64_t>;

    status load_names() {
        sql::query q(db_, ask_names);
        while (q.row()) {
            const auto no = static_cast<std::uint32_t>(q.i64(0));
            names_[no] = q.blob(1);
            numbers_[names_[no]] = no;
        }
        return q.end();
    }

    status take(const stored_record& r) {
        if (r.kind == record_kind::concern) return take_concern(r);
        if (r.kind != record_kind::confirm && r.kind != record_kind::returned) return {};
        const auto opened = open_body(keys_, r);
        if (!opened) return opened.error();
        v1::RecordBody body;
        if (!body.ParseFromString(opened->body))
            return fail(errc::log_damaged, name_of(r.at), "body");
        if (r.kind == record_kind::confirm) return take_confirm(r, body.confirm());
        return take_return(r, body.returned().request());
    }

    status take_concern(const stored_record& r) {
        std::int64_t part = 0;
        for (const notice_place& n : r.places.notices) {
            delivery_row d;
            d.part = ++part;
            d.hidden = n.hidden;
            d.due_us = r.recorded_us + n.within_us;
            deliveries_[{n.desk, r.at.value}] = d;
        }
        concerns_[r.id] = r.at.value;
        if (!r.submission.empty()) submissions_[r.submission] = r.at.value;
        if (r.thread != r.id) replies_.emplace(r.thread, r.at.value);
        if ((r.flags & flag_acknowledges) != 0) CAIRN_TRY(acknowledge(r));
        if (!r.withdraws.empty()) withdraw(r);
        return {};
    }

    // The deliveries of one concern.
    template <class Work>
    void each_of(const std::string& id, Work&& work) {
        const auto it = concerns_.find(id);
        if (it == concerns_.end()) return;
        for (auto& [at, d] : deliveries_) {
            if (at.second == it->second) work(at.first, d);
        }
    }

    status acknowledge(const stored_record& r) {
        const auto opened = open_body(keys_, r);
        if (!opened) return opened.error();
        v1::RecordBody body;
        if (!body.ParseFromString(opened->body))
            return fail(errc::log_damaged, name_of(r.at), "body");
        const auto& meant = body.concern().acknowledged();
        each_of(r.reply, [&](std::uint32_t desk, delivery_row& d) {
            const std::string& name = names_[desk];
            const bool read = agency_of(name) == names_[r.sender] &&
                              std::find(meant.begin(), meant.end(), name) != meant.end();
            if (read && d.read_us == 0) d.read_us = r.recorded_us;
        });
        return {};
    }

    void withdraw(const stored_record& r) {
        each_of(r.withdraws, [&](std::uint32_t, delivery_row& d) {
            if (d.state != notice_state::pending) return;
            d.state = notice_state::withdrawn;
            d.settled_us = r.recorded_us;
        });
    }

    status take_confirm(const stored_record& r, const v1::ConfirmRecord& c) {
        for (const std::uint64_t pos : c.positions()) {
            const auto it = deliveries_.find({numbers_[c.desk()], pos});
            if (it == deliveries_.end())
                return fail(errc::log_damaged, name_of(r.at), "confirms nothing");
            if (it->second.state != notice_state::pending) continue;
            it->second.state = notice_state::confirmed;
            it->second.settled_us = r.recorded_us;
        }
        return {};
    }

    status take_return(const stored_record& r, const v1::ReturnRequest& c) {
        const auto it = deliveries_.find({numbers_[c.desk()], c.position()});
        if (it == deliveries_.end())
            return fail(errc::log_damaged, name_of(r.at), "returns nothing");
        it->second.state = notice_state::returned;
        it->second.settled_us = r.recorded_us;
        it->second.reason = c.reason();
        return {};
    }

    status compare_deliveries() {
        std::size_t n = 0;
        sql::query q(db_, ask_deliveries);
        for (; q.row(); ++n) {
            const auto it = deliveries_.find({static_cast<std::uint32_t>(q.i64(0)), q.u64(1)});
            if (it == deliveries_.end()) return differs("delivery");
            const delivery_row stored{
                q.i64(2),
                static_cast<notice_state>(q.i64(3)),
                q.i64(4) != 0,
                q.i64(5),
                q.i64(6),
                q.i64(7),
                q.i64(8)};
            if (!(stored == it->second)) return differs("delivery " + name_of({q.u64(1)}));
        }
        CAIRN_TRY(q.end());
        return n == deliveries_.size() ? status{} : differs("delivery");
    }

    status compare_desks() {
        std::map<std::uint32_t, desk_sums> sums;
        std::map<std::uint32_t, std::uint64_t> first_pending;
        for (const auto& [at, d] : deliveries_) {
            desk_sums& s = sums[at.first];
            ++s.routed;
            s.confirmed += d.state == notice_state::confirmed ? 1 : 0;
            s.returned += d.state == notice_state::returned ? 1 : 0;
            s.withdrawn += d.state == notice_state::withdrawn ? 1 : 0;
            s.expired += d.state == notice_state::expired ? 1 : 0;
            if (d.state == notice_state::pending) first_pending.emplace(at.first, at.second);
        }
        std::size_t n = 0;
        sql::query q(db_, ask_desks);
        for (; q.row(); ++n) {
            const auto no = static_cast<std::uint32_t>(q.i64(0));
            const desk_sums& s = sums[no];
            const bool same = q.i64(1) == s.routed && q.i64(2) == s.confirmed &&
                              q.i64(3) == s.returned && q.i64(4) == s.withdrawn &&
                              q.i64(5) == s.expired;
            const auto pending = first_pending.find(no);
            const bool reachable = pending == first_pending.end() || q.u64(6) <= pending->second;
            if (!same || !reachable) return differs("desk");
        }
        CAIRN_TRY(q.end());
        return n == sums.size() ? status{} : differs("desk");
    }

    // Below the floor every key is in the table; above it may be.
    template <class Index>
    status compare_lagging(
        std::int64_t number, const Index& stored, const Index& expected, const char* table
    ) {
        sql::query q(db_, ask_floor);
        const std::uint64_t floor = q.bind(number).row() ? q.u64(0) : 0;
        CAIRN_TRY(q.end());
        for (const auto& [key, pos] : stored) {
            const auto it = expected.find(key);
            if (it == expected.end() || it->second != pos) return differs(table);
        }
        for (const auto& [key, pos] : expected) {
            if (pos < floor && !stored.contains(key)) return differs(table);
        }
        return {};
    }

    status compare_indexes() {
        std::map<std::string, std::uint64_t> concerns;
        std::map<bytes, std::uint64_t> submissions;
        std::set<std::pair<std::string, std::uint64_t>> replies;
        sql::query c(db_, ask_concerns);
        while (c.row()) concerns[read_id(c, 0)] = c.u64(1);
        CAIRN_TRY(c.end());
        sql::query s(db_, ask_submissions);
        while (s.row()) submissions[bytes(s.blob(0))] = s.u64(1);
        CAIRN_TRY(s.end());
        sql::query r(db_, ask_replies);
        while (r.row()) replies.emplace(read_id(r, 0), r.u64(1));
        CAIRN_TRY(r.end());
        CAIRN_TRY(compare_lagging(1, concerns, concerns_, "concern"));
        CAIRN_TRY(compare_lagging(2, submissions, submissions_, "submission"));
        return replies == replies_ ? status{} : differs("reply");
    }

    sql::database& db_;
    key_store& keys_;
    std::map<std::uint32_t, std::string> names_;
    std::map<std::string, std::uint32_t> numbers_;
    std::map<place, delivery_row> deliveries_;
    std::map<std::string, std::uint64_t> concerns_;
    std::map<bytes, std::uint64_t> submissions_;
    std::set<std::pair<std::string, std::uint64_t>> replies_;
};

constexpr const char* ask_id = "SELECT ledger FROM meta";

} // namespace

status compare_state(sql::database& db, key_store& keys) {
    return replay(db, keys).run();
}

status rebuild_state(const options& o, random_source& random) {
    auto db = open_writer(ledger_file(o.folder, o.vfs));
    if (!db) return db.error();
    const auto raw = (*db)->text(ask_id);
    if (!raw) return raw.error();
    ledger_id id{};
    if (raw->size() != id.size()) return fail(errc::log_damaged, "ledger.db", "its id");
    std::copy(raw->begin(), raw->end(), id.begin());
    auto keys = key_store::open(keys_file(o.folder, o.vfs), o.partnership_key, id, random);
    if (!keys) return keys.error();
    return compare_state(**db, **keys);
}

} // namespace cairn::ledger
