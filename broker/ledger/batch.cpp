#include "ledger/batch.hpp"

#include "core/assert.hpp"
#include "ledger/proofs.hpp"
#include "ledger/stored.hpp"
#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* put_leaf = "INSERT INTO leaf(pos, leaf, nodes) VALUES (?, ?, ?)";
constexpr const char* ask_leaves = "SELECT leaf FROM leaf WHERE pos >= ? ORDER BY pos";
constexpr const char* put_checkpoint =
    "INSERT INTO checkpoint(pos, root, slot, note) VALUES (?, ?, ?, ?)";
constexpr const char* put_record =
    "INSERT INTO record(pos, recorded_us, kind, slot, flags, sender, concern_kind, parties, layout,"
    " id, thread, reply, withdraws, submission, body_mac, mac)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* put_payload = "INSERT INTO payload(pos, entries, parts) VALUES (?, ?, ?)";

// A party's name is in the leaf's entry with one byte of length.
constexpr std::size_t party_bytes_max = 255;

std::optional<failure> impossible(const draft& d) {
    if (d.parties.size() > merkle::entries_max) {
        return fail(errc::too_many, "parties: " + std::to_string(merkle::entries_max));
    }
    for (const party& p : d.parties) {
        if (p.name.empty() || p.name.size() > party_bytes_max)
            return fail(errc::bad_value, "party");
    }
    const auto* e = std::get_if<concern_effect>(&d.changes);
    const bool asks_only = e != nullptr && e->only_repeat;
    if (d.key_slot == 0 && !asks_only)
        return fail(errc::internal, {}, "a draft without a data key");
    return std::nullopt;
}

} // namespace

std::uint32_t year_of(std::int64_t us) {
    const auto day = std::chrono::floor<std::chrono::days>(from_us(us));
    const int year = static_cast<int>(std::chrono::year_month_day{day}.year());
    CAIRN_ASSERT(year >= 1970, "the clock is before 1970");
    return static_cast<std::uint32_t>(year);
}

batch::batch(
    sql::database& db,
    key_store& keys,
    lookups& index,
    const writer_keys& with,
    log_state& state,
    std::int64_t now_us
)
    : db_(db), keys_(keys), index_(index), with_(with), state_(state),
      now_us_(std::max(now_us, state.last_us)), year_(year_of(now_us_)),
      before_(year_ == state.year ? state.tree : merkle::frontier{}), top_slot_(state.top_slot) {}

position batch::next() const {
    return position::at(year_, before_.size() + leaves_.size());
}

status batch::write(std::span<draft> drafts) {
    outcomes_.resize(drafts.size());
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        CAIRN_TRY(write_one(drafts[i], outcomes_[i]));
        if (outcomes_[i].refused || outcomes_[i].repeats) continue;
        leaves_.push_back(outcomes_[i].leaf_hash);
        accepted_.push_back(i);
        top_slot_ = std::max(top_slot_, drafts[i].key_slot);
    }
    if (leaves_.empty()) return {};
    CAIRN_TRY(write_leaves());
    CAIRN_TRY(reread());
    CAIRN_TRY(sign());
    CAIRN_TRY(index_.flush(db_, position::at(year_, tree_->index(0)).value));
    return state_.sums.flush(db_, next().value);
}

status batch::write_one(const draft& d, staged& out) {
    if (auto why = impossible(d)) {
        out.refused = std::move(why);
        return {};
    }
    out.at = next();
    const effect_context c{
        db_, state_.sums, keys_, index_, with_.submission_key, out.at, now_us_, state_.epoch};
    auto done = apply(c, d);
    if (!done) return done.error();
    out.refused = std::move(done->refused);
    out.repeats = done->repeats;
    out.confirmed = done->confirmed;
    out.withdrawn = std::move(done->withdrawn);
    if (out.refused || out.repeats) return {};
    const auto parties = write_entries(d, out);
    if (!parties) return parties.error();
    CAIRN_TRY(write_payload(d, out));
    CAIRN_TRY(write_record(d, out, *parties, *done));
    if (const auto* e = std::get_if<concern_effect>(&d.changes)) return write_deliveries(c, *e);
    return {};
}

// Numbers the parties' entries in their agencies' chains and makes the leaf over them.
result<std::vector<std::uint32_t>> batch::write_entries(const draft& d, staged& out) {
    std::vector<digest> hashes;
    std::vector<std::uint32_t> numbers;
    hashes.reserve(d.parties.size());
    numbers.reserve(d.parties.size());
    entries_.clear();
    merkle::opening own;
    for (std::uint32_t i = 0; i < d.parties.size(); ++i) {
        const party& p = d.parties[i];
        const auto agency = state_.sums.number_of(db_, agency_of(p.name));
        if (!agency) return agency.error();
        const auto name = state_.sums.number_of(db_, p.name);
        if (!name) return name.error();
        chain_head& head = state_.sums.agency(*agency);
        merkle::party_entry e;
        e.part = static_cast<merkle::party_part>(p.part);
        e.salt = merkle::entry_salt(d.seed, i);
        e.party = p.name;
        e.agency_seq = head.seq + 1;
        e.previous = head.entry;
        e.commitment = p.commitment;
        const bytes encoded = merkle::encode(e);
        hashes.push_back(merkle::entry_hash(encoded));
        head = {e.agency_seq, hashes.back()};
        append_sized(entries_, encoded);
        numbers.push_back(*name);
        if (i == 0) own.entry = encoded;
    }
    const auto tree = merkle::entry_tree::make(d.seed, hashes);
    if (!tree) return tree.error();
    if (!hashes.empty()) {
        own.count = static_cast<std::uint16_t>(tree->count());
        own.path = tree->path(0);
        own.randomness = merkle::commitment_randomness(d.seed, 0);
        out.own = std::move(own);
    }
    merkle::leaf l;
    l.kind = d.kind;
    l.record_time_us = static_cast<std::uint64_t>(now_us_);
    l.decided_at_us = static_cast<std::uint64_t>(d.decided_at_us);
    l.policy_digest = d.policy;
    l.registry_epoch = d.registry_epoch;
    l.entries_root = tree->root();
    l.body_root = d.body_root;
    out.leaf = merkle::encode(l);
    out.leaf_hash = merkle::leaf_hash(out.leaf);
    return numbers;
}

