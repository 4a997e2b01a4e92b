// Changes of the registry, one after the other: each is computed from what the one before left, so
// that no caller meets a race of epochs. Every change is a record; what it took away from live
// sessions is cut once the record is on disk.
#pragma once

#include "daemon/runtime.hpp"
#include "registry/enrol.hpp"

#include <deque>
#include <mutex>

namespace cairn::daemon {

struct changed_registry {
    // Nothing was written where there is no receipt: it was so already.
    std::string receipt;
    std::shared_ptr<const registry::snapshot> now;
};

struct registry_wish {
    // Changes out of the state as it is when its turn comes. Any thread.
    std::function<result<registry::change_list>(const v1::RegistryState&)> plan;
    registry::change_author by = registry::change_author::step;
    registry::caller who;
    // The request as received: what the record's actor is committed to.
    bytes exact;
    // On the ledger thread, or on the caller's where nothing is written.
    std::function<void(const result<changed_registry>&)> done;
};

// Any thread.
class registry_changes {
public:
    explicit registry_changes(runtime& rt) : rt_(rt) {}
    // errc::overloaded, by `done`, where too many wait.
    void put(registry_wish wish);

private:
    // True where a record is under way; otherwise `wish` is answered.
    bool begin(const std::shared_ptr<registry_wish>& wish);
    void work();

    runtime& rt_;
    std::mutex mutex_;
    std::deque<std::shared_ptr<registry_wish>> waiting_;
    bool busy_ = false;
};

} // namespace cairn::daemon
