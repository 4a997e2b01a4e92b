#include "ledger/verify.hpp"

#include "ledger/batch.hpp"
#include "ledger/columns.hpp"
#include "ledger/proofs.hpp"
#include "ledger/stored.hpp"
#include "merkle/field_tree.hpp"
#include "merkle/hashing.hpp"

#include "cairn/v1/record.pb.h"

#include <map>

namespace cairn::ledger {
namespace {

constexpr const char* ask_positions = "SELECT pos FROM leaf ORDER BY pos";
constexpr const char* ask_heads = "SELECT pos, root, note, slot FROM checkpoint WHERE pos = ?";
constexpr const char* ask_party = "SELECT name FROM party WHERE no = ?";
constexpr const char* ask_agencies =
    "SELECT p.name, a.seq, a.entry FROM agency a LEFT JOIN party p ON p.no = a.no";
constexpr const char* ask_torn =
    "SELECT pos FROM (SELECT pos FROM record UNION SELECT pos FROM payload UNION"
    " SELECT pos FROM checkpoint) WHERE pos NOT IN (SELECT pos FROM leaf) LIMIT 1";

class verifier {
public:
    verifier(
        sql::database& db,
        key_store& keys,
        std::string_view partnership,
        const ed25519_public& log_key
    )
        : db_(db), keys_(keys), partnership_(partnership), log_key_(log_key), columns_(db, keys) {}

    result<verified_counts> run(bool with_state) {
        sql::query q(db_, ask_positions);
        while (q.row()) CAIRN_TRY(check({q.u64(0)}));
        CAIRN_TRY(q.end());
        if (at_.value != 0 && !covered_) return bad("no signed head covers it");
        CAIRN_TRY(check_torn());
        CAIRN_TRY(columns_.check_registry());
        if (!with_state) return counts_;
        CAIRN_TRY(check_chains());
        CAIRN_TRY(columns_.check_policies());
        return counts_;
    }

private:
    failure bad(std::string why) const {
        return fail(errc::log_damaged, name_of(at_), std::move(why));
    }

    status check(position at) {
        const bool first = at_.value == 0 || at.year() > at_.year();
        if (first && at_.value != 0 && !covered_) return bad("no signed head covers it");
        const position expected = first ? position::at(at.year(), 0) : position{at_.value + 1};
        if (at != expected) {
            at_ = expected;
            return bad("it is missing");
        }
        if (first) tree_ = {};
        at_ = at;
        auto r = read_record(db_, at);
        if (!r) return bad(r.error().detail.empty() ? "it cannot be read" : r.error().detail);
        CAIRN_TRY(check_leaf(*r));
        CAIRN_TRY(check_head());
        ++counts_.records;
        counts_.notices += r->places.notices.size();
        CAIRN_TRY(columns_.check_guard(*r));
        return check_content(*r);
    }

    status check_leaf(const stored_record& r) {
        const auto decoded = merkle::decode_leaf(r.leaf);
        if (!decoded) return bad("leaf: " + decoded.error().detail);
        leaf_ = *decoded;
        if (tree_.append(merkle::leaf_hash(r.leaf)) != r.nodes) return bad("leaf and nodes differ");
        const auto time = static_cast<std::int64_t>(leaf_.record_time_us);
        if (leaf_.kind != r.kind || time != r.recorded_us) return bad("leaf and record differ");
        if (time < last_us_ || year_of(time) != at_.year()) return bad("its time is out of order");
        last_us_ = time;
        top_slot_ = std::max(top_slot_, r.slot);
        return {};
    }

    status check_head() {
        sql::query q(db_, ask_heads);
        covered_ = q.bind(at_.value).row();
        CAIRN_TRY(q.end());
        if (!covered_) return {};
        ++counts_.heads;
        if (q.u64(3) != top_slot_) return bad("the head's highest slot");
        const merkle::verifier_key key{
            origin_of(partnership_, at_.year()), merkle::key_type::ed25519, log_key_};
        const auto head = merkle::verify_checkpoint(q.blob(2), {&key, 1});
        if (!head) return bad("its signed head: " + head.error().where);
        const digest root = tree_.root();
        if (head->head.size != tree_.size() || head->head.root != root || q.blob(1) != view(root)) {
            return bad("tree and signed head differ");
        }
        // Re-signing must give the same bytes, or the receipts of this commit would change.
        if (head->head.origin != key.name) return bad("the signed head is of another log");
        return {};
    }

    status check_content(const stored_record& r) {
        if (!r.entries) {
            const auto key = keys_.key_of(r.slot);
            if (key || key.error().code != errc::erased) return bad("its payload is missing");
            ++counts_.erased;
            return {};
        }
        auto opened = open_body(keys_, r);
        if (!opened) return bad("its body does not open");
        CAIRN_TRY(check_sizes(r));
        const auto entries = split_sized(*r.entries);
        if (!entries) return bad("entries");
        if (entries->size() != r.parties.size()) return bad("entries and parties differ");
        std::vector<digest> hashes;
        std::vector<merkle::party_entry> parties;
        for (const bytes_view e : *entries) {
            auto entry = merkle::decode_entry(e);
            if (!entry) return bad("entry: " + entry.error().detail);
            CAIRN_TRY(check_chain(*entry, r.parties[parties.size()]));
            hashes.push_back(merkle::entry_hash(e));
            chains_[std::string(agency_of(entry->party))] = {entry->agency_seq, hashes.back()};
            parties.push_back(std::move(*entry));
        }
        const auto tree = merkle::entry_tree::make(opened->seed, hashes);
        if (!tree || tree->root() != leaf_.entries_root)
            return bad("its entries differ from the leaf");
        return check_commitments(r, *opened, parties);
    }

