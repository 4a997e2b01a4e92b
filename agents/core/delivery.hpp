// One delivery as the desk got it, with the exact bytes that the log committed to.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace cairn::agents {

struct delivery {
    std::uint64_t position = 0;
    // Exactly the bytes of the notice field: decoding and encoding again need not give them back,
    // and the proof is over these.
    bytes notice;
    std::int64_t recorded_at_us = 0;
    std::int64_t acknowledge_by_us = 0;
    std::string proof;
    bool redelivered = false;
    bool withdrawn = false;
};

// From an encoded v1::Delivery. errc::malformed, also for a notice field given twice: merged, it
// would have no bytes of its own.
result<delivery> parse_delivery(bytes_view encoded);

} // namespace cairn::agents
