#include "session/envelope.hpp"

#include "core/assert.hpp"

#include <algorithm>

namespace cairn::session {
namespace {

envelope parse(bytes_view at) {
    const auto octet = [&](std::size_t i) {
        return std::uint32_t{static_cast<std::uint8_t>(at[i])};
    };
    return {
        .head = true,
        .whole = false,
        .flags = static_cast<std::uint8_t>(at[0]),
        .length = octet(1) << 24U | octet(2) << 16U | octet(3) << 8U | octet(4)};
}

} // namespace

std::array<char, envelope_bytes> envelope_head(std::uint8_t flags, std::size_t length) {
    const auto octet = [&](unsigned shift) { return static_cast<char>(length >> shift & 0xffU); };
    return {static_cast<char>(flags), octet(24), octet(16), octet(8), octet(0)};
}

// Moves bytes of the part behind the held ones until `wanted` lie together.
void envelope_reader::top_up(std::size_t wanted) {
    const std::size_t have = held_.size() - at_;
    if (have >= wanted) return;
    const std::size_t n = std::min(wanted - have, part_.size());
    held_.append(part_.substr(0, n));
    part_.remove_prefix(n);
}

envelope envelope_reader::peek() {
    if (at_ == held_.size()) {
        held_.clear();
        at_ = 0;
    }
    envelope e;
    if (held_.empty()) {
        if (part_.size() < envelope_bytes) return e;
        e = parse(part_);
        e.whole = e.length <= max_ && part_.size() - envelope_bytes >= e.length;
    } else {
        top_up(envelope_bytes);
        if (held_.size() - at_ < envelope_bytes) return e;
        e = parse(bytes_view(held_).substr(at_));
        if (e.length <= max_) {
            top_up(envelope_bytes + e.length);
            e.whole = held_.size() - at_ >= envelope_bytes + e.length;
        }
    }
    front_length_ = e.length;
    return e;
}

bytes_view envelope_reader::take() {
    const std::size_t all = envelope_bytes + front_length_;
    if (at_ == held_.size()) {
        CAIRN_ASSERT(part_.size() >= all, "take() without a whole message");
        const bytes_view out = part_.substr(envelope_bytes, front_length_);
        part_.remove_prefix(all);
        return out;
    }
    CAIRN_ASSERT(held_.size() - at_ >= all, "take() without a whole message");
    const bytes_view out = bytes_view(held_).substr(at_ + envelope_bytes, front_length_);
    at_ += all;
    return out;
}

void envelope_reader::keep() {
    if (at_ == held_.size()) {
        // Long streams of large messages must not pin the largest one.
        if (held_.capacity() > max_ / 4) bytes().swap(held_);
        held_.clear();
        at_ = 0;
    } else if (at_ > held_.size() / 2) {
        held_.erase(0, at_);
        at_ = 0;
    }
    held_.append(part_);
    part_ = {};
}

void envelope_reader::clear() {
    bytes().swap(held_);
    at_ = 0;
    part_ = {};
}

} // namespace cairn::session
