// What a start reads and compares before it serves. docs/formats/ledger.md, "Start".
#include "ledger/batch.hpp"
#include "ledger/proofs.hpp"
#include "ledger/stored.hpp"
#include "ledger/verify.hpp"
#include "merkle/hashing.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* ask_meta = "SELECT ledger, partnership, log_key FROM meta";
constexpr const char* ask_last_leaf = "SELECT pos, leaf FROM leaf ORDER BY pos DESC LIMIT 1";
constexpr const char* ask_epoch = "SELECT coalesce(max(epoch), 0) FROM registry";
constexpr const char* ask_tail = "SELECT pos, leaf, nodes FROM leaf WHERE pos > ? ORDER BY pos";
constexpr const char* ask_newer = "SELECT (SELECT coalesce(max(pos), 0) FROM record) > ?1 OR"
                                  " (SELECT coalesce(max(pos), 0) FROM payload) > ?1 OR"
                                  " (SELECT coalesce(max(pos), 0) FROM checkpoint) > ?1";
constexpr const char* ask_before = "SELECT coalesce(max(pos), 0) FROM checkpoint WHERE pos < ?";
constexpr const char* ask_of_slot =
    "SELECT pos FROM record WHERE slot = ? ORDER BY pos DESC LIMIT 1";
constexpr const char* ask_by_slot =
    "SELECT r.pos FROM record r JOIN payload p ON p.pos = r.pos ORDER BY r.slot DESC";

failure damaged(position at, std::string why) {
    return fail(errc::log_damaged, name_of(at), std::move(why));
}

// Leaf, record, payload and head of a commit are there together or not at all.
status check_end(sql::database& db, position last) {
    sql::query q(db, ask_newer);
    const bool torn = q.bind(last.value).row() && q.i64(0) != 0;
    CAIRN_TRY(q.end());
    if (torn) return damaged(last, "rows beyond the last leaf");
    return {};
}

// Re-hashes the leaves of the last commit: what was being written when the process ended.
status check_last_commit(sql::database& db, position last) {
    sql::query b(db, ask_before);
    const std::uint64_t before = b.bind(last.value).row() ? b.u64(0) : 0;
    CAIRN_TRY(b.end());
    sql::query q(db, ask_tail);
    q.bind(before);
    while (q.row()) {
        const auto first = to_digest(q.blob(2).substr(0, 32));
        if (!first || merkle::leaf_hash(q.blob(1)) != *first) {
            return damaged({q.u64(0)}, "its leaf and its hash differ");
        }
    }
    return q.end();
}

// The tree does not have the signed root: says which record is to blame. Reads the whole year.
failure place_damage(sql::database& db, position last) {
    merkle::frontier tree;
    sql::query q(db, ask_tail);
    q.bind(position::at(last.year(), 0).value - 1);
    while (q.row()) {
        const position at{q.u64(0)};
        if (tree.append(merkle::leaf_hash(q.blob(1))) != q.blob(2)) {
            return damaged(at, "leaf and nodes differ");
        }
    }
    return damaged(last, "the tree and its signed head differ");
}

// Fills in what the head alone knows.
status
check_head(sql::database& db, position last, const merkle::verifier_key& key, log_state& out) {
    const merkle::frontier& tree = out.tree;
    const auto head = last_checkpoint(db, last.year());
    if (!head || head->last != last) return damaged(last, "no signed head covers it");
    const auto verified = merkle::verify_checkpoint(head->note, {&key, 1});
    if (!verified) {
        return damaged(last, "its signed head: " + verified.error().where);
    }
    if (verified->head.size != tree.size() || verified->head.root != tree.root()) {
        return place_damage(db, last);
    }
    out.checkpoint = head->note;
    out.top_slot = head->slot;
    return {};
}

