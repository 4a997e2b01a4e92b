// Canonical path and value of a leaf field, as the log's field tree commits to them. Never to be
// changed: docs/formats/fields.md.
#pragma once

#include "redaction/plan.hpp"

namespace cairn::redaction {

// Index step of a field that is not repeated.
inline constexpr std::uint32_t no_index = 0xffffffff;

void push_step(bytes& path, int field_number, std::uint32_t index);
inline void pop_step(bytes& path) {
    path.resize(path.size() - 8);
}

// Appends strings and bytes as they are; integers, booleans and enums as the shortest varint;
// fixed-width types as their little-endian wire bytes. `index` is no_index for a field that is not
// repeated.
void put_canonical(bytes& out, const field_plan& plan, const pb::Message& m, std::uint32_t index);
void put_varint(bytes& out, std::uint64_t v);

} // namespace cairn::redaction
