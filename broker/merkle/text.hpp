// The few text rules the C2SP forms share. Internal to this module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::merkle {

// Valid UTF-8 (RFC 3629: shortest form, no surrogates) without control characters below U+0020
// other than the newline.
bool is_note_text(std::string_view text);
// A key's name: not empty, valid as above, no newline, no plus, no Unicode space.
bool is_key_name(std::string_view name);
// ASCII decimal without sign and leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

// Takes lines off the front of a text; each must end with a newline.
class line_reader {
public:
    explicit line_reader(std::string_view in) : in_(in) {}
    // Without its newline; nullopt at the end or where the newline is missing.
    std::optional<std::string_view> next();
    [[nodiscard]] std::string_view rest() const { return in_; }

private:
    std::string_view in_;
};

} // namespace cairn::merkle