// Nullopt where nothing of the record is left to be opened.
result<std::optional<position>> opens(sql::database& db, key_store& keys, position at) {
    const auto r = read_record(db, at);
    if (!r) return r.error();
    auto opened = open_body(keys, *r);
    if (opened) {
        wipe(opened->seed);
        return std::optional<position>(at);
    }
    if (opened.error().code == errc::erased) return std::optional<position>();
    return fail(
        errc::keys_missing,
        name_of(at),
        "its content does not open: keys.db is older than the ledger, or the record was changed"
    );
}

} // namespace

result<log_state>
load_state(sql::database& db, std::string_view partnership, const ed25519_public& log_key) {
    log_state out;
    CAIRN_TRY(out.sums.load(db));
    const auto epoch = db.number(ask_epoch);
    if (!epoch) return epoch.error();
    out.epoch = static_cast<std::uint64_t>(*epoch);
    position last;
    bytes leaf;
    {
        sql::query q(db, ask_last_leaf);
        if (q.row()) {
            last.value = q.u64(0);
            leaf = q.blob(1);
        }
        CAIRN_TRY(q.end());
    }
    CAIRN_TRY(check_end(db, last));
    if (leaf.empty()) return out;
    const auto decoded = merkle::decode_leaf(leaf);
    if (!decoded) return damaged(last, decoded.error().detail);
    auto tree = read_frontier(db, last.year(), last.index() + 1);
    if (!tree) return tree.error();
    out.year = last.year();
    out.tree = std::move(*tree);
    out.last_us = static_cast<std::int64_t>(decoded->record_time_us);
    CAIRN_TRY(check_last_commit(db, last));
    const merkle::verifier_key key{
        origin_of(partnership, out.year), merkle::key_type::ed25519, log_key};
    CAIRN_TRY(check_head(db, last, key, out));
    return out;
}

status check_released(sql::database& db, const log_state& state, key_store& keys) {
    const auto head = keys.stored_head();
    if (!head) return head.error();
    if (head->last.value == 0) return {};
    if (state.last() < head->last) {
        const std::string end = state.last().value == 0 ? "nowhere" : "at " + name_of(state.last());
        return fail(
            errc::log_damaged,
            "ledger.db",
            "an older copy: it ends " + end + ", but " + name_of(head->last) + " was released"
        );
    }
    const auto then = read_frontier(db, head->last.year(), head->last.index() + 1);
    if (!then) return then.error();
    if (then->root() == head->root) return {};
    return fail(
        errc::log_damaged, "ledger.db", "another log was released up to " + name_of(head->last)
    );
}

// By slot, not by position: a slot made anew takes all above it along, so if the highest that is
// needed opens, all below it are of the same time.
status check_newest_key(sql::database& db, const log_state& state, key_store& keys) {
    if (state.top_slot == 0) return {};
    {
        sql::query q(db, ask_of_slot);
        if (!q.bind(state.top_slot).row()) {
            CAIRN_TRY(q.end());
            return fail(errc::log_damaged, "ledger.db", "no record has the highest slot");
        }
        const auto found = opens(db, keys, {q.u64(0)});
        if (!found) return found.error();
        if (*found) return {};
    }
    sql::query q(db, ask_by_slot);
    while (q.row()) {
        const auto found = opens(db, keys, {q.u64(0)});
        if (!found) return found.error();
        if (*found) return {};
    }
    return q.end();
}

result<ledger_id> check_meta(sql::database& db, const options& o) {
    sql::query q(db, ask_meta);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return fail(errc::storage_foreign, "ledger.db", "made, but never finished");
    }
    ledger_id id{};
    if (q.blob(0).size() != id.size()) return fail(errc::log_damaged, "ledger.db", "its id");
    std::copy_n(q.blob(0).begin(), id.size(), id.begin());
    if (q.blob(1) != o.partnership) {
        return fail(errc::storage_foreign, "ledger.db", "of partnership " + std::string(q.blob(1)));
    }
    const ed25519_public expected = public_of(o.log_key);
    const bytes_view key{reinterpret_cast<const char*>(expected.raw.data()), expected.raw.size()};
    if (q.blob(2) != key) return fail(errc::keys_missing, "log key", "not the one of this ledger");
    return id;
}

} // namespace cairn::ledger
