// Time, chance and order of one simulated run: a queue of events on one thread, a clock that moves
// from event to event, numbers from the seed, and the trace of what happened.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace cairn::sim {

using namespace std::chrono_literals;

// A stream of its own for each user: what one part of the world draws does not move the others.
class dice final : public random_source {
public:
    dice(std::uint64_t seed, std::string_view use);
    void fill(std::span<std::uint8_t> out) override;
    // 0 to n - 1; n at least 1.
    std::uint64_t below(std::uint64_t n) { return engine_() % n; }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    duration between(duration least, duration most);

private:
    std::mt19937_64 engine_;
};

// What is scheduled for somebody who is gone does not happen.
using life = std::weak_ptr<const void>;

class loop final : public clock {
public:
    // Two minutes and a half before the end of the year.
    loop();

    [[nodiscard]] wall_time wall_now() const override;
    [[nodiscard]] mono_time mono_now() const override { return now_; }
    // Moves the wall clock only; negative: back.
    void jump(duration by);

    // Events of one instant run in the order they were put.
    void at(mono_time when, const life& whose, std::function<void()> work);
    void after(duration wait, const life& whose, std::function<void()> work) {
        at(now_ + wait, whose, std::move(work));
    }
    // Runs the next event; false when there is none.
    bool step();

    // One line of the trace: the instant, then the text. Nothing in it may depend on addresses or
    // on the machine.
    void note(std::string_view what, std::string_view detail = {});
    [[nodiscard]] const std::string& trace() const { return trace_; }
    // The last lines, for a person.
    [[nodiscard]] std::string tail(std::size_t lines) const;

private:
    struct event {
        life whose;
        std::function<void()> work;
    };
    std::multimap<mono_time, event> events_;
    mono_time now_{1h};
    duration wall_offset_{};
    std::string trace_;
};

} // namespace cairn::sim
