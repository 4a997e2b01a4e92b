// Everything random about one record comes from one secret of 32 bytes, which lies only in the
// vault: when it is destroyed, no salt and no opening can be made again, and what stays in the log
// says nothing. The first byte keeps the uses apart. docs/formats/leaf.md gives them as a table.
#pragma once

#include "core/bytes.hpp"
#include "core/crypto.hpp"

namespace cairn::merkle {

using record_seed = key256;
using salt128 = std::array<std::uint8_t, 16>;

inline bytes_view salt_view(const salt128& s) {
    return {reinterpret_cast<const char*>(s.data()), s.size()};
}

// Of the i-th party entry.
salt128 entry_salt(const record_seed& seed, std::uint32_t i);
// Opens the i-th party's commitment; given to that party in its receipt.
digest commitment_randomness(const record_seed& seed, std::uint32_t i);
// Fills place i of the entry tree.
digest padding_leaf(const record_seed& seed, std::uint32_t i);
// Of the i-th field of the body.
salt128 field_salt(const record_seed& seed, std::uint32_t i);

// SHA-256(0x02 | randomness | exact bytes of that party).
digest commit(const digest& randomness, bytes_view exact);

} // namespace cairn::merkle
