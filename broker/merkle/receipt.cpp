#include "merkle/receipt.hpp"

#include "core/assert.hpp"
#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"

#include <bit>

namespace cairn::merkle {
namespace {

constexpr std::uint8_t version = 1;

failure at_step(std::string_view step, const failure& f, errc code) {
    std::string where(step);
    if (!f.where.empty()) where += ": " + f.where;
    return fail(code, std::move(where), f.detail);
}
failure at_step(std::string_view step, const failure& f) {
    return at_step(step, f, f.code);
}

void put_sized(bytes& out, bytes_view part) {
    CAIRN_ASSERT(part.size() <= 0xffff, "a leaf or entry is small");
    put_u16(out, static_cast<std::uint16_t>(part.size()));
    out += part;
}

// log2 of the sizes padded_count() gives; nullopt for any other number.
std::optional<std::size_t> path_length(std::size_t count) {
    if (count == 0 || padded_count(count) != count) return std::nullopt;
    return static_cast<std::size_t>(std::bit_width(count) - 1);
}

result<party_entry>
check_entry(const opening& own, const leaf& record, std::optional<bytes_view> exact) {
    auto entry = decode_entry(own.entry);
    if (!entry) return at_step("entry", entry.error(), errc::proof_invalid);
    const status in_tree = verify_inclusion(
        entry_hash(own.entry), own.index, own.count, own.path, record.entries_root
    );
    if (!in_tree) return at_step("entry", in_tree.error());
    if (exact && commit(own.randomness, *exact) != entry->commitment) {
        return fail(errc::proof_invalid, "exact bytes: not those the log committed to");
    }
    return entry;
}

} // namespace

bytes encode(const receipt_extra& extra) {
    bytes out;
    out.push_back(static_cast<char>(version));
    put_sized(out, extra.leaf);
    const opening own = extra.own.value_or(opening{});
    CAIRN_ASSERT(
        own.path.size() == path_length(own.count).value_or(0) &&
            extra.own.has_value() == (own.count != 0),
        "the opening's path does not fit its count"
    );
    put_sized(out, own.entry);
    put_u16(out, own.index);
    put_u16(out, own.count);
    for (const digest& d : own.path) out += view(d);
    out += view(own.randomness);
    return out;
}

result<receipt_extra> decode_extra(bytes_view in) {
    const failure bad = fail(errc::note_malformed, "extra");
    reader r(in);
    if (r.u8() != version) return bad;
    receipt_extra out;
    out.leaf = r.take(r.u16());
    opening own;
    own.entry = r.take(r.u16());
    own.index = r.u16();
    own.count = r.u16();
    const std::optional<std::size_t> length = path_length(own.count);
    for (std::size_t i = 0; i < length.value_or(0); ++i) {
        own.path.push_back(to_digest(r.take(32)).value_or(digest{}));
    }
    own.randomness = to_digest(r.take(32)).value_or(digest{});
    if (!r.done()) return bad;
    if (own.entry.empty()) {
        // One text for one meaning: what is not opened is zero.
        if (own != opening{}) return bad;
        return out;
    }
    if (!length) return bad;
    out.own = std::move(own);
    return out;
}

result<verified_receipt> verify_receipt(
    std::string_view text, std::span<const verifier_key> keys, std::optional<bytes_view> exact
) {
    const auto proof = parse_tlog_proof(text);
    if (!proof) return at_step("receipt text", proof.error());
    auto signed_head = verify_checkpoint(proof->note, keys);
    if (!signed_head) return at_step("checkpoint", signed_head.error());
    // Else the key of one log could vouch for a head in another's name.
    if (signed_head->head.origin != signed_head->log_name) {
        return fail(errc::signature_invalid, "checkpoint: the origin is not the key's name");
    }
    if (!proof->extra) return fail(errc::note_malformed, "extra: missing");
    const auto extra = decode_extra(*proof->extra);
    if (!extra) return extra.error();
    const auto record = decode_leaf(extra->leaf);
    if (!record) return fail(errc::proof_invalid, "leaf", record.error().detail);
    const checkpoint& head = signed_head->head;
    const status in_log =
        verify_inclusion(leaf_hash(extra->leaf), proof->index, head.size, proof->path, head.root);
    if (!in_log) return at_step("inclusion", in_log.error());

    verified_receipt out;
    if (extra->own) {
        auto entry = check_entry(*extra->own, *record, exact);
        if (!entry) return entry.error();
        out.entry = std::move(*entry);
        out.exact_checked = exact.has_value();
    } else if (exact) {
        return fail(errc::proof_invalid, "exact bytes: this receipt opens no entry");
    }
    out.record = *record;
    out.index = proof->index;
    out.size = head.size;
    out.origin = head.origin;
    out.signatures = std::move(signed_head->signatures);
    return out;
}

} // namespace cairn::merkle
