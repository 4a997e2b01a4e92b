// What each stage of the way of a concern costs, for the bench.
#pragma once

#include "core/clock.hpp"

#include <atomic>
#include <cstdint>

namespace cairn::daemon {

// CPU time of the calling thread by stage. Reading a thread's account is a system call: one concern
// in `sample` is measured, and counts for all of them. Thread: the concern's.
class stage_watch {
public:
    static constexpr std::uint64_t sample = 16;

    // `number` counts concerns from 0. Not the first: what is made once would count for all.
    stage_watch(const clock& time, std::uint64_t number)
        : time_(number % sample == sample - 1 ? &time : nullptr) {
        resume();
    }
    // Forgets what the thread did since for others.
    void resume() {
        if (time_ != nullptr) from_ = time_->thread_cpu();
    }
    // Adds the nanoseconds since the last call to a stage's total.
    void lap(std::atomic<std::uint64_t>& total) {
        if (time_ == nullptr) return;
        const duration now = time_->thread_cpu();
        const auto spent = static_cast<std::uint64_t>((now - from_).count());
        total.fetch_add(spent * sample, std::memory_order_relaxed);
        from_ = now;
    }

private:
    const clock* time_;
    duration from_{};
};

} // namespace cairn::daemon
