// The tree over the sender's body, one salted leaf a field: single fields can be shown to be part
// of what was sent without the others. FROZEN: docs/formats/leaf.md.
#pragma once

#include "merkle/frontier.hpp"
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

// Takes the fields one after the other and keeps none. `seed` must outlive it.
class field_tree {
public:
    explicit field_tree(const record_seed& seed) : seed_(seed) {}

    void add(bytes_view path, bytes_view value);
    [[nodiscard]] digest root() const { return tree_.root(); }

private:
    const record_seed& seed_;
    std::uint32_t next_ = 0;
    frontier tree_;
    // The hashed bytes of the field at hand.
    bytes line_;
};

// Root over the fields in the order given; the i-th has field_salt(seed, i). The empty root for
// none.
digest field_root(const record_seed& seed, std::span<const field> fields);

} // namespace cairn::merkle
