#include "ledger/effects.hpp"

#include "ledger/reader.hpp"
#include "ledger/stored.hpp"
#include "ledger/superseded.hpp"

#include "cairn/v1/concern.pb.h"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* ask_body_mac = "SELECT body_mac FROM record WHERE pos = ?";
constexpr const char* put_text_id = "INSERT INTO concern(id, pos) VALUES (?, ?)";
constexpr const char* put_reply = "INSERT INTO reply(thread, pos) VALUES (?, ?)";
constexpr const char* put_delivery =
    "INSERT INTO delivery(desk, pos, part, state, hidden, due_us, settled_us, read_us, reason)"
    " VALUES (?, ?, ?, 1, ?, ?, 0, 0, 0)";
// Of one sender, in a thread.
constexpr const char* ask_corrections =
    "SELECT r.id, r.reply FROM reply t JOIN record r ON r.pos = t.pos"
    " WHERE t.thread = ? AND r.sender = ? AND r.concern_kind = ? ORDER BY t.pos";
constexpr const char* ask_sender = "SELECT sender FROM record WHERE pos = ?";
constexpr const char* ask_layout = "SELECT layout FROM record WHERE pos = ?";
constexpr const char* confirm_one =
    "UPDATE delivery SET state = 2, settled_us = ? WHERE desk = ? AND pos = ? AND state = 1";
constexpr const char* unconfirm_one =
    "UPDATE delivery SET state = 1, settled_us = 0 WHERE desk = ? AND pos = ?";
constexpr const char* ask_state = "SELECT state FROM delivery WHERE desk = ? AND pos = ?";
constexpr const char* return_one =
    "UPDATE delivery SET state = 3, settled_us = ?, reason = ? WHERE desk = ? AND pos = ?";
constexpr const char* withdraw_one =
    "UPDATE delivery SET state = 4, settled_us = ? WHERE desk = ? AND pos = ? AND state = 1";
constexpr const char* read_one =
    "UPDATE delivery SET read_us = ? WHERE desk = ? AND pos = ? AND read_us = 0";
constexpr const char* put_registry =
    "INSERT INTO registry(epoch, pos, slot, state) VALUES (?, ?, ?, ?)";
constexpr const char* put_policy = "INSERT INTO policy(pos, digest, text) VALUES (?, ?, ?)";

effect_outcome refuse(errc code, std::string where = {}) {
    effect_outcome out;
    out.refused = fail(code, std::move(where));
    return out;
}

result<std::vector<notice_place>> notices_of(sql::database& db, std::uint64_t pos) {
    sql::query q(db, ask_layout);
    if (!q.bind(pos).row()) {
        CAIRN_TRY(q.end());
        return fail(errc::log_damaged, name_of({pos}), "no record");
    }
    auto l = decode_layout(q.blob(0));
    if (!l) return l.error();
    return std::move(l->notices);
}

bool desks_repeat(const std::vector<notice_draft>& notices) {
    for (std::size_t i = 0; i < notices.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (notices[i].desk == notices[k].desk) return true;
        }
    }
    return false;
}

result<effect_outcome> repeated(sql::database& db, std::uint64_t pos, const digest& body_mac) {
    sql::query q(db, ask_body_mac);
    if (!q.bind(pos).row()) {
        CAIRN_TRY(q.end());
        return fail(errc::log_damaged, name_of(position{pos}), "no record");
    }
    if (q.blob(0) != view(body_mac)) return refuse(errc::key_reused);
    effect_outcome out;
    out.repeats = position{pos};
    return out;
}

status withdraw(const effect_context& c, std::uint64_t pos, effect_outcome& out) {
    const auto notices = notices_of(c.db, pos);
    if (!notices) return notices.error();
    sql::query q(c.db, withdraw_one);
    for (const notice_place& n : *notices) {
        CAIRN_TRY(q.bind(c.now_us).bind(n.desk).bind(pos).run());
        if (c.db.changes() == 0) continue;
        out.withdrawn.push_back({c.sums.name_of(n.desk), position{pos}});
        ++c.sums.desk(n.desk).withdrawn;
        c.sums.settled(n.desk);
    }
    return {};
}

// Another desk of the agency read nothing by it, and may be the one that must not learn of it.
status acknowledge(const effect_context& c, const concern_effect& e, std::uint64_t pos) {
    const auto notices = notices_of(c.db, pos);
    if (!notices) return notices.error();
    sql::query q(c.db, read_one);
    for (const notice_place& n : *notices) {
        const std::string& desk = c.sums.name_of(n.desk);
        const auto& meant = e.acknowledged;
        if (agency_of(desk) != e.sender ||
            std::find(meant.begin(), meant.end(), desk) == meant.end()) {
            continue;
        }
        CAIRN_TRY(q.bind(c.now_us).bind(n.desk).bind(pos).run());
    }
    return {};
}

