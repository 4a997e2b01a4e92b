// The Delivery message, put together around a notice's exact bytes: parsing and encoding the notice
// again would cost time and could change the bytes the log committed to.
#pragma once

#include "core/bytes.hpp"

namespace cairn::daemon {

// Encoded v1::Delivery.
bytes delivery_frame(
    std::uint64_t position,
    bytes_view notice,
    std::int64_t recorded_at_us,
    std::int64_t acknowledge_by_us,
    std::string_view proof,
    bool redelivered
);

// The same for a notice withdrawn before the desk confirmed it: no content.
bytes withdrawn_frame(std::uint64_t position);

// Appends an encoded message as a length-delimited field.
void append_message(bytes& out, std::uint32_t field, bytes_view message);

} // namespace cairn::daemon
