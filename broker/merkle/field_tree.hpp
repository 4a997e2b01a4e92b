// The tree over the sender's body, one salted leaf a field: single fields can be shown to be part
// of what was sent without the others. FROZEN: docs/formats/leaf.md.
#pragma once

#include "merkle/seed.hpp"

#include <span>

namespace cairn::merkle {

// Index of a step that is not repeated.
inline constexpr std::uint32_t not_repeated = 0xffffffff;

// Appends one step of a path: field number, then place in the list or not_repeated.
void append_step(bytes& path, std::uint32_t field_number, std::uint32_t index);

struct field {
    // Steps from the outside in, at most 65535 bytes.
    bytes path;
    bytes value;
};

// The hashed bytes of one field.
bytes encode_field(const salt128& salt, bytes_view path, bytes_view value);

// Root over the fields in the order given; the i-th has field_salt(seed, i). The empty root for
// none.
digest field_root(const record_seed& seed, std::span<const field> fields);

} // namespace cairn::merkle
