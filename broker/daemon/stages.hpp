// The stages of the way of a concern: how many came through each, what each costs.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace cairn::daemon {

// Transport comes before them, delivery after them; both are counted where they happen.
enum class stage : std::uint8_t { decode, decide, redact, seal, ledger };
inline constexpr std::array all_stages{
    stage::decode, stage::decide, stage::redact, stage::seal, stage::ledger};

constexpr std::string_view name_of(stage s) {
    constexpr std::array<std::string_view, all_stages.size()> names{
        "decode", "decide", "redact", "seal", "ledger"};
    return names[static_cast<std::size_t>(s)];
}

// Any thread.
using stage_counters = std::array<std::atomic<std::uint64_t>, all_stages.size()>;
inline void count_one(stage_counters& all, stage s) {
    all[static_cast<std::size_t>(s)].fetch_add(1, std::memory_order_relaxed);
}

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
