#include "backup/bech32.hpp"

#include <array>
#include <vector>

namespace cairn::backup {
namespace {

constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t checksum_letters = 6;

using quintets = std::vector<std::uint8_t>;

std::uint32_t checksum(const quintets& values) {
    constexpr std::array<std::uint32_t, 5> generator = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    std::uint32_t sum = 1;
    for (const std::uint8_t v : values) {
        const std::uint32_t top = sum >> 25U;
        sum = (sum & 0x1ffffffU) << 5U ^ v;
        for (std::size_t i = 0; i < generator.size(); ++i) {
            if (((top >> i) & 1U) != 0) sum ^= generator[i];
        }
    }
    return sum;
}

// The prefix as it enters the checksum.
quintets expand(std::string_view prefix) {
    quintets out;
    for (const char c : prefix) out.push_back(static_cast<std::uint8_t>(c) >> 5U);
    out.push_back(0);
    for (const char c : prefix) out.push_back(static_cast<std::uint8_t>(c) & 31U);
    return out;
}

} // namespace

std::string print_bech32(std::string_view prefix, bytes_view raw) {
    quintets data;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char c : raw) {
        held = held << 8U | static_cast<std::uint8_t>(c);
        for (bits += 8; bits >= 5; bits -= 5) {
            data.push_back(static_cast<std::uint8_t>(held >> (bits - 5) & 31U));
        }
    }
    if (bits != 0) data.push_back(static_cast<std::uint8_t>(held << (5 - bits) & 31U));
    quintets all = expand(prefix);
    all.insert(all.end(), data.begin(), data.end());
    all.resize(all.size() + checksum_letters, 0);
    const std::uint32_t sum = checksum(all) ^ 1U;
    for (unsigned i = 0; i < checksum_letters; ++i) {
        data.push_back(static_cast<std::uint8_t>(sum >> (5 * (5 - i)) & 31U));
    }
    std::string out = std::string(prefix) + "1";
    for (const std::uint8_t v : data) out.push_back(alphabet[v]);
    return out;
}

std::optional<bytes> parse_bech32(std::string_view prefix, std::string_view text) {
    if (text.size() < prefix.size() + 1 + checksum_letters) return std::nullopt;
    if (text.substr(0, prefix.size()) != prefix || text[prefix.size()] != '1') return std::nullopt;
    quintets data;
    for (const char c : text.substr(prefix.size() + 1)) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        data.push_back(static_cast<std::uint8_t>(value));
    }
    quintets all = expand(prefix);
    all.insert(all.end(), data.begin(), data.end());
    if (checksum(all) != 1) return std::nullopt;
    data.resize(data.size() - checksum_letters);
    bytes out;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const std::uint8_t v : data) {
        held = held << 5U | v;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<char>(held >> bits & 0xffU));
    }
    const bool padded = bits < 5 && (held & ((1U << bits) - 1)) == 0;
    if (!padded) return std::nullopt;
    return out;
}

} // namespace cairn::backup
