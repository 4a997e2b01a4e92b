// Waiting for something another thread does: a condition with a generous bound, never a sleep.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace cairn::test {

inline constexpr std::chrono::seconds patience{20};

// A value under a lock that a test can wait on.
template <class T>
class watched {
public:
    template <class F>
    void change(F&& f) {
        const std::lock_guard lock(mutex_);
        f(value_);
        changed_.notify_all();
    }
    // False when the bound passed.
    template <class Pred>
    bool wait(Pred&& pred) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return pred(value_); });
    }
    T copy() {
        const std::lock_guard lock(mutex_);
        return value_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    T value_{};
};

} // namespace cairn::test
