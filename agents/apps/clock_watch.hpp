// Notices that this machine's clock and the broker's differ. Nothing depends on this clock but what
// people read and how long files are kept; what is late by law is counted by the broker.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

namespace cairn::agents::apps {

// Networks and queues take their time; a clock that is off so little misleads nobody.
constexpr std::chrono::minutes clock_tolerance{2};

// `ahead`: by how much this machine's is later; negative: earlier.
failure clock_failure(std::chrono::microseconds ahead);
// Of one fresh answer: recorded at the broker's `at`, in our hands at `answered` by our clock.
// Success: they agree.
status compare_clocks(wall_time at, wall_time answered);

} // namespace cairn::agents::apps
