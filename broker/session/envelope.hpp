// The five-byte envelope that gRPC and Connect streams put before every message: one octet of
// flags, four of length, big-endian.
#pragma once

#include "core/bytes.hpp"

#include <array>

namespace cairn::session {

inline constexpr std::size_t envelope_bytes = 5;
inline constexpr std::uint8_t envelope_compressed = 0x01;
// Connect only: the last envelope of a stream, JSON inside.
inline constexpr std::uint8_t envelope_end = 0x02;

std::array<char, envelope_bytes> envelope_head(std::uint8_t flags, std::size_t length);

// What stands at the front of an envelope_reader.
struct envelope {
    bool head = false;  // flags and length are known
    bool whole = false; // take() may be called
    std::uint8_t flags = 0;
    std::uint32_t length = 0;
};

// Cuts a byte stream into messages. A message that lies whole in the part just fed is handed out
// where it lies; only what spans parts is copied.
class envelope_reader {
public:
    // A longer message is never gathered: peek() shows its length and the owner refuses it.
    explicit envelope_reader(std::size_t message_bytes_max) : max_(message_bytes_max) {}

    // `part` must live until keep() or clear().
    void feed(bytes_view part) { part_ = part; }
    [[nodiscard]] envelope peek();
    // The message at the front; call only after peek() said whole. The view lives until the next
    // call of any other member.
    bytes_view take();
    // Copies what was not taken, so that the part fed may go.
    void keep();
    void clear();
    // Bytes not yet taken.
    [[nodiscard]] std::size_t buffered() const { return held_.size() - at_ + part_.size(); }

private:
    void top_up(std::size_t wanted);

    std::size_t max_;
    bytes held_;
    std::size_t at_ = 0;
    bytes_view part_;
    std::uint32_t front_length_ = 0;
};

} // namespace cairn::session
