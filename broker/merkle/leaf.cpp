#include "merkle/leaf.hpp"

#include <algorithm>
#include <array>

namespace cairn::merkle {
namespace {

constexpr std::uint8_t version = 1;

// By number; 0 is no kind.
constexpr std::array<std::string_view, 12> kind_names = {
    "",
    "concern",
    "confirm",
    "return",
    "registry",
    "refusal",
    "query",
    "preview",
    "policy",
    "note",
    "key",
    "erased",
};

digest take_digest(reader& in) {
    return to_digest(in.take(32)).value_or(digest{});
}

} // namespace

std::string_view name_of(record_kind kind) {
    const auto n = static_cast<std::size_t>(kind);
    return n < kind_names.size() ? kind_names[n] : std::string_view{};
}

std::optional<record_kind> record_kind_of(std::string_view name) {
    const auto* const at = std::find(kind_names.begin() + 1, kind_names.end(), name);
    if (at == kind_names.end()) return std::nullopt;
    return static_cast<record_kind>(at - kind_names.begin());
}

bytes encode(const leaf& l) {
    bytes out;
    out.reserve(leaf_bytes);
    out.push_back(static_cast<char>(version));
    out.push_back(static_cast<char>(l.kind));
    put_u64(out, l.record_time_us);
    put_u64(out, l.decided_at_us);
    out += view(l.policy_digest);
    put_u64(out, l.registry_epoch);
    out += view(l.entries_root);
    out += view(l.body_root);
    return out;
}

result<leaf> decode_leaf(bytes_view in) {
    reader r(in);
    if (r.u8() != version) return fail(errc::log_damaged, "leaf", "unknown version");
    leaf out;
    const std::uint8_t kind = r.u8();
    if (kind == 0 || kind >= kind_names.size()) {
        return fail(errc::log_damaged, "leaf", "unknown kind");
    }
    out.kind = static_cast<record_kind>(kind);
    out.record_time_us = r.u64();
    out.decided_at_us = r.u64();
    out.policy_digest = take_digest(r);
    out.registry_epoch = r.u64();
    out.entries_root = take_digest(r);
    out.body_root = take_digest(r);
    if (!r.done()) return fail(errc::log_damaged, "leaf", "not 122 bytes");
    return out;
}

} // namespace cairn::merkle
