// What has to be looked at as time passes: the policy's day, the clock, checks that begin to fail,
// desks nobody can receive for, silence in the log.
#pragma once

#include "daemon/services.hpp"

#include <set>

namespace cairn::daemon {

// Of a desk's notices, as of the last look.
struct desk_load {
    std::string desk;
    std::uint64_t pending = 0;
    std::uint64_t overdue = 0;
    std::int64_t oldest_pending_us = 0; // 0: none waits
    bool connected = false;
    // Notices wait and no certificate in force may receive for the desk.
    bool unreachable = false;
};

class ticker {
public:
    // After prepare(): the policy is of today.
    explicit ticker(services& s);
    // About once a second, always the same thread, neither a network nor the ledger thread: it
    // compiles and may wait for the disk.
    void tick();

private:
    void look_at_clock(mono_time mono, std::int64_t wall_us);
    void look_at_day(std::int64_t wall_us);
    void look_at_checks();
    void look_at_desks(mono_time mono, std::int64_t wall_us);
    void look_at_log(mono_time mono);

    services& s_;
    mono_time mono_{};
    std::int64_t wall_us_ = 0;
    std::string day_;
    std::set<std::string> failing_;
    std::set<std::string> unreachable_;
    mono_time desks_at_{};
    mono_time record_at_{};
    std::uint64_t size_ = 0;
};

// Whether some certificate, not revoked, not expired, of an agency not suspended, may receive for
// the desk.
bool can_be_received(const registry::snapshot& registry, const v1::Desk& desk, std::int64_t now_us);

} // namespace cairn::daemon
