#include "ledger/draft.hpp"

namespace cairn::ledger {
namespace {

// Sealed bytes fit only their own place: a part moved to another slot or number does not open.
bytes place(std::uint64_t slot, std::uint32_t part) {
    bytes out = "cairn part v1";
    put_u64(out, slot);
    put_u32(out, part);
    return out;
}

} // namespace

// A slot's key seals one record, so that the part's number never repeats as a nonce.
bytes seal_part(const data_key& key, std::uint32_t part, bytes_view plain) {
    return seal(key.key, counter_nonce(part), plain, place(key.slot, part));
}

result<bytes> open_part(const data_key& key, std::uint32_t part, bytes_view sealed) {
    return open(key.key, counter_nonce(part), sealed, place(key.slot, part));
}

std::size_t weight(const draft& d) {
    std::size_t out = sizeof(draft) + d.sealed_body.size();
    for (const party& p : d.parties) out += sizeof(party) + p.name.size();
    if (const auto* c = std::get_if<concern_effect>(&d.changes)) {
        for (const notice_draft& n : c->notices) out += sizeof(n) + n.sealed.size();
    } else if (const auto* s = std::get_if<confirm_effect>(&d.changes)) {
        out += s->positions.size() * sizeof(std::uint64_t);
    } else if (const auto* r = std::get_if<registry_effect>(&d.changes)) {
        out += r->state.size();
    } else if (const auto* p = std::get_if<policy_effect>(&d.changes)) {
        out += p->text.size();
    }
    return out;
}

} // namespace cairn::ledger
