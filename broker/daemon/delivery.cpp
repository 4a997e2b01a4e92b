#include "daemon/delivery.hpp"

namespace cairn::daemon {

std::uint64_t
delivery_hub::attach(const std::string& desk, unsigned thread, std::weak_ptr<desk_stream> stream) {
    seat older;
    std::uint64_t ticket = 0;
    bool closed = false;
    {
        const std::lock_guard lock(mutex_);
        seat& s = seats_[desk];
        older = s;
        ticket = next_ticket_++;
        s = {ticket, thread, stream};
        closed = closed_;
    }
    if (closed) end(thread, std::move(stream));
    if (older.ticket != 0) {
        rt_.post(older.thread, [old = older.stream] {
            if (const auto s = old.lock()) s->superseded();
        });
    }
    return ticket;
}

void delivery_hub::end(unsigned thread, std::weak_ptr<desk_stream> stream) {
    rt_.post(thread, [stream = std::move(stream)] {
        if (const auto s = stream.lock()) s->shutting_down();
    });
}

void delivery_hub::close() {
    std::map<std::string, seat, std::less<>> live;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        closed_ = true;
        live = seats_;
    }
    for (const auto& [desk, s] : live) end(s.thread, s.stream);
}

void delivery_hub::detach(const std::string& desk, std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    const auto it = seats_.find(desk);
    if (it != seats_.end() && it->second.ticket == ticket) seats_.erase(it);
}

void delivery_hub::note(const std::string& desk, event e) {
    const std::lock_guard lock(mutex_);
    const auto it = seats_.find(desk);
    if (it == seats_.end()) return;
    e.stream = it->second.stream;
    pending_[it->second.thread].push_back(std::move(e));
}

void delivery_hub::committed(committed_notice n) {
    const std::string desk = n.desk;
    note(desk, {{}, std::move(n), {}, 0});
}

void delivery_hub::settled(const std::string& desk, std::vector<std::uint64_t> positions) {
    note(desk, {{}, {}, std::move(positions), 0});
}

void delivery_hub::recalled(const std::string& desk, std::uint64_t position) {
    note(desk, {{}, {}, {}, position});
}

void delivery_hub::event::tell(desk_stream& s) const {
    if (recalled != 0)
        s.recalled(recalled);
    else if (positions.empty())
        s.offered(notice);
    else
        s.settled(positions);
}

void delivery_hub::flush() {
    for (auto& [thread, events] : pending_) {
        if (events.empty()) continue;
        rt_.post(thread, [batch = std::move(events)] {
            std::vector<std::shared_ptr<desk_stream>> touched;
            for (const event& e : batch) {
                const auto s = e.stream.lock();
                if (s == nullptr) continue;
                e.tell(*s);
                if (touched.empty() || touched.back() != s) touched.push_back(s);
            }
            for (const auto& s : touched) s->offers_done();
        });
        events = {};
    }
}

void delivery_hub::look_again() {
    std::map<unsigned, std::vector<std::weak_ptr<desk_stream>>> live;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [desk, s] : seats_) live[s.thread].push_back(s.stream);
    }
    for (auto& [thread, streams] : live) {
        rt_.post(thread, [streams = std::move(streams)] {
            for (const auto& weak : streams) {
                if (const auto s = weak.lock()) s->offers_done();
            }
        });
    }
}

std::shared_ptr<sent_mark> delivery_hub::mark(const std::string& desk) {
    const std::lock_guard lock(mutex_);
    auto& m = marks_[desk];
    if (m == nullptr) m = std::make_shared<sent_mark>();
    return m;
}

bool delivery_hub::connected(const std::string& desk) const {
    const std::lock_guard lock(mutex_);
    return seats_.contains(desk);
}

std::size_t delivery_hub::streams() const {
    const std::lock_guard lock(mutex_);
    return seats_.size();
}

} // namespace cairn::daemon