// Only who sent a concern takes it back.
result<bool> sent_it(const effect_context& c, std::string_view sender, std::uint64_t pos) {
    const std::uint32_t known = c.sums.known(sender);
    sql::query q(c.db, ask_sender);
    const bool same = q.bind(pos).row() && known != 0 && q.u64(0) == known;
    CAIRN_TRY(q.end());
    return same;
}

// A recall names what it takes back; a correction replaces what said the same before it.
result<std::vector<std::string>>
withdrawn_by(const effect_context& c, const concern_effect& e, std::uint32_t sender) {
    if (e.kind != v1::CONCERN_KIND_CORRECTION) return std::vector<std::string>{e.withdraws};
    const stored_id thread(e.thread);
    sql::query q(c.db, ask_corrections);
    thread.bind(q);
    q.bind(sender).bind(e.kind);
    std::vector<correction> before;
    while (q.row()) before.push_back({read_id(q, 0), read_id(q, 1)});
    CAIRN_TRY(q.end());
    return superseded(e.withdraws, before);
}

// All ids are looked up before anything is written; 0 and none where the effect names none.
struct referred {
    std::uint64_t acknowledged = 0;
    std::vector<std::uint64_t> withdrawn;
    bool missing = false;
    // The concern to be withdrawn is another's.
    bool foreign = false;
};

result<referred> find_referred(const effect_context& c, const concern_effect& e) {
    referred out;
    if (e.acknowledges) {
        const auto pos = find_concern(c.db, c.index, e.in_reply_to, true);
        if (!pos) return pos.error();
        out.acknowledged = *pos;
        out.missing = *pos == 0;
    }
    if (e.withdraws.empty()) return out;
    const auto ids = withdrawn_by(c, e, c.sums.known(e.sender));
    if (!ids) return ids.error();
    for (const std::string& id : *ids) {
        const auto pos = find_concern(c.db, c.index, id, true);
        if (!pos) return pos.error();
        out.missing = out.missing || *pos == 0;
        if (*pos == 0) continue;
        const auto own = sent_it(c, e.sender, *pos);
        if (!own) return own.error();
        out.foreign = out.foreign || !*own;
        out.withdrawn.push_back(*pos);
    }
    return out;
}

