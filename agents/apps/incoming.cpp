#include "agents/apps/incoming.hpp"

#include "agents/apps/clock_watch.hpp"
#include "agents/apps/inbox.hpp"
#include "agents/apps/recall.hpp"
#include "agents/core/uuid7.hpp"

#include "cairn/v1/notice.pb.h"

#include <algorithm>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

// Looked at in one turn; the others are due all the same in the next.
constexpr std::size_t events_a_turn = 2 * hooks_at_once_most;

} // namespace

status incoming::start() {
    if (!s_.config.hook.used()) return {};
    auto made = s_.parts.make_hook(
        s_.config.hook,
        [weak = weak_from_this(), &dialer = s_.parts.dialer](const auto& e, const auto& outcome) {
            dialer.post([weak, e, outcome] {
                if (const auto self = weak.lock()) self->event_done(e, outcome);
            });
        }
    );
    if (!made) return made.error();
    hook_ = std::move(*made);
    return {};
}

void incoming::stop() {
    if (hook_) hook_->stop();
}

// One desk: the folder itself. Several: a folder each, since a concern has one position for all.
std::filesystem::path
incoming::folder_of(const std::filesystem::path& base, const std::string& desk) const {
    if (s_.config.desks.size() == 1) return base;
    auto name = desk;
    std::replace(name.begin(), name.end(), '/', '.');
    return base / name;
}

std::optional<notice_event> incoming::event(std::string_view type, const noted_notice& n) const {
    if (!hook_) return {};
    notice_event e;
    e.id = make_uuid7(s_.now(), s_.parts.random);
    e.type = type;
    e.desk = n.desk;
    e.position = n.position;
    e.concern_id = n.concern_id;
    e.at = s_.now();
    return e;
}

status incoming::store(const std::string& desk, const delivery& d) {
    const auto done = [&]() -> status {
        if (d.withdrawn) return withdraw(desk, d.position);
        watch_clock(d);
        CAIRN_TRY(store_notice(folder_of(s_.where.inbox, desk), d, s_.config.profile));
        v1::Notice notice;
        if (!notice.ParseFromString(d.notice)) return fail(errc::malformed, "delivery.notice");
        if (notice.kind() == v1::CONCERN_KIND_RECALL)
            CAIRN_TRY(obey_recall(desk, notice.content().in_reply_to(), d.position));
        noted_notice n;
        n.desk = desk;
        n.position = d.position;
        n.concern_id = notice.concern_id();
        n.thread = notice.thread();
        n.stored = s_.now();
        CAIRN_TRY(s_.parts.book.note(n, event("cairn.notice.received", n)));
        ++s_.figures.received;
        s_.figures.last_received = s_.now();
        return {};
    }();
    s_.troubles.note("inbox", done, s_.now());
    return done;
}

status incoming::withdraw(const std::string& desk, std::uint64_t position) {
    const auto known = s_.parts.book.find(desk, position);
    if (!known) return known.error();
    auto n = known->value_or(noted_notice{});
    n.desk = desk;
    n.position = position;
    CAIRN_TRY(take_back(
        folder_of(s_.where.inbox, desk),
        folder_of(s_.where.recalled, desk),
        n,
        {taken_back::withdrawn, 0, s_.now()}
    ));
    CAIRN_TRY(s_.parts.book.mark_recalled(desk, position, event("cairn.notice.recalled", n)));
    ++s_.figures.recalled;
    return {};
}

// The recall's own notice is confirmed when this has succeeded, and not before: that is how the
// broker knows that it was obeyed.
status
incoming::obey_recall(const std::string& desk, const std::string& concern, std::uint64_t told_by) {
    const auto had = s_.parts.book.of_concern(desk, concern);
    if (!had) return had.error();
    for (const auto& n : *had) {
        if (n.recalled) continue;
        CAIRN_TRY(take_back(
            folder_of(s_.where.inbox, desk),
            folder_of(s_.where.recalled, desk),
            n,
            {taken_back::recalled, told_by, s_.now()}
        ));
        CAIRN_TRY(s_.parts.book.mark_recalled(desk, n.position, event("cairn.notice.recalled", n)));
        ++s_.figures.recalled;
        s_.parts.log(log_level::info, "recalled", "notices 1");
    }
    return {};
}

// Nothing can have been recorded later than now.
void incoming::watch_clock(const delivery& d) {
    const auto ahead = from_us(d.recorded_at_us) - s_.now();
    if (ahead > clock_tolerance) s_.troubles.begin("clock", clock_failure(-ahead), s_.now());
}

void incoming::tell_events() {
    if (!hook_) return;
    const auto waiting = s_.parts.book.events_waiting();
    if (waiting) s_.figures.events_waiting = *waiting;
    const auto due = s_.parts.book.due_events(s_.now(), events_a_turn);
    if (!due) return s_.troubles.begin("events", due.error(), s_.now());
    for (const auto& e : *due) {
        if (running_.count(e.id) != 0) continue;
        if (!hook_->tell(e)) return;
        running_.insert(e.id);
    }
}

void incoming::event_done(const notice_event& e, const status& outcome) {
    running_.erase(e.id);
    const auto again =
        s_.now() +
        std::chrono::duration_cast<std::chrono::microseconds>(hook_pause(e.tries, s_.parts.random));
    const auto kept =
        outcome ? s_.parts.book.event_taken(e.id) : s_.parts.book.event_failed(e.id, again);
    s_.troubles.note("events", kept, s_.now());
    s_.troubles.note("hook", outcome, s_.now());
    tell_events();
}

} // namespace cairn::agents::apps
