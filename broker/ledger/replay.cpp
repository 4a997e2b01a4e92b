#include "ledger/replay.hpp"

#include "ledger/superseded.hpp"

#include "cairn/v1/record.pb.h"

#include <algorithm>
#include <optional>

namespace cairn::ledger {
namespace {

constexpr const char* ask_positions = "SELECT pos FROM leaf ORDER BY pos";
constexpr const char* ask_names = "SELECT no, name FROM party";

class player {
public:
    player(sql::database& db, key_store& keys) : db_(db), keys_(keys) {}

    result<replayed> run() {
        CAIRN_TRY(load_names());
        sql::query q(db_, ask_positions);
        while (q.row()) {
            const auto r = read_record(db_, {q.u64(0)});
            if (!r) return r.error();
            CAIRN_TRY(take(*r));
            out_.end = r->at.value + 1;
        }
        CAIRN_TRY(q.end());
        add_up();
        return std::move(out_);
    }

private:
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
        CAIRN_TRY(take_entries(r));
        if (r.kind == record_kind::concern) return take_concern(r);
        if (r.kind != record_kind::confirm && r.kind != record_kind::returned &&
            r.kind != record_kind::policy)
            return {};
        const auto body = body_of(r);
        if (!body) return body.error();
        if (!*body) return {};
        if (r.kind == record_kind::confirm) return take_confirm(r, (*body)->confirm());
        if (r.kind == record_kind::returned) return take_return(r, (*body)->returned().request());
        if ((*body)->has_policy()) {
            const auto& text = (*body)->policy().text();
            out_.policies[r.at.value] = {sha256(text), text};
        }
        return {};
    }

    // Nothing of an erased record.
    result<std::optional<v1::RecordBody>> body_of(const stored_record& r) {
        const auto opened = open_body(keys_, r);
        if (!opened && opened.error().code == errc::erased) return std::optional<v1::RecordBody>{};
        if (!opened) return opened.error();
        std::optional<v1::RecordBody> body{std::in_place};
        if (!body->ParseFromString(opened->body))
            return fail(errc::log_damaged, name_of(r.at), "body");
        return body;
    }

    status take_entries(const stored_record& r) {
        if (!r.entries) return {};
        const auto entries = split_sized(*r.entries);
        if (!entries) return fail(errc::log_damaged, name_of(r.at), "entries");
        for (const bytes_view e : *entries) {
            const auto entry = merkle::decode_entry(e);
            if (!entry) return fail(errc::log_damaged, name_of(r.at), "entry");
            const auto no = numbers_.find(std::string(agency_of(entry->party)));
            if (no == numbers_.end()) return fail(errc::log_damaged, name_of(r.at), "party");
            out_.agencies[no->second] = {entry->agency_seq, merkle::entry_hash(e)};
        }
        return {};
    }

    status take_concern(const stored_record& r) {
        std::int64_t part = 0;
        for (const notice_place& n : r.places.notices) {
            delivery_row d;
            d.part = ++part;
            d.hidden = n.hidden;
            d.due_us = r.recorded_us + n.within_us;
            out_.deliveries[{n.desk, r.at.value}] = d;
            desks_of_[r.at.value].push_back(n.desk);
        }
        out_.concerns[r.id] = r.at.value;
        if (!r.submission.empty()) out_.submissions[r.submission] = r.at.value;
        if (r.thread != r.id) out_.replies.emplace(r.thread, r.at.value);
        if ((r.flags & flag_acknowledges) != 0) CAIRN_TRY(acknowledge(r));
        if (!r.withdraws.empty()) withdraw(r);
        if (r.concern_kind == v1::CONCERN_KIND_CORRECTION)
            corrections_[{r.thread, r.sender}].push_back({r.id, r.reply});
        return {};
    }

    // The deliveries of one concern.
    template <class Work>
    void each_of(const std::string& id, Work&& work) {
        const auto it = out_.concerns.find(id);
        if (it == out_.concerns.end()) return;
        for (const std::uint32_t desk : desks_of_[it->second]) {
            work(desk, out_.deliveries.at({desk, it->second}));
        }
    }

    // Which desks it speaks for only its body says; of an erased one nothing is known.
    status acknowledge(const stored_record& r) {
        const auto body = body_of(r);
        if (!body) return body.error();
        if (!*body) return {};
        const auto& meant = (*body)->concern().acknowledged();
        each_of(r.reply, [&](std::uint32_t desk, delivery_row& d) {
            const std::string& name = names_[desk];
            const bool read = agency_of(name) == names_[r.sender] &&
                              std::find(meant.begin(), meant.end(), name) != meant.end();
            if (read && d.read_us == 0) d.read_us = r.recorded_us;
        });
        return {};
    }

    void withdraw(const stored_record& r) {
        const bool corrects = r.concern_kind == v1::CONCERN_KIND_CORRECTION;
        const auto ids = corrects ? superseded(r.withdraws, corrections_[{r.thread, r.sender}])
                                  : std::vector<std::string>{r.withdraws};
        for (const std::string& id : ids) {
            each_of(id, [&](std::uint32_t, delivery_row& d) {
                if (d.state != notice_state::pending) return;
                d.state = notice_state::withdrawn;
                d.settled_us = r.recorded_us;
            });
        }
    }

    status take_confirm(const stored_record& r, const v1::ConfirmRecord& c) {
        for (const std::uint64_t pos : c.positions()) {
            const auto it = out_.deliveries.find({numbers_[c.desk()], pos});
            if (it == out_.deliveries.end())
                return fail(errc::log_damaged, name_of(r.at), "confirms nothing");
            if (it->second.state != notice_state::pending) continue;
            it->second.state = notice_state::confirmed;
            it->second.settled_us = r.recorded_us;
        }
        return {};
    }

    status take_return(const stored_record& r, const v1::ReturnRequest& c) {
        const auto it = out_.deliveries.find({numbers_[c.desk()], c.position()});
        if (it == out_.deliveries.end())
            return fail(errc::log_damaged, name_of(r.at), "returns nothing");
        it->second.state = notice_state::returned;
        it->second.settled_us = r.recorded_us;
        it->second.reason = c.reason();
        return {};
    }

    void add_up() {
        std::set<std::uint32_t> waiting;
        for (const auto& [at, d] : out_.deliveries) {
            desk_sums& s = out_.desks[at.first];
            ++s.routed;
            s.confirmed += d.state == notice_state::confirmed ? 1 : 0;
            s.returned += d.state == notice_state::returned ? 1 : 0;
            s.withdrawn += d.state == notice_state::withdrawn ? 1 : 0;
            s.expired += d.state == notice_state::expired ? 1 : 0;
            if (d.state == notice_state::pending && waiting.insert(at.first).second)
                s.low = at.second;
        }
        for (auto& [no, s] : out_.desks) {
            if (!waiting.contains(no)) s.low = out_.end;
        }
    }

    sql::database& db_;
    key_store& keys_;
    std::map<std::uint32_t, std::string> names_;
    std::map<std::string, std::uint32_t> numbers_;
    std::map<std::uint64_t, std::vector<std::uint32_t>> desks_of_;
    // By thread and sender, oldest first.
    std::map<std::pair<std::string, std::uint32_t>, std::vector<correction>> corrections_;
    replayed out_;
};

} // namespace

result<replayed> replay(sql::database& db, key_store& keys) {
    return player(db, keys).run();
}

} // namespace cairn::ledger
