#include "merkle/field_tree.hpp"

#include "core/assert.hpp"
#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"

namespace cairn::merkle {
namespace {

constexpr char version = 1;

} // namespace

void append_step(bytes& path, std::uint32_t field_number, std::uint32_t index) {
    put_u32(path, field_number);
    put_u32(path, index);
}

bytes encode_field(const salt128& salt, bytes_view path, bytes_view value) {
    CAIRN_ASSERT(path.size() <= 0xffff, "a path deeper than any schema of ours");
    bytes out;
    out.reserve(19 + path.size() + value.size());
    out.push_back(version);
    out += salt_view(salt);
    put_u16(out, static_cast<std::uint16_t>(path.size()));
    out += path;
    out += value;
    return out;
}

digest field_root(const record_seed& seed, std::span<const field> fields) {
    frontier tree;
    std::uint32_t i = 0;
    for (const field& f : fields) {
        tree.append(leaf_hash(encode_field(field_salt(seed, i), f.path, f.value)));
        ++i;
    }
    return tree.root();
}

} // namespace cairn::merkle
