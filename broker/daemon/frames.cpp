#include "daemon/frames.hpp"

namespace cairn::daemon {
namespace {

void put_varint(bytes& out, std::uint64_t v) {
    while (v >= 0x80) {
        out.push_back(static_cast<char>((v & 0x7fU) | 0x80U));
        v >>= 7U;
    }
    out.push_back(static_cast<char>(v));
}

// Protobuf wire format: key = field number << 3 | wire type (0 varint, 2 length-delimited).
void put_number(bytes& out, std::uint32_t field, std::uint64_t v) {
    if (v == 0) return;
    put_varint(out, field << 3U);
    put_varint(out, v);
}

void put_bytes(bytes& out, std::uint32_t field, bytes_view v) {
    put_varint(out, field << 3U | 2U);
    put_varint(out, v.size());
    out.append(v);
}

} // namespace

bytes delivery_frame(
    std::uint64_t position,
    bytes_view notice,
    std::int64_t recorded_at_us,
    std::int64_t acknowledge_by_us,
    std::string_view proof,
    bool redelivered
) {
    bytes out;
    out.reserve(notice.size() + proof.size() + 64);
    put_number(out, 1, position);
    put_bytes(out, 2, notice);
    put_number(out, 3, static_cast<std::uint64_t>(recorded_at_us));
    put_number(out, 4, static_cast<std::uint64_t>(acknowledge_by_us));
    if (!proof.empty()) put_bytes(out, 5, proof);
    put_number(out, 6, redelivered ? 1 : 0);
    return out;
}

bytes withdrawn_frame(std::uint64_t position) {
    bytes out;
    put_number(out, 1, position);
    put_number(out, 7, 1);
    return out;
}

void append_message(bytes& out, std::uint32_t field, bytes_view message) {
    put_bytes(out, field, message);
}

} // namespace cairn::daemon
