// The sandbox's time: the machine's, moved forward by whoever tries something out. cairnd is linked
// with no such clock.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "obligations/calendar.hpp"

#include <atomic>
#include <string_view>

namespace cairn::sandbox {

// Thread: any.
class shifted_clock final : public clock {
public:
    explicit shifted_clock(const clock& base) : base_(base) {}
    [[nodiscard]] wall_time wall_now() const override {
        return base_.wall_now() + std::chrono::microseconds(shift_us_.load());
    }
    // Timeouts and connections go on as they are: it is the world's time that is moved.
    [[nodiscard]] mono_time mono_now() const override { return base_.mono_now(); }

    [[nodiscard]] std::int64_t shift_us() const { return shift_us_; }
    void set_shift(std::int64_t us) { shift_us_ = us; }

private:
    const clock& base_;
    std::atomic<std::int64_t> shift_us_{0};
};

// `now` and a step: "90m", "4h", "2d", or "1wd", the same time on the next working day.
// errc::usage where the step is none of them or longer than a year: a clock never goes back.
result<wall_time>
after_step(wall_time now, std::string_view step, const obligations::calendar& days);

} // namespace cairn::sandbox