lagging_index::key submission_key(bytes_view hash) {
    lagging_index::key out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

status write_id(const effect_context& c, const std::string& concern_id) {
    const stored_id id(concern_id);
    if (const auto key = id.key()) {
        c.index.concerns.stage(*key, c.at.value);
        return {};
    }
    sql::query q(c.db, put_text_id);
    id.bind(q);
    return q.bind(c.at.value).run();
}

result<effect_outcome> apply_concern(const effect_context& c, const concern_effect& e) {
    if (e.concern_id.empty()) return refuse(errc::bad_value, "concern_id");
    if (desks_repeat(e.notices)) return refuse(errc::bad_value, "desks");
    effect_outcome out;
    if (!e.key.empty()) {
        out.submission = submission_hash(c.submission_key, e.sender, e.key);
        const auto first = c.index.submissions.find_staged(c.db, submission_key(out.submission));
        if (!first) return first.error();
        if (*first != 0) return repeated(c.db, *first, e.body_mac);
    }
    if (e.only_repeat) return refuse(errc::not_found);
    const auto to = find_referred(c, e);
    if (!to) return to.error();
    if (to->missing) return refuse(errc::reply_unknown);
    if (to->foreign) return refuse(errc::kind_not_allowed, "in_reply_to");
    const auto twin = find_concern(c.db, c.index, e.concern_id, true);
    if (!twin) return twin.error();
    if (*twin != 0) return refuse(errc::bad_value, "concern_id");
    CAIRN_TRY(write_id(c, e.concern_id));
    if (!out.submission.empty()) {
        c.index.submissions.stage(submission_key(out.submission), c.at.value);
    }
    if (to->acknowledged != 0) CAIRN_TRY(acknowledge(c, e, to->acknowledged));
    for (const std::uint64_t pos : to->withdrawn) CAIRN_TRY(withdraw(c, pos, out));
    return out;
}

// Of a notice that was not pending; nothing is refused where it was confirmed before.
result<effect_outcome> not_pending(const effect_context& c, std::uint32_t desk, std::uint64_t pos) {
    sql::query q(c.db, ask_state);
    const std::string where = "position " + std::to_string(pos);
    if (!q.bind(desk).bind(pos).row()) {
        CAIRN_TRY(q.end());
        return refuse(errc::unknown_position, where);
    }
    if (static_cast<notice_state>(q.i64(0)) == notice_state::confirmed) return effect_outcome{};
    return refuse(errc::already_settled, where);
}

result<effect_outcome> apply_confirm(const effect_context& c, const confirm_effect& e) {
    const std::uint32_t desk = c.sums.known(e.desk);
    if (desk == 0) return refuse(errc::unknown_position);
    std::vector<std::uint64_t> changed;
    changed.reserve(e.positions.size());
    effect_outcome out;
    {
        sql::query q(c.db, confirm_one);
        for (const std::uint64_t pos : e.positions) {
            CAIRN_TRY(q.bind(c.now_us).bind(desk).bind(pos).run());
            if (c.db.changes() == 1) {
                changed.push_back(pos);
                continue;
            }
            auto why = not_pending(c, desk, pos);
            if (!why) return why.error();
            out.refused = std::move(why->refused);
            if (out.refused) break;
        }
    }
    if (out.refused) {
        // All or nothing: a refused confirm leaves no trace.
        sql::query q(c.db, unconfirm_one);
        for (const std::uint64_t pos : changed) CAIRN_TRY(q.bind(desk).bind(pos).run());
        return out;
    }
    out.confirmed = static_cast<std::uint32_t>(e.positions.size());
    if (!changed.empty()) {
        c.sums.desk(desk).confirmed += static_cast<std::int64_t>(changed.size());
        c.sums.settled(desk);
    }
    return out;
}

result<effect_outcome> apply_return(const effect_context& c, const return_effect& e) {
    const std::uint32_t desk = c.sums.known(e.desk);
    std::int64_t state = 0;
    {
        sql::query q(c.db, ask_state);
        if (q.bind(desk).bind(e.position).row()) state = q.i64(0);
        CAIRN_TRY(q.end());
    }
    if (state == 0) return refuse(errc::unknown_position);
    const auto was = static_cast<notice_state>(state);
    if (was != notice_state::pending && was != notice_state::confirmed) {
        return refuse(errc::already_settled);
    }
    sql::query q(c.db, return_one);
    CAIRN_TRY(q.bind(c.now_us).bind(e.reason).bind(desk).bind(e.position).run());
    desk_sums& sums = c.sums.desk(desk);
    ++sums.returned;
    if (was == notice_state::confirmed)
        --sums.confirmed;
    else
        c.sums.settled(desk);
    return effect_outcome{};
}

result<effect_outcome>
apply_registry(const effect_context& c, const registry_effect& e, std::uint64_t slot) {
    if (e.epoch != c.epoch + 1) return refuse(errc::bad_value, "registry epoch");
    auto key = c.keys.key_of(slot);
    if (!key) return refuse(key.error().code, key.error().where);
    // It names people's telephones and deputies.
    const bytes sealed = seal_part(*key, registry_part, e.state);
    wipe(key->key);
    sql::query q(c.db, put_registry);
    CAIRN_TRY(q.bind(e.epoch).bind(c.at.value).bind(slot).bind_blob(sealed).run());
    c.epoch = e.epoch;
    return effect_outcome{};
}

result<effect_outcome> apply_policy(const effect_context& c, const policy_effect& e) {
    sql::query q(c.db, put_policy);
    CAIRN_TRY(q.bind(c.at.value).bind_blob(view(e.text_digest)).bind_blob(e.text).run());
    return effect_outcome{};
}

} // namespace

bytes submission_hash(
    const key256& key, std::string_view sender, std::string_view idempotency_key
) {
    // Names hold no zero byte, so the pair cannot be split in two ways.
    const digest d = hmac_sha256(key, {sender, bytes_view("\0", 1), idempotency_key});
    return bytes(view(d).substr(0, 16));
}

result<effect_outcome> apply(const effect_context& c, const draft& d) {
    if (const auto* e = std::get_if<concern_effect>(&d.changes)) return apply_concern(c, *e);
    if (const auto* e = std::get_if<confirm_effect>(&d.changes)) return apply_confirm(c, *e);
    if (const auto* e = std::get_if<return_effect>(&d.changes)) return apply_return(c, *e);
    if (const auto* e = std::get_if<registry_effect>(&d.changes)) {
        return apply_registry(c, *e, d.key_slot);
    }
    if (const auto* e = std::get_if<policy_effect>(&d.changes)) return apply_policy(c, *e);
    return effect_outcome{};
}

status write_deliveries(const effect_context& c, const concern_effect& e) {
    sql::query q(c.db, put_delivery);
    std::int64_t part = 0;
    for (const notice_draft& n : e.notices) {
        const auto desk = c.sums.number_of(c.db, n.desk);
        if (!desk) return desk.error();
        desk_sums& sums = c.sums.desk(*desk);
        if (sums.routed == 0) sums.low = c.at.value;
        ++sums.routed;
        q.bind(*desk).bind(c.at.value).bind(++part).bind(n.hidden_from_sender ? 1 : 0);
        CAIRN_TRY(q.bind(c.now_us + n.acknowledge_within_us).run());
    }
    if (e.thread.empty() || e.thread == e.concern_id) return {};
    const stored_id thread(e.thread);
    sql::query r(c.db, put_reply);
    thread.bind(r);
    return r.bind(c.at.value).run();
}

} // namespace cairn::ledger
