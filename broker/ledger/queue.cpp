#include "ledger/queue.hpp"

#include "core/limits.hpp"

namespace cairn::ledger {

bool draft_queue::put(draft& d, bool quietly) {
    const std::size_t bytes = weight(d);
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        const std::size_t records = urgent_.size() + routine_.size();
        // One that is larger than the queue goes in alone: it would else never go in.
        const bool fits = records == 0 || bytes_ + bytes <= limits::queue_bytes;
        if (records >= limits::queue_records || !fits) return false;
        wake = !quietly;
        bytes_ += bytes;
        auto& line = d.urgent ? urgent_ : routine_;
        line.push_back({std::move(d), bytes});
    }
    if (wake) filled_.notify_one();
    return true;
}

void draft_queue::wake() {
    filled_.notify_one();
}

void draft_queue::ask() {
    {
        const std::lock_guard lock(mutex_);
        asked_ = true;
    }
    filled_.notify_one();
}

std::vector<draft> draft_queue::take() {
    std::vector<draft> out;
    std::size_t taken = 0;
    const std::lock_guard lock(mutex_);
    asked_ = false;
    for (auto* line : {&urgent_, &routine_}) {
        while (!line->empty() && out.size() < limits::group_records) {
            const std::size_t bytes = line->front().bytes;
            if (!out.empty() && taken + bytes > limits::group_bytes) return out;
            taken += bytes;
            bytes_ -= bytes;
            out.push_back(std::move(line->front().d));
            line->pop_front();
        }
    }
    return out;
}

bool draft_queue::empty() const {
    const std::lock_guard lock(mutex_);
    return urgent_.empty() && routine_.empty();
}

bool draft_queue::wait() {
    std::unique_lock lock(mutex_);
    const auto work = [this] { return asked_ || !urgent_.empty() || !routine_.empty(); };
    filled_.wait(lock, [&] { return stopped_ || work(); });
    return work();
}

void draft_queue::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    filled_.notify_all();
}

} // namespace cairn::ledger
