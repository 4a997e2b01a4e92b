#include "daemon/stages.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::daemon;

namespace {

// A thread that works a microsecond between any two looks.
class working final : public clock {
public:
    wall_time wall_now() const override { return {}; }
    mono_time mono_now() const override { return {}; }
    duration thread_cpu() const override { return std::chrono::microseconds(++looks); }
    mutable int looks = 0;
};

} // namespace

TEST_CASE("one concern in sixteen is measured and counts for all of them") {
    working time;
    std::atomic<std::uint64_t> total{0};
    for (std::uint64_t n = 0; n < 32; ++n) {
        stage_watch w(time, n);
        w.lap(total);
    }
    CHECK(total == 32 * 1000);
    CHECK(time.looks == 4);
}

TEST_CASE("work for others between two stages counts for neither") {
    working time;
    std::atomic<std::uint64_t> first{0};
    std::atomic<std::uint64_t> second{0};
    stage_watch w(time, stage_watch::sample - 1);
    w.lap(first);
    time.looks += 100;
    w.resume();
    w.lap(second);
    CHECK(first == 16 * 1000);
    CHECK(second == 16 * 1000);
}
