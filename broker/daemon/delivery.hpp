// Between the ledger thread, which knows what was committed, and the live Receive streams, which
// sit on network threads: one stream a desk, a newer one ends the older.
//
// Order of effects: a notice is offered only after its record is on disk; a stream that cannot keep
// up reads the store instead, so memory stays bounded and nothing is lost.
#pragma once

#include "daemon/runtime.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn::daemon {

struct committed_notice {
    std::string desk;
    std::uint64_t position = 0;
    // Exact bytes, shared by all who send them.
    std::shared_ptr<const bytes> notice;
    std::int64_t recorded_at_us = 0;
    std::int64_t acknowledge_by_us = 0;
};

// The network thread's side of a stream. Called on its own thread only.
class desk_stream {
public:
    virtual ~desk_stream() = default;
    virtual void offered(const committed_notice& n) = 0;
    // All offers of one commit are through: write now.
    virtual void offers_done() = 0;
    // Confirmed or returned, over this stream or another way.
    virtual void settled(const std::vector<std::uint64_t>& positions) = 0;
    // Its sender recalled it; where the desk had confirmed it, nothing happened to it.
    virtual void recalled(std::uint64_t position) = 0;
    // A newer stream took over.
    virtual void superseded() = 0;
    // The broker stops: the desk is to connect again.
    virtual void shutting_down() = 0;
};

// Position of the last notice that went out to a desk since the broker started, by whatever way:
// what goes out again at or below it is a redelivery. Any thread.
class sent_mark {
public:
    [[nodiscard]] bool covers(std::uint64_t position) const { return position <= last_.load(); }
    void raise(std::uint64_t position) {
        std::uint64_t was = last_.load();
        while (was < position && !last_.compare_exchange_weak(was, position)) {
        }
    }

private:
    std::atomic<std::uint64_t> last_{0};
};

class delivery_hub {
public:
    explicit delivery_hub(runtime& rt) : rt_(rt) {}

    // Network thread `thread`. The older stream of the desk, if any, is told on its own thread.
    // Returns the ticket for detach.
    std::uint64_t
    attach(const std::string& desk, unsigned thread, std::weak_ptr<desk_stream> stream);
    void detach(const std::string& desk, std::uint64_t ticket);
    // Ends every stream, and each that still comes: a desk that waits for notices would otherwise
    // hold up the stop until it is cut. Any thread.
    void close();

    // Ledger thread: notes what a commit brought; flush() hands it over, one post a network thread.
    void committed(committed_notice n);
    void settled(const std::string& desk, std::vector<std::uint64_t> positions);
    void recalled(const std::string& desk, std::uint64_t position);
    void flush();
    // Lets every stream look whether it may go on: rights end by date too. Any thread.
    void look_again();

    // Of a desk the registry knows: there is one mark for each. Any thread.
    [[nodiscard]] std::shared_ptr<sent_mark> mark(const std::string& desk);

    // For status and metrics. Any thread.
    [[nodiscard]] bool connected(const std::string& desk) const;
    [[nodiscard]] std::size_t streams() const;

private:
    struct seat {
        std::uint64_t ticket = 0;
        unsigned thread = 0;
        std::weak_ptr<desk_stream> stream;
    };
    struct event {
        std::weak_ptr<desk_stream> stream;
        committed_notice notice;
        std::vector<std::uint64_t> positions; // settled, where not empty
        std::uint64_t recalled = 0;           // where not 0
        void tell(desk_stream& s) const;
    };

    void end(unsigned thread, std::weak_ptr<desk_stream> stream);
    void note(const std::string& desk, event e);

    runtime& rt_;
    mutable std::mutex mutex_;
    std::map<std::string, seat, std::less<>> seats_;
    std::uint64_t next_ticket_ = 1;
    std::map<std::string, std::shared_ptr<sent_mark>, std::less<>> marks_;
    bool closed_ = false;
    // Ledger thread only, between flushes.
    std::map<unsigned, std::vector<event>> pending_;
};

} // namespace cairn::daemon
