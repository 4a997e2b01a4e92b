#include "daemon/waiting.hpp"

namespace cairn::daemon {

void room_queue::wait(unsigned thread, std::function<void()> again) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({thread, std::move(again)});
    any_ = true;
}

void room_queue::wake() {
    if (!any_) return;
    std::vector<waiter> now;
    {
        const std::lock_guard lock(mutex_);
        now.swap(waiting_);
        any_ = false;
    }
    for (waiter& w : now) rt_.post(w.thread, std::move(w.again));
}

std::uint64_t client_streams::attach(unsigned thread, std::weak_ptr<client_stream> stream) {
    const seat s{thread, std::move(stream)};
    std::uint64_t ticket = 0;
    bool closed = false;
    {
        const std::lock_guard lock(mutex_);
        ticket = next_ticket_++;
        seats_.emplace(ticket, s);
        closed = closed_;
    }
    if (closed) tell(s);
    return ticket;
}

void client_streams::detach(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    seats_.erase(ticket);
}

void client_streams::close() {
    std::map<std::uint64_t, seat> live;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        closed_ = true;
        live = seats_;
    }
    for (const auto& [ticket, s] : live) tell(s);
}

void client_streams::tell(const seat& s) {
    rt_.post(s.thread, [stream = s.stream] {
        if (const auto live = stream.lock()) live->shutting_down();
    });
}

} // namespace cairn::daemon
