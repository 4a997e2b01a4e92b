#include "ledger/proofs.hpp"

#include "merkle/receipt.hpp"
#include "merkle/tlog_proof.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* ask_nodes = "SELECT nodes FROM leaf WHERE pos = ?";
constexpr const char* ask_checkpoint =
    "SELECT pos, root, slot, note FROM checkpoint WHERE pos >= ? AND pos < ? ORDER BY pos LIMIT 1";
constexpr const char* ask_last_checkpoint =
    "SELECT pos, root, slot, note FROM checkpoint WHERE pos >= ? AND pos < ?"
    " ORDER BY pos DESC LIMIT 1";

result<stored_checkpoint>
read_checkpoint(sql::database& db, const char* text, position from, position until) {
    sql::query q(db, text);
    q.bind(from.value).bind(until.value);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return fail(errc::not_found);
    }
    stored_checkpoint out;
    out.last.value = q.u64(0);
    const auto root = to_digest(q.blob(1));
    if (!root) return fail(errc::log_damaged, name_of(out.last), "the checkpoint's root");
    out.root = *root;
    out.slot = q.u64(2);
    out.note = q.blob(3);
    return out;
}

// The record's own part of a receipt.
result<merkle::receipt_extra>
make_extra(key_store& keys, const stored_record& r, std::string_view party) {
    merkle::receipt_extra out;
    out.leaf = r.leaf;
    if (party.empty()) return out;
    auto opened = open_body(keys, r);
    if (!opened) return opened.error();
    const auto entries = split_sized(*r.entries);
    if (!entries) return fail(errc::log_damaged, name_of(r.at), "entries");
    std::vector<digest> hashes;
    std::optional<std::size_t> own;
    for (const bytes_view e : *entries) {
        const auto entry = merkle::decode_entry(e);
        if (!entry) return fail(errc::log_damaged, name_of(r.at), entry.error().detail);
        if (!own && entry->party == party) own = hashes.size();
        hashes.push_back(merkle::entry_hash(e));
    }
    if (!own) return fail(errc::not_found);
    const auto tree = merkle::entry_tree::make(opened->seed, hashes);
    if (!tree) return tree.error();
    merkle::opening o;
    o.entry = (*entries)[*own];
    o.index = static_cast<std::uint16_t>(*own);
    o.count = static_cast<std::uint16_t>(tree->count());
    o.path = tree->path(*own);
    o.randomness = merkle::commitment_randomness(opened->seed, static_cast<std::uint32_t>(*own));
    wipe(opened->seed);
    out.own = std::move(o);
    return out;
}

} // namespace

result<digest> stored_nodes::node(unsigned level, std::uint64_t index) const {
    const position at = position::at(year_, merkle::node_row(level, index));
    sql::query q(db_, ask_nodes);
    q.bind(at.value);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return fail(errc::log_damaged, name_of(at), "a leaf is missing");
    }
    const bytes_view nodes = q.blob(0);
    const std::size_t from = merkle::node_offset(level);
    if (from > nodes.size()) return fail(errc::log_damaged, name_of(at), "a node is missing");
    const auto out = to_digest(nodes.substr(from, 32));
    if (!out) return fail(errc::log_damaged, name_of(at), "a node is missing");
    return *out;
}

result<merkle::frontier> read_frontier(sql::database& db, std::uint32_t year, std::uint64_t size) {
    const stored_nodes source(db, year);
    std::vector<digest> hashes;
    for (unsigned level = 62; level < 63; --level) {
        if ((size >> level & 1U) == 0) continue;
        const auto node = source.node(level, (size >> level) - 1);
        if (!node) return node.error();
        hashes.push_back(*node);
    }
    return merkle::frontier::restore(size, hashes);
}

result<stored_checkpoint> checkpoint_of(sql::database& db, position at) {
    return read_checkpoint(db, ask_checkpoint, at, position::at(at.year() + 1, 0));
}

result<stored_checkpoint> last_checkpoint(sql::database& db, std::uint32_t year) {
    return read_checkpoint(
        db, ask_last_checkpoint, position::at(year, 0), position::at(year + 1, 0)
    );
}

result<std::string>
make_receipt(sql::database& db, key_store& keys, position at, std::string_view party) {
    const auto r = read_record(db, at);
    if (!r) return r.error();
    const auto extra = make_extra(keys, *r, party);
    if (!extra) return extra.error();
    const auto head = checkpoint_of(db, at);
    if (!head) return fail(errc::log_damaged, name_of(at), "no checkpoint covers it");
    const auto path =
        merkle::inclusion_proof(stored_nodes(db, at.year()), at.index(), head->last.index() + 1);
    if (!path) return path.error();
    return merkle::print_tlog_proof(merkle::encode(*extra), at.index(), *path, head->note);
}

} // namespace cairn::ledger
