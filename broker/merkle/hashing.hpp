// RFC 6962 section 2.1 hashing. The first byte keeps a leaf from passing for an inner node: without
// it a forger could present two joined hashes as a record.
#pragma once

#include "core/bytes.hpp"

namespace cairn::merkle {

// SHA-256 of nothing.
digest empty_root();
// SHA-256(0x00 | data).
digest leaf_hash(bytes_view data);
// SHA-256(0x01 | left | right).
digest node_hash(const digest& left, const digest& right);

} // namespace cairn::merkle
