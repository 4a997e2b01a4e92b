// How long to wait before the next try.
#pragma once

#include "core/clock.hpp"

namespace cairn::agents {

// Doubles from `first` to `most`; each wait is drawn from the upper half, so that a thousand agents
// do not return in one instant after the broker was away.
class backoff {
public:
    static constexpr duration first = std::chrono::milliseconds(250);
    static constexpr duration most = std::chrono::seconds(60);

    duration next(random_source& random);
    void reset() { step_ = first; }
    // For refusals that only a person can end: ask rarely.
    void jump() { step_ = most; }

private:
    duration step_ = first;
};

} // namespace cairn::agents
