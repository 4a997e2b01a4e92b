// Confirmations, gathered: one record per desk and commit, however many calls asked. What comes in
// while a record of the desk is under way goes into the next one.
#pragma once

#include "daemon/delivery.hpp"
#include "daemon/runtime.hpp"

#include <map>
#include <mutex>
#include <vector>

namespace cairn::daemon {

struct counters;

class confirm_batches {
public:
    // What one call gets back: how many of its positions are confirmed now.
    using answer = std::function<void(const result<std::uint32_t>&)>;

    confirm_batches(runtime& rt, delivery_hub& hub, counters& count)
        : rt_(rt), hub_(hub), count_(count) {}
    // Any network thread. `done` runs on the ledger thread.
    void
    add(const registry::caller& who,
        std::string desk,
        std::vector<std::uint64_t> positions,
        answer done);

private:
    struct ask {
        registry::caller who;
        std::vector<std::uint64_t> positions;
        answer done;
        // Shared a record with a bad one: tried by itself now.
        bool alone = false;
    };
    struct desk_queue {
        bool under_way = false;
        std::vector<ask> waiting;
    };
    void start(const std::string& desk, std::vector<ask> asks);
    void
    finished(const std::string& desk, std::vector<ask> asks, const result<ledger::committed>& r);
    void next(const std::string& desk);

    runtime& rt_;
    delivery_hub& hub_;
    counters& count_;
    std::mutex mutex_;
    std::map<std::string, desk_queue> desks_;
};

} // namespace cairn::daemon
