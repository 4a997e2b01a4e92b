#include "daemon/tick.hpp"

#include "daemon/start.hpp"
#include "daemon/status.hpp"

#include <fmt/format.h>

namespace cairn::daemon {
namespace {

using namespace std::chrono_literals;

// Counting what waits reads the disk.
constexpr auto desks_every = 15s;

} // namespace

ticker::ticker(services& s)
    : s_(s), mono_(s.rt.time().mono_now()), wall_us_(now_us(s.rt)), day_(policy_day(wall_us_)),
      record_at_(mono_), size_(s.rt.store().current_head().size) {
    s_.rt.log("policy_day", day_);
}

void ticker::tick() {
    const mono_time mono = s_.rt.time().mono_now();
    const std::int64_t wall = now_us(s_.rt);
    look_at_clock(mono, wall);
    look_at_day(wall);
    look_at_checks();
    look_at_desks(mono, wall);
    look_at_log(mono);
}

// Deadlines, certificates and the policy's day follow the wall clock: who moves it moves them.
void ticker::look_at_clock(mono_time mono, std::int64_t wall_us) {
    using namespace std::chrono;
    const auto passed = duration_cast<microseconds>(mono - mono_).count();
    const std::int64_t jump = wall_us - wall_us_ - passed;
    mono_ = mono;
    wall_us_ = wall_us;
    constexpr std::int64_t slack = duration_cast<microseconds>(limits::clock_jump).count();
    if (jump >= -slack && jump <= slack) return;
    const std::string by = fmt::format("{:+} ms", jump / 1000);
    s_.rt.alarm("clock_jump", by);
    queue_note(s_.rt, "clock jump", by);
}

void ticker::look_at_day(std::int64_t wall_us) {
    const std::string today = policy_day(wall_us);
    if (today == day_) return;
    day_ = today;
    s_.shadow.new_day();
    if (const status ok = apply_policy_day(s_.rt, wall_us); ok)
        s_.rt.log("policy_day", today);
    else
        s_.rt.alarm("policy_not_applied", today + ": " + ok.error().public_text());
}

void ticker::look_at_checks() {
    std::set<std::string> now;
    for (const auto& [name, cause] : failing(s_)) {
        now.insert(name);
        if (!failing_.contains(name)) s_.rt.alarm("check_failing", name + ": " + cause);
    }
    for (const auto& name : failing_) {
        if (!now.contains(name)) s_.rt.log("check_recovered", name);
    }
    failing_ = std::move(now);
}

void ticker::look_at_desks(mono_time mono, std::int64_t wall_us) {
    if (desks_at_ != mono_time{} && mono - desks_at_ < desks_every) return;
    desks_at_ = mono;
    // A stream whose right ended by date ends, though nothing comes for it.
    s_.hub.look_again();
    const auto counts = s_.rt.store().read().counts(wall_us);
    if (!counts) return;
    const auto registry = s_.rt.registry.now();
    auto loads = std::make_shared<std::vector<desk_load>>();
    std::set<std::string> now;
    for (const auto& c : *counts) {
        const v1::Desk* desk = registry->desk(c.desk);
        const bool fenced =
            c.pending != 0 && (desk == nullptr || !can_be_received(*registry, *desk, wall_us));
        const bool live = s_.hub.connected(c.desk);
        loads->push_back({c.desk, c.pending, c.overdue, c.oldest_pending_us, live, fenced});
        if (!fenced) continue;
        now.insert(c.desk);
        if (unreachable_.contains(c.desk)) continue;
        const std::string other = desk == nullptr ? std::string() : desk->out_of_hours();
        s_.rt.alarm(
            "desk_unreachable",
            fmt::format(
                "{}: {} notices wait, {} overdue, no certificate may receive them; out of hours: "
                "{}",
                c.desk,
                c.pending,
                c.overdue,
                other.empty() ? "none named" : other
            )
        );
    }
    for (const auto& desk : unreachable_) {
        if (!now.contains(desk)) s_.rt.log("desk_reachable", desk);
    }
    unreachable_ = std::move(now);
    s_.loads.swap_in(std::move(loads));
}

// Silence in the log must not look like a log that was cut off.
void ticker::look_at_log(mono_time mono) {
    const std::uint64_t size = s_.rt.store().current_head().size;
    if (size != size_) {
        size_ = size;
        record_at_ = mono;
    }
    if (mono - record_at_ < limits::heartbeat) return;
    record_at_ = mono;
    queue_note(s_.rt, "heartbeat", {});
}

bool can_be_received(
    const registry::snapshot& registry, const v1::Desk& desk, std::int64_t now_us
) {
    for (const v1::Certificate& c : registry.state().certificates()) {
        registry::caller who;
        who.id = c.agency();
        who.certificate_sha256 = c.sha256();
        registry::request asked;
        asked.what = registry::operation::receive;
        asked.desk = desk.id();
        asked.now_us = now_us;
        if (registry::authorise(registry, who, asked)) return true;
    }
    return false;
}

} // namespace cairn::daemon
