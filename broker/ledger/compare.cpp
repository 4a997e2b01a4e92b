// State tables as stored against those the records make.
#include "ledger/replay.hpp"
#include "ledger/schema.hpp"
#include "ledger/verify.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* ask_deliveries =
    "SELECT desk, pos, part, state, hidden, due_us, settled_us, read_us, reason FROM delivery";
constexpr const char* ask_desks =
    "SELECT no, routed, confirmed, returned, withdrawn, expired, low FROM desk";
constexpr const char* ask_concerns = "SELECT id, pos FROM concern";
constexpr const char* ask_submissions = "SELECT key, pos FROM submission";
constexpr const char* ask_floor = "SELECT floor FROM lag WHERE no = ?";
constexpr const char* ask_replies = "SELECT thread, pos FROM reply";

failure differs(std::string table) {
    return fail(errc::log_damaged, std::move(table), "state differs");
}

class comparison {
public:
    comparison(sql::database& db, const replayed& made) : db_(db), made_(made) {}

    status run() {
        CAIRN_TRY(compare_deliveries());
        CAIRN_TRY(compare_desks());
        return compare_indexes();
    }

private:
    status compare_deliveries() {
        std::size_t n = 0;
        sql::query q(db_, ask_deliveries);
        for (; q.row(); ++n) {
            const auto it = made_.deliveries.find({static_cast<std::uint32_t>(q.i64(0)), q.u64(1)});
            if (it == made_.deliveries.end()) return differs("delivery");
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
        return n == made_.deliveries.size() ? status{} : differs("delivery");
    }

    status compare_desks() {
        std::size_t n = 0;
        sql::query q(db_, ask_desks);
        for (; q.row(); ++n) {
            const auto it = made_.desks.find(static_cast<std::uint32_t>(q.i64(0)));
            if (it == made_.desks.end()) return differs("desk");
            const desk_sums& s = it->second;
            const bool same = q.i64(1) == s.routed && q.i64(2) == s.confirmed &&
                              q.i64(3) == s.returned && q.i64(4) == s.withdrawn &&
                              q.i64(5) == s.expired;
            // Lower costs time, higher hides a notice.
            if (!same || q.u64(6) > s.low) return differs("desk");
        }
        CAIRN_TRY(q.end());
        return n == made_.desks.size() ? status{} : differs("desk");
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
        CAIRN_TRY(compare_lagging(1, concerns, made_.concerns, "concern"));
        CAIRN_TRY(compare_lagging(2, submissions, made_.submissions, "submission"));
        return replies == made_.replies ? status{} : differs("reply");
    }

    sql::database& db_;
    const replayed& made_;
};

} // namespace

status compare_state(sql::database& db, key_store& keys) {
    const auto made = replay(db, keys);
    if (!made) return made.error();
    return comparison(db, *made).run();
}

} // namespace cairn::ledger
