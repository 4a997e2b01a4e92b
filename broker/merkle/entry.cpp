#include "merkle/entry.hpp"

#include "core/assert.hpp"
#include "merkle/hashing.hpp"
#include "merkle/note.hpp"

#include <algorithm>
#include <bit>

namespace cairn::merkle {
namespace {

constexpr std::uint8_t version = 1;

bool chained(const party_entry& e) {
    return e.agency_seq > 0 && (e.agency_seq == 1) == (e.previous == digest{});
}

} // namespace

std::string_view name_of(party_part part) {
    switch (part) {
    case party_part::sender:
        return "sender";
    case party_part::desk:
        return "desk";
    case party_part::actor:
        return "actor";
    }
    return {};
}

bytes encode(const party_entry& e) {
    CAIRN_ASSERT(
        e.party.size() <= 255 && is_note_line(e.party), "a party's name is 1 to 255 bytes"
    );
    CAIRN_ASSERT(chained(e), "the first entry of an agency, and only it, has no previous");
    bytes out;
    out.reserve(91 + e.party.size());
    out.push_back(static_cast<char>(version));
    out.push_back(static_cast<char>(e.part));
    out += salt_view(e.salt);
    out.push_back(static_cast<char>(e.party.size()));
    out += e.party;
    put_u64(out, e.agency_seq);
    out += view(e.previous);
    out += view(e.commitment);
    return out;
}

result<party_entry> decode_entry(bytes_view in) {
    const auto bad = [](std::string why) {
        return fail(errc::log_damaged, "entry", std::move(why));
    };
    reader r(in);
    if (r.u8() != version) return bad("unknown version");
    party_entry out;
    out.part = static_cast<party_part>(r.u8());
    if (name_of(out.part).empty()) return bad("unknown part");
    const bytes_view salt = r.take(out.salt.size());
    std::copy(salt.begin(), salt.end(), out.salt.begin());
    out.party = r.take(r.u8());
    out.agency_seq = r.u64();
    out.previous = to_digest(r.take(32)).value_or(digest{});
    out.commitment = to_digest(r.take(32)).value_or(digest{});
    if (!r.done()) return bad("wrong size");
    if (!is_note_line(out.party)) return bad("no party, or not its form");
    if (!chained(out)) return bad("sequence and previous entry contradict each other");
    return out;
}

digest entry_hash(bytes_view encoded_entry) {
    return leaf_hash(encoded_entry);
}

std::size_t padded_count(std::size_t entries) {
    if (entries > entries_max) return 0;
    return std::max<std::size_t>(8, std::bit_ceil(entries));
}

result<entry_tree> entry_tree::make(const record_seed& seed, std::span<const digest> entry_hashes) {
    entry_tree out;
    out.count_ = padded_count(entry_hashes.size());
    if (out.count_ == 0) {
        return fail(errc::too_many, "entries: " + std::to_string(entries_max));
    }
    out.nodes_.reserve(2 * out.count_);
    out.nodes_.assign(entry_hashes.begin(), entry_hashes.end());
    while (out.nodes_.size() < out.count_) {
        out.nodes_.push_back(padding_leaf(seed, static_cast<std::uint32_t>(out.nodes_.size())));
    }
    for (std::size_t i = 0; out.nodes_.size() < 2 * out.count_ - 1; i += 2) {
        out.nodes_.push_back(node_hash(out.nodes_[i], out.nodes_[i + 1]));
    }
    return out;
}

std::vector<digest> entry_tree::path(std::size_t i) const {
    CAIRN_ASSERT(i < count_, "no such entry");
    std::vector<digest> out;
    std::size_t begin = 0;
    for (std::size_t width = count_; width > 1; width /= 2) {
        out.push_back(nodes_[begin + (i ^ 1U)]);
        begin += width;
        i /= 2;
    }
    return out;
}

} // namespace cairn::merkle