    status check_sizes(const stored_record& r) const {
        std::size_t sum = r.places.body;
        for (const notice_place& n : r.places.notices) sum += n.size;
        if (sum != r.parts.size()) return bad("its payload is longer or shorter than its layout");
        return {};
    }

    status check_chain(const merkle::party_entry& e, std::uint32_t party) {
        sql::query q(db_, ask_party);
        const bool named = q.bind(party).row() && q.blob(0) == e.party;
        CAIRN_TRY(q.end());
        if (!named) return bad("entry and party differ");
        const chain_head& before = chains_[std::string(agency_of(e.party))];
        const bool next = e.agency_seq == before.seq + 1;
        const bool linked = next && e.previous == before.entry;
        // What was erased took its entries along: nobody can say how many, only that they were.
        const bool bridged = counts_.erased != 0 && !next && e.agency_seq > before.seq;
        if (!linked && !bridged) return bad("a gap in an agency's chain");
        return {};
    }

    // Notices against their desks' entries, a concern as it came against its sender's, any other
    // body against the leaf.
    status check_commitments(
        const stored_record& r,
        const opened_body& opened,
        const std::vector<merkle::party_entry>& parties
    ) {
        v1::RecordBody body;
        if (!body.ParseFromString(opened.body)) return bad("its body is no record body");
        const bool concern = r.kind == record_kind::concern;
        if (concern != body.has_concern()) return bad("kind and body differ");
        if (!concern) {
            const merkle::field whole{{}, opened.body};
            const digest root = merkle::field_root(opened.seed, {&whole, 1});
            if (root != leaf_.body_root) return bad("its body differs from the leaf");
            return columns_.check_other(r, body);
        }
        const auto& c = body.concern();
        CAIRN_TRY(columns_.check_concern(r, c));
        if (parties.empty() ||
            merkle::commit(merkle::commitment_randomness(opened.seed, 0), c.submitted()) !=
                parties[0].commitment) {
            return bad("the concern differs from what its sender's entry commits to");
        }
        return check_notices(r, opened, parties);
    }

    status check_notices(
        const stored_record& r,
        const opened_body& opened,
        const std::vector<merkle::party_entry>& parties
    ) {
        auto key = keys_.key_of(r.slot);
        if (!key) return bad("its data key is missing");
        for (std::uint32_t i = 0; i < r.places.notices.size(); ++i) {
            const auto plain = open_part(*key, i + 1, r.sealed_notice(i));
            if (!plain) return bad("a notice does not open");
            if (i + 1 >= parties.size()) return bad("a notice without an entry");
            const digest c =
                merkle::commit(merkle::commitment_randomness(opened.seed, i + 1), *plain);
            if (c != parties[i + 1].commitment) return bad("a notice differs from its entry");
        }
        wipe(key->key);
        return {};
    }

    status check_torn() {
        sql::query q(db_, ask_torn);
        if (q.row()) return fail(errc::log_damaged, name_of({q.u64(0)}), "it has no leaf");
        return q.end();
    }

    status check_chains() {
        sql::query q(db_, ask_agencies);
        std::size_t n = 0;
        for (; q.row(); ++n) {
            const auto it = chains_.find(std::string(q.blob(0)));
            const bool same = it != chains_.end() && it->second.seq == q.u64(1) &&
                              view(it->second.entry) == q.blob(2);
            const bool further = it != chains_.end() && it->second.seq < q.u64(1);
            if (!same && !(counts_.erased != 0 && (it == chains_.end() || further)))
                return fail(errc::log_damaged, "agency", "a chain's head differs");
        }
        CAIRN_TRY(q.end());
        if (n < chains_.size() || (counts_.erased == 0 && n != chains_.size()))
            return fail(errc::log_damaged, "agency", "a chain's head is missing");
        return {};
    }

    sql::database& db_;
    key_store& keys_;
    std::string_view partnership_;
    const ed25519_public& log_key_;
    column_checks columns_;
    position at_;
    bool covered_ = false;
    verified_counts counts_;
    std::uint64_t top_slot_ = 0;
    merkle::frontier tree_;
    merkle::leaf leaf_;
    std::int64_t last_us_ = 0;
    std::map<std::string, chain_head> chains_;
};

} // namespace

result<verified_counts> verify_records(
    sql::database& db, key_store& keys, std::string_view partnership, const ed25519_public& log_key
) {
    return verifier(db, keys, partnership, log_key).run(false);
}

result<verified_counts> verify_ledger(
    sql::database& db, key_store& keys, std::string_view partnership, const ed25519_public& log_key
) {
    return verifier(db, keys, partnership, log_key).run(true);
}

} // namespace cairn::ledger
