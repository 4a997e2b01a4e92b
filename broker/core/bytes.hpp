// Byte strings and their text forms.
//
// Owning bytes are std::string and views std::string_view throughout Cairn: protobuf, SQLite and
// OpenSSL all take them without copies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

using bytes = std::string;
using bytes_view = std::string_view;

// SHA-256 sized value.
using digest = std::array<std::uint8_t, 32>;

inline bytes_view view(const digest& d) {
    return {reinterpret_cast<const char*>(d.data()), d.size()};
}

// Nullopt unless exactly 32 bytes.
std::optional<digest> to_digest(bytes_view raw);

// Lower case.
std::string to_hex(bytes_view raw);
// Nullopt on odd length or a character outside [0-9a-fA-F].
std::optional<bytes> from_hex(std::string_view text);

// Standard alphabet with padding, RFC 4648 section 4.
std::string to_base64(bytes_view raw);
// Strict: padding required, no white space, unused bits zero.
std::optional<bytes> from_base64(std::string_view text);

// Big-endian, appended: every integer of our stored formats.
void put_u16(bytes& out, std::uint16_t v);
void put_u32(bytes& out, std::uint32_t v);
void put_u64(bytes& out, std::uint64_t v);

// Reads big-endian values from the front of a view. After a short read `ok` stays false and values
// are zero, so that a decoder checks once at its end.
class reader {
public:
    explicit reader(bytes_view in) : in_(in) {}
    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    bytes_view take(std::size_t n);
    [[nodiscard]] bool ok() const { return ok_; }
    // Everything read and nothing short.
    [[nodiscard]] bool done() const { return ok_ && in_.empty(); }
    [[nodiscard]] bytes_view rest() const { return in_; }

private:
    bytes_view in_;
    bool ok_ = true;
};

} // namespace cairn
