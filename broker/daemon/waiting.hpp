// Those who wait on a network thread: flows that found the ledger's queue full, and client streams
// that a stopping broker has to end.
#pragma once

#include "daemon/runtime.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn::daemon {

// Any thread.
class room_queue {
public:
    explicit room_queue(runtime& rt) : rt_(rt) {}
    // Runs `again` on `thread` after the writer's next turn. Whoever waits tries once more after
    // this call: the writer may have made room, and gone to sleep, before it.
    void wait(unsigned thread, std::function<void()> again);
    // Ledger thread, after each turn of the writer.
    void wake();

private:
    struct waiter {
        unsigned thread = 0;
        std::function<void()> again;
    };
    runtime& rt_;
    std::mutex mutex_;
    std::atomic<bool> any_{false};
    std::vector<waiter> waiting_;
};

// A stream in which the client speaks.
class client_stream {
public:
    virtual ~client_stream() = default;
    // On its own thread: read nothing more, answer what was read, end.
    virtual void shutting_down() = 0;
};

// Any thread.
class client_streams {
public:
    explicit client_streams(runtime& rt) : rt_(rt) {}
    // Returns the ticket for detach.
    std::uint64_t attach(unsigned thread, std::weak_ptr<client_stream> stream);
    void detach(std::uint64_t ticket);
    // Tells every stream, and each that still comes, that the broker stops: idle ones would
    // otherwise hold up the stop until they are cut.
    void close();

private:
    struct seat {
        unsigned thread = 0;
        std::weak_ptr<client_stream> stream;
    };
    void tell(const seat& s);

    runtime& rt_;
    std::mutex mutex_;
    std::map<std::uint64_t, seat> seats_;
    std::uint64_t next_ticket_ = 1;
    bool closed_ = false;
};

} // namespace cairn::daemon
