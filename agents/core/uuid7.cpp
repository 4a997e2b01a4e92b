#include "agents/core/uuid7.hpp"

#include "core/bytes.hpp"

#include <array>

namespace cairn::agents {

std::string make_uuid7(wall_time now, random_source& random) {
    std::array<std::uint8_t, 16> raw{};
    random.fill(raw);
    const auto ms = static_cast<std::uint64_t>(to_us(now)) / 1000;
    for (unsigned i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x70U);
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
    auto text = to_hex({reinterpret_cast<const char*>(raw.data()), raw.size()});
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

std::optional<wall_time> uuid7_time(std::string_view text) {
    if (text.size() != 36 || text[8] != '-' || text[14] != '7') return {};
    const auto raw = from_hex(std::string(text.substr(0, 8)) + std::string(text.substr(9, 4)));
    if (!raw) return {};
    std::int64_t ms = 0;
    for (const char c : *raw) ms = ms << 8 | static_cast<unsigned char>(c);
    return from_us(ms * 1000);
}

} // namespace cairn::agents
