#include "core/bytes.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

std::uint32_t octet(bytes_view in, std::size_t at) {
    return at < in.size() ? static_cast<std::uint8_t>(in[at]) : 0U;
}

} // namespace

std::optional<digest> to_digest(bytes_view raw) {
    digest d{};
    if (raw.size() != d.size()) return std::nullopt;
    std::copy(raw.begin(), raw.end(), d.begin());
    return d;
}

std::string to_hex(bytes_view raw) {
    std::string out;
    out.reserve(raw.size() * 2);
    for (const char c : raw) {
        const auto b = static_cast<std::uint8_t>(c);
        out.push_back(hex_digits[b >> 4U]);
        out.push_back(hex_digits[b & 15U]);
    }
    return out;
}

std::optional<bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int hi = hex_value(text[i]);
        const int lo = hex_value(text[i + 1]);
        if (hi < 0 || lo < 0) return std::nullopt;
        out.push_back(static_cast<char>(hi * 16 + lo));
    }
    return out;
}

std::string to_base64(bytes_view raw) {
    std::string out;
    out.reserve((raw.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < raw.size(); i += 3) {
        const std::uint32_t v = octet(raw, i) << 16U | octet(raw, i + 1) << 8U | octet(raw, i + 2);
        out.push_back(base64_digits[v >> 18U]);
        out.push_back(base64_digits[v >> 12U & 63U]);
        out.push_back(i + 1 < raw.size() ? base64_digits[v >> 6U & 63U] : '=');
        out.push_back(i + 2 < raw.size() ? base64_digits[v & 63U] : '=');
    }
    return out;
}

std::optional<bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    bytes out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        const std::size_t pad =
            !last ? 0U : (text[i + 3] == '=' ? (text[i + 2] == '=' ? 2U : 1U) : 0U);
        std::uint32_t v = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const int d = k >= 4 - pad ? 0 : base64_value(text[i + k]);
            if (d < 0) return std::nullopt;
            v = v << 6U | static_cast<std::uint32_t>(d);
        }
        // Bits that no octet uses must be zero, else two texts would mean the same bytes.
        if ((pad == 1 && (v & 0xffU) != 0) || (pad == 2 && (v & 0xffffU) != 0)) return std::nullopt;
        for (std::size_t k = 0; k < 3 - pad; ++k) {
            out.push_back(static_cast<char>(v >> (16U - 8U * k) & 0xffU));
        }
    }
    return out;
}

void put_u16(bytes& out, std::uint16_t v) {
    out.push_back(static_cast<char>(v >> 8U));
    out.push_back(static_cast<char>(v & 0xffU));
}

void put_u32(bytes& out, std::uint32_t v) {
    put_u16(out, static_cast<std::uint16_t>(v >> 16U));
    put_u16(out, static_cast<std::uint16_t>(v & 0xffffU));
}

void put_u64(bytes& out, std::uint64_t v) {
    put_u32(out, static_cast<std::uint32_t>(v >> 32U));
    put_u32(out, static_cast<std::uint32_t>(v & 0xffffffffU));
}

bytes_view reader::take(std::size_t n) {
    if (n > in_.size()) {
        ok_ = false;
        in_ = {};
        return {};
    }
    const bytes_view out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
}

std::uint8_t reader::u8() {
    const bytes_view b = take(1);
    return b.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(b[0]);
}

std::uint16_t reader::u16() {
    const unsigned hi = u8();
    return static_cast<std::uint16_t>(hi << 8U | u8());
}

std::uint32_t reader::u32() {
    const std::uint32_t hi = u16();
    return hi << 16U | u16();
}

std::uint64_t reader::u64() {
    const std::uint64_t hi = u32();
    return hi << 32U | u32();
}

} // namespace cairn
