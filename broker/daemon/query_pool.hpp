// Threads that may block on the disk for a read. Bounded queue; overflow is answered.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::daemon {

class query_pool {
public:
    query_pool(unsigned threads, std::size_t queued_max);
    ~query_pool();
    // Any thread. False when the queue is full or the pool is stopped.
    bool run(std::function<void()> work);
    // Finishes what is queued, then joins.
    void stop();

private:
    void work();

    std::size_t queued_max_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace cairn::daemon