status batch::write_payload(const draft& d, const staged& s) {
    parts_ = d.sealed_body;
    places_ = {static_cast<std::uint32_t>(d.sealed_body.size()), {}};
    if (const auto* e = std::get_if<concern_effect>(&d.changes)) {
        for (const notice_draft& n : e->notices) {
            const auto desk = state_.sums.number_of(db_, n.desk);
            if (!desk) return desk.error();
            places_.notices.push_back(
                {*desk,
                 static_cast<std::uint32_t>(n.sealed.size()),
                 n.hidden_from_sender,
                 n.acknowledge_within_us}
            );
            parts_ += n.sealed;
        }
    }
    sql::query q(db_, put_payload);
    return q.bind(s.at.value).bind_blob(entries_).bind_blob(parts_).run();
}

status batch::write_record(
    const draft& d,
    const staged& s,
    const std::vector<std::uint32_t>& parties,
    const effect_outcome& done
) {
    static const concern_effect none;
    const auto* concern = std::get_if<concern_effect>(&d.changes);
    const concern_effect& e = concern != nullptr ? *concern : none;
    std::uint32_t sender = 0;
    if (concern != nullptr) {
        const auto no = state_.sums.number_of(db_, e.sender);
        if (!no) return no.error();
        sender = *no;
    }
    const bytes numbers = encode_numbers(parties);
    const bytes places = encode(places_);
    const stored_id id(e.concern_id);
    const stored_id thread(e.thread == e.concern_id ? std::string_view{} : e.thread);
    const stored_id reply(e.in_reply_to);
    const stored_id withdraws(e.withdraws);
    const std::int64_t flags = e.acknowledges ? flag_acknowledges : 0;
    const bytes_view body_mac = done.submission.empty() ? bytes_view{} : view(e.body_mac);
    const bytes mac = guard_of(
        with_.record_key,
        {s.at,
         now_us_,
         d.kind,
         d.key_slot,
         flags,
         sender,
         e.kind,
         numbers,
         places,
         e.concern_id,
         e.thread.empty() ? e.concern_id : e.thread,
         e.in_reply_to,
         e.withdraws,
         done.submission,
         body_mac}
    );
    sql::query q(db_, put_record);
    q.bind(s.at.value).bind(now_us_).bind(static_cast<int>(d.kind)).bind(d.key_slot);
    q.bind(flags).bind(sender).bind(e.kind);
    q.bind_blob(numbers).bind_blob(places);
    id.bind(q);
    thread.bind(q);
    reply.bind(q);
    withdraws.bind(q);
    if (done.submission.empty())
        q.bind_null().bind_null();
    else
        q.bind_blob(done.submission).bind_blob(body_mac);
    return q.bind_blob(mac).run();
}

status batch::write_leaves() {
    tree_.emplace(before_, leaves_);
    sql::query q(db_, put_leaf);
    for (std::size_t i = 0; i < accepted_.size(); ++i) {
        const staged& s = outcomes_[accepted_[i]];
        const bytes nodes = tree_->stored_nodes(i);
        CAIRN_TRY(q.bind(s.at.value).bind_blob(s.leaf).bind_blob(nodes).run());
    }
    return {};
}

// One flipped bit between memory and page ended a public log for good (Yeti 2022): what is signed
// is what lies in the table.
status batch::reread() {
    sql::query q(db_, ask_leaves);
    q.bind(position::at(year_, tree_->index(0)).value);
    std::size_t i = 0;
    for (; q.row(); ++i) {
        if (i < leaves_.size() && merkle::leaf_hash(q.blob(0)) == leaves_[i]) continue;
        return fail(errc::log_damaged, {}, "a leaf changed between memory and table");
    }
    CAIRN_TRY(q.end());
    if (i != leaves_.size()) return fail(errc::log_damaged, {}, "a leaf is missing in the table");
    return {};
}

status batch::sign() {
    const merkle::note_signer signer(
        origin_of(with_.partnership, year_), *with_.log_key, merkle::key_type::ed25519
    );
    merkle::checkpoint head;
    head.origin = signer.verifier().name;
    head.size = before_.size() + leaves_.size();
    head.root = tree_->root();
    note_ = merkle::sign_checkpoint(signer, head);
    sql::query q(db_, put_checkpoint);
    q.bind(position::at(year_, head.size - 1).value);
    return q.bind_blob(view(head.root)).bind(top_slot_).bind_text(note_).run();
}

std::string batch::receipt(const staged& s) const {
    const std::size_t i = static_cast<std::size_t>(s.at.index() - tree_->index(0));
    const merkle::receipt_extra extra{s.leaf, s.own};
    const auto path = tree_->path(i);
    return merkle::print_tlog_proof(merkle::encode(extra), s.at.index(), path, note_);
}

void batch::advance() {
    index_.committed();
    state_.year = year_;
    state_.tree = tree_->after();
    state_.last_us = now_us_;
    state_.top_slot = top_slot_;
    state_.checkpoint = note_;
}

} // namespace cairn::ledger
