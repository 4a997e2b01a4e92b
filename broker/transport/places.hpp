// Who may have a connection: how many are served in all, and of each identity. Any thread.
#pragma once

#include "core/result.hpp"
#include "session/call.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace cairn::transport {

// Counts one thing for as long as it lives; its end may be on another thread than its beginning.
class ticket {
public:
    explicit ticket(std::atomic<std::size_t>& count) : count_(&count) { ++count; }
    ticket(ticket&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    ticket& operator=(ticket&&) = delete;
    ~ticket() { release(); }
    void release() {
        if (count_ != nullptr) --*std::exchange(count_, nullptr);
    }

private:
    std::atomic<std::size_t>* count_;
};

class places {
public:
    places(std::size_t all_max, std::size_t each_max) : all_max_(all_max), each_max_(each_max) {}

    // A place for `who`, whose name in the books is returned for give_back(). errc::overloaded
    // names the limit that is reached.
    result<std::string> take(const session::peer& who);
    void give_back(const std::string& name);

private:
    const std::size_t all_max_;
    const std::size_t each_max_;
    std::mutex mutex_;
    std::size_t all_ = 0;
    std::map<std::string, std::size_t> each_;
};

} // namespace cairn::transport
