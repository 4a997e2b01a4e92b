#include "merkle/text.hpp"

#include <charconv>

namespace cairn::merkle {
namespace {

// Takes one code point off the front; nullopt on bad UTF-8.
std::optional<char32_t> take_code_point(std::string_view& in) {
    const auto lead = static_cast<unsigned char>(in[0]);
    std::size_t more = 0;
    char32_t v = lead;
    char32_t least = 0;
    if (lead < 0x80) {
    } else if ((lead & 0xe0U) == 0xc0) {
        more = 1;
        v = lead & 0x1fU;
        least = 0x80;
    } else if ((lead & 0xf0U) == 0xe0) {
        more = 2;
        v = lead & 0x0fU;
        least = 0x800;
    } else if ((lead & 0xf8U) == 0xf0) {
        more = 3;
        v = lead & 0x07U;
        least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (in.size() <= more) return std::nullopt;
    for (std::size_t i = 1; i <= more; ++i) {
        const auto c = static_cast<unsigned char>(in[i]);
        if ((c & 0xc0U) != 0x80) return std::nullopt;
        v = v << 6U | (c & 0x3fU);
    }
    if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) return std::nullopt;
    in.remove_prefix(1 + more);
    return v;
}

// Unicode White_Space above U+0020; those below are control characters anyway.
bool is_space(char32_t c) {
    return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

} // namespace

bool is_note_text(std::string_view text) {
    while (!text.empty()) {
        const auto c = take_code_point(text);
        if (!c || (*c < 0x20 && *c != '\n')) return false;
    }
    return true;
}

bool is_key_name(std::string_view name) {
    if (name.empty()) return false;
    while (!name.empty()) {
        const auto c = take_code_point(name);
        if (!c || *c < 0x20 || *c == '+' || is_space(*c)) return false;
    }
    return true;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint64_t v = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

std::optional<std::string_view> line_reader::next() {
    const std::size_t end = in_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = in_.substr(0, end);
    in_.remove_prefix(end + 1);
    return line;
}

} // namespace cairn::merkle
