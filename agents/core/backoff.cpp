#include "agents/core/backoff.hpp"

#include <algorithm>
#include <array>

namespace cairn::agents {

duration backoff::next(random_source& random) {
    std::array<std::uint8_t, 4> raw{};
    random.fill(raw);
    std::uint32_t draw = 0;
    for (const auto b : raw) draw = draw << 8U | b;
    const auto half = step_.count() / 2;
    const auto extra = static_cast<std::int64_t>(draw) % (half + 1);
    step_ = std::min(step_ * 2, most);
    return duration(half + extra);
}

} // namespace cairn::agents
