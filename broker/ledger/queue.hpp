// Drafts on their way from the network threads to the one writer: bounded in records and bytes,
// urgent ones first.
#pragma once

#include "ledger/draft.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace cairn::ledger {

// Thread: any; take() the ledger thread.
class draft_queue {
public:
    // False, and the draft untouched, when it would not fit.
    bool put(draft& d, bool quietly = false);
    // Lets a sleeping wait() look again.
    void wake();
    // Makes wait() answer once although nothing may be queued: there is housekeeping to be done.
    void ask();
    // Up to limits::group_records and group_bytes, but at least one if there is any.
    std::vector<draft> take();
    [[nodiscard]] bool empty() const;
    // Until something is queued or ask() was called; false once stopped and empty.
    bool wait();
    void stop();

private:
    struct waiting {
        draft d;
        std::size_t bytes = 0;
    };
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<waiting> urgent_;
    std::deque<waiting> routine_;
    std::size_t bytes_ = 0;
    bool stopped_ = false;
    bool asked_ = false;
};

} // namespace cairn::ledger
