#include "ledger/copied.hpp"

#include "ledger/batch.hpp"
#include "ledger/proofs.hpp"
#include "ledger/schema.hpp"
#include "merkle/hashing.hpp"

#include <algorithm>
#include <map>

namespace cairn::ledger {
namespace {

// 16 MiB: between two steps a kill is noticed, no more.
constexpr int copied_pages = 4096;

constexpr const char* ask_anything = "SELECT count(*) FROM meta";
constexpr const char* ask_slots = "SELECT pos, slot FROM record ORDER BY pos";
constexpr const char* ask_slot_of =
    "SELECT r.slot, l.leaf FROM record r JOIN leaf l USING (pos) WHERE r.pos = ?";
constexpr const char* drop_payload = "DELETE FROM payload WHERE pos = ?";

} // namespace

result<ledger_snapshot> ledger_snapshot::begin(const std::string& folder) {
    const sql::file file = ledger_file(folder, {});
    if (!sql::exists(file)) return fail(errc::storage_foreign, "ledger.db", "no such file");
    auto db = open_reader(file);
    if (!db) return db.error();
    CAIRN_TRY((*db)->exec("BEGIN"));
    // A transaction begins with its first look.
    const auto rows = (*db)->number(ask_anything);
    if (!rows) return rows.error();
    return ledger_snapshot(std::move(*db));
}

status ledger_snapshot::copy_to(const std::string& path) {
    auto copy = sql::page_copy::begin(*db_, path);
    if (!copy) return copy.error();
    for (bool done = false; !done;) {
        const auto went = (*copy)->step(copied_pages);
        if (!went) return went.error();
        done = *went;
    }
    copy->reset();
    return db_->exec("ROLLBACK");
}

result<copied_ledger> copied_ledger::open(const options& o, random_source& random) {
    auto files = open_files(o, random, true);
    if (!files) return files.error();
    return copied_ledger(o, std::move(*files));
}

result<copy_facts> copied_ledger::verify() {
    sql::database& db = *files_.db;
    key_store& keys = *files_.keys;
    const ed25519_public log_key = public_of(o_.log_key);
    copy_facts out;
    const auto id = check_meta(db, o_);
    if (!id) return id.error();
    out.id = *id;
    const auto state = load_state(db, o_.partnership, log_key);
    if (!state) return state.error();
    CAIRN_TRY(check_newest_key(db, *state, keys));
    const auto counts = verify_ledger(db, keys, o_.partnership, log_key);
    if (!counts) return counts.error();
    CAIRN_TRY(compare_state(db, keys));
    out.counts = *counts;
    out.last = state->last();
    out.last_us = state->last_us;
    out.registry_epoch = state->epoch;
    out.root = state->tree.root();
    out.checkpoint = state->checkpoint;
    const auto released = keys.stored_head();
    if (!released) return released.error();
    out.released = *released;
    if (!(out.last < out.released.last)) CAIRN_TRY(check_released(db, *state, keys));
    auto erased = list_erased();
    if (!erased) return erased.error();
    out.erased = std::move(*erased);
    return out;
}

result<digest> copied_ledger::root_at(std::uint32_t year, std::uint64_t size) {
    const auto head = last_checkpoint(*files_.db, year);
    if (!head) return head.error();
    if (head->last.index() + 1 < size) return fail(errc::not_found);
    const auto tree = read_frontier(*files_.db, year, size);
    if (!tree) return tree.error();
    return tree->root();
}

// A slot that was made anew since belongs to another record: the newest that has the number counts.
result<std::vector<erased_record>> copied_ledger::list_erased() {
    const auto slots = files_.keys->destroyed();
    if (!slots) return slots.error();
    std::map<std::uint64_t, position> newest;
    for (const std::uint64_t slot : *slots) newest[slot];
    sql::query q(*files_.db, ask_slots);
    while (!newest.empty() && q.row()) {
        const auto it = newest.find(q.u64(1));
        if (it != newest.end()) it->second = {q.u64(0)};
    }
    CAIRN_TRY(q.end());
    std::vector<erased_record> out;
    for (const auto& [slot, at] : newest) {
        if (at.value == 0) continue;
        sql::query l(*files_.db, ask_slot_of);
        if (l.bind(at.value).row()) out.push_back({at, merkle::leaf_hash(l.blob(1))});
        CAIRN_TRY(l.end());
    }
    std::sort(out.begin(), out.end(), [](const auto& x, const auto& y) { return x.at < y.at; });
    return out;
}

result<bool> copied_ledger::erase_one(const erased_record& r) {
    std::uint64_t slot = 0;
    {
        sql::query q(*files_.db, ask_slot_of);
        const bool same = q.bind(r.at.value).row() && merkle::leaf_hash(q.blob(1)) == r.leaf_hash;
        if (same) slot = q.u64(0);
        CAIRN_TRY(q.end());
        if (!same) return false;
    }
    const auto key = files_.keys->key_of(slot);
    const bool gone = !key && key.error().code == errc::erased;
    if (!key && !gone) return key.error();
    // The key first: from then on the content is lost, whatever happens to the row.
    if (!gone) CAIRN_TRY(files_.keys->destroy(slot));
    sql::query q(*files_.db, drop_payload);
    CAIRN_TRY(q.bind(r.at.value).run());
    return !gone;
}

result<std::uint64_t> copied_ledger::erase(std::span<const erased_record> list) {
    std::uint64_t done = 0;
    for (const erased_record& r : list) {
        const auto one = erase_one(r);
        if (!one) return one.error();
        if (*one) ++done;
    }
    if (done == 0) return done;
    // The removed rows are not to stay behind in the write-ahead log.
    CAIRN_TRY(files_.db->checkpoint_truncate(duration{0}));
    const auto good =
        verify_ledger(*files_.db, *files_.keys, o_.partnership, public_of(o_.log_key));
    if (!good) return good.error();
    return done;
}

status copied_ledger::accept_end() {
    const auto state = load_state(*files_.db, o_.partnership, public_of(o_.log_key));
    if (!state) return state.error();
    return files_.keys->put_back_head({state->last(), state->tree.root()});
}

} // namespace cairn::ledger
