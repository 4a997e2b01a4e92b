#include "unit/merkle/worked_example.hpp"

#include "merkle/batch_tree.hpp"
#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"

namespace cairn::merkle {
namespace {

constexpr std::uint64_t time_us = 1'767'225'600'000'000;

void add_entries(worked_example& e) {
    const std::vector<std::pair<party_part, std::string>> parties = {
        {party_part::sender, "oakfield"},
        {party_part::desk, "northshire-council/front_door"},
        {party_part::desk, "northshire-police/mash"},
    };
    for (std::uint32_t i = 0; i < parties.size(); ++i) {
        party_entry entry;
        entry.part = parties[i].first;
        entry.party = parties[i].second;
        entry.salt = entry_salt(e.seed, i);
        // The police were told something before.
        entry.agency_seq = i == 2 ? 2 : 1;
        if (i == 2) entry.previous = leaf_hash("an earlier entry");
        entry.commitment = commit(commitment_randomness(e.seed, i), e.exact[i]);
        e.entries.push_back(encode(entry));
    }
}

std::vector<digest> entry_hashes(const worked_example& e) {
    std::vector<digest> out;
    for (const bytes& entry : e.entries) out.push_back(entry_hash(entry));
    return out;
}

receipt_extra extra_of(const worked_example& e, std::uint16_t i) {
    const entry_tree tree = entry_tree::make(e.seed, entry_hashes(e)).value();
    receipt_extra out;
    out.leaf = encode(e.record);
    out.own = opening{
        e.entries[i],
        i,
        static_cast<std::uint16_t>(tree.count()),
        tree.path(i),
        commitment_randomness(e.seed, i),
    };
    return out;
}

std::string hex(const digest& d) {
    return to_hex(view(d));
}

} // namespace

note_signer worked_signer() {
    ed25519_private key;
    for (std::size_t i = 0; i < key.seed.size(); ++i) key.seed[i] = static_cast<std::uint8_t>(i);
    return {"northshire/2026", key, key_type::ed25519};
}

worked_example make_worked_example() {
    worked_example e;
    for (std::size_t i = 0; i < 32; ++i) e.seed[i] = static_cast<std::uint8_t>(0xa0 + i);
    e.exact = {"what the school sent", "what the front door gets", "what the police get"};
    bytes path;
    append_step(path, 3, 0);
    append_step(path, 2, not_repeated);
    e.fields.push_back({path, "Robin"});
    path.clear();
    append_step(path, 7, not_repeated);
    e.fields.push_back({path, "late and hungry"});
    add_entries(e);
    e.record.kind = record_kind::concern;
    e.record.record_time_us = time_us + 2500;
    e.record.decided_at_us = time_us;
    e.record.policy_digest = leaf_hash("a policy");
    e.record.registry_epoch = 42;
    e.record.entries_root = entry_tree::make(e.seed, entry_hashes(e)).value().root();
    e.record.body_root = field_root(e.seed, e.fields);

    leaf other;
    other.kind = record_kind::registry;
    other.record_time_us = time_us;
    other.entries_root = entry_tree::make(e.seed, {}).value().root();
    other.body_root = empty_root();
    e.log = {encode(other), encode(other), encode(e.record), encode(other), encode(other)};
    std::vector<digest> leaves;
    for (const bytes& l : e.log) leaves.push_back(leaf_hash(l));
    const batch_tree tree({}, leaves);
    const note_signer signer = worked_signer();
    e.vkey = print_vkey(signer.verifier());
    e.checkpoint_note =
        sign_checkpoint(signer, {signer.verifier().name, tree.size(), tree.root(), {}});
    e.receipt = print_tlog_proof(encode(extra_of(e, 0)), 2, tree.path(2), e.checkpoint_note);
    return e;
}

std::map<std::string, std::string> worked_values(const worked_example& e) {
    std::map<std::string, std::string> out;
    out["seed"] = to_hex(view(e.seed));
    for (std::uint32_t i = 0; i < e.entries.size(); ++i) {
        const std::string n = std::to_string(i);
        out["exact_bytes_" + n] = to_hex(e.exact[i]);
        out["entry_salt_" + n] = to_hex(salt_view(entry_salt(e.seed, i)));
        out["randomness_" + n] = hex(commitment_randomness(e.seed, i));
        out["commitment_" + n] = hex(commit(commitment_randomness(e.seed, i), e.exact[i]));
        out["entry_" + n] = to_hex(e.entries[i]);
        out["entry_hash_" + n] = hex(entry_hash(e.entries[i]));
    }
    out["padding_3"] = hex(padding_leaf(e.seed, 3));
    out["padding_7"] = hex(padding_leaf(e.seed, 7));
    out["entries_root"] = hex(e.record.entries_root);
    for (std::uint32_t i = 0; i < e.fields.size(); ++i) {
        const std::string n = std::to_string(i);
        out["field_salt_" + n] = to_hex(salt_view(field_salt(e.seed, i)));
        out["field_" + n] =
            to_hex(encode_field(field_salt(e.seed, i), e.fields[i].path, e.fields[i].value));
    }
    out["body_root"] = hex(e.record.body_root);
    out["leaf"] = to_hex(encode(e.record));
    out["leaf_hash"] = hex(leaf_hash(encode(e.record)));
    out["extra"] = to_hex(encode(extra_of(e, 0)));
    out["vkey"] = e.vkey;
    return out;
}

} // namespace cairn::merkle
