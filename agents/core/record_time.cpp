#include "agents/core/record_time.hpp"

#include "core/bytes.hpp"

namespace cairn::agents {

std::optional<wall_time> record_time(std::string_view receipt) {
    constexpr std::string_view mark = "\nextra ";
    const auto at = receipt.find(mark);
    if (at == receipt.npos) return {};
    const auto begin = at + mark.size();
    const auto extra = from_base64(receipt.substr(begin, receipt.find('\n', begin) - begin));
    if (!extra) return {};
    reader in(*extra);
    const auto version = in.u8();
    reader leaf(in.take(in.u16()));
    const auto leaf_version = leaf.u8();
    leaf.u8(); // kind
    const auto us = leaf.u64();
    if (!in.ok() || !leaf.ok() || version != 1 || leaf_version != 1) return {};
    if (us > static_cast<std::uint64_t>(INT64_MAX)) return {};
    return from_us(static_cast<std::int64_t>(us));
}

} // namespace cairn::agents
