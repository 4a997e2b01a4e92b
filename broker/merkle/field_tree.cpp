#include "merkle/field_tree.hpp"

#include "core/assert.hpp"
#include "merkle/hashing.hpp"

namespace cairn::merkle {
namespace {

constexpr char version = 1;

void encode(bytes& out, const salt128& salt, bytes_view path, bytes_view value) {
    CAIRN_ASSERT(path.size() <= 0xffff, "a path deeper than any schema of ours");
    out.reserve(19 + path.size() + value.size());
    out.push_back(version);
    out += salt_view(salt);
    put_u16(out, static_cast<std::uint16_t>(path.size()));
    out += path;
    out += value;
}

} // namespace

void append_step(bytes& path, std::uint32_t field_number, std::uint32_t index) {
    put_u32(path, field_number);
    put_u32(path, index);
}

bytes encode_field(const salt128& salt, bytes_view path, bytes_view value) {
    bytes out;
    encode(out, salt, path, value);
    return out;
}

void field_tree::add(bytes_view path, bytes_view value) {
    line_.clear();
    encode(line_, field_salt(seed_, next_++), path, value);
    tree_.push(leaf_hash(line_));
}

digest field_root(const record_seed& seed, std::span<const field> fields) {
    field_tree tree(seed);
    for (const field& f : fields) tree.add(f.path, f.value);
    return tree.root();
}

} // namespace cairn::merkle
