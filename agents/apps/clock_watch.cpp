#include "agents/apps/clock_watch.hpp"

#include "agents/apps/times.hpp"

namespace cairn::agents::apps {

failure clock_failure(std::chrono::microseconds ahead) {
    const bool late = ahead.count() > 0;
    return fail(
        errc::clock_off,
        "this machine is " + span_words(late ? ahead : -ahead) + (late ? " ahead" : " behind")
    );
}

status compare_clocks(wall_time at, wall_time answered) {
    const auto ahead = answered - at;
    if (ahead > clock_tolerance || -ahead > clock_tolerance) return clock_failure(ahead);
    return {};
}

} // namespace cairn::agents::apps
