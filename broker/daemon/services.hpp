// What every handler shares: the runtime, the delivery hub, refusals, counters; and the small steps
// each call begins with.
#pragma once

#include "core/limits.hpp"
#include "daemon/confirm_batch.hpp"
#include "daemon/delivery.hpp"
#include "daemon/presence.hpp"
#include "daemon/refusals.hpp"
#include "daemon/registry_changes.hpp"
#include "daemon/runtime.hpp"
#include "daemon/shadow.hpp"
#include "daemon/stages.hpp"
#include "daemon/waiting.hpp"
#include "session/call.hpp"
#include "session/codec.hpp"

#include <google/protobuf/message.h>

#include <array>
#include <atomic>

namespace cairn::daemon {

// Totals for /metrics; relaxed, any thread. Labels never name a person, child or case.
struct counters {
    std::atomic<std::uint64_t> submitted{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> repeated{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> confirmed{0};
    std::atomic<std::uint64_t> returned{0};
    std::atomic<std::uint64_t> unknown_fields{0};
    // Of what was accepted, retries not counted again.
    std::atomic<std::uint64_t> detriments{0};
    std::atomic<std::uint64_t> challenged{0};
    std::atomic<std::uint64_t> break_glass{0};
    // Submissions that a stage let through, and that ended at one.
    stage_counters passed{};
    stage_counters stopped{};
    std::atomic<std::uint64_t> reloads{0};
    std::atomic<std::uint64_t> reloads_failed{0};
    std::atomic<std::uint64_t> dry_runs_failed{0};
    // Nanoseconds of CPU on network threads by stage (daemon/stages.hpp).
    std::atomic<std::uint64_t> decode_ns{0};
    std::atomic<std::uint64_t> decide_ns{0};
    std::atomic<std::uint64_t> redact_ns{0};
    std::atomic<std::uint64_t> seal_ns{0};
    std::atomic<std::uint64_t> deliver_ns{0};
};

struct desk_load;
class operations;

struct services {
    explicit services(runtime& r)
        : rt(r), hub(r), room(r), clients(r), refused(r), changes(r), confirms(r, hub, count),
          shadow(r) {}
    runtime& rt;
    counters count;
    delivery_hub hub;
    room_queue room;
    client_streams clients;
    refusal_log refused;
    registry_changes changes;
    confirm_batches confirms;
    policy_shadow shadow;
    // A simulation of a policy is under way.
    std::shared_ptr<std::atomic<bool>> simulating = std::make_shared<std::atomic<bool>>(false);
    // What the last look at the desks found (tick.hpp); null before it.
    swapped<std::vector<desk_load>> loads;
    // The daemon around the services (operations.hpp); null where they run without one.
    operations* daemon = nullptr;
    presence seen;

    // Ledger thread, after each commit: what it brought goes to the streams, and who found the
    // queue full tries again.
    void after_commit() {
        hub.flush();
        room.wake();
    }
};

// Who calls, by the pinned certificate. Refusals as registry::identify.
result<registry::caller> caller_of(const runtime& rt, const session::call& c);

// Identifies the caller and asks the one authorisation function; ends the call with the reason
// where the answer is no. `desk` for operation::receive only.
std::optional<registry::caller>
admit(services& s, session::call& c, registry::operation what, std::string_view desk = {});
// False, and the call ended, where the message is no `out`.
bool decoded(session::call& c, bytes_view message, google::protobuf::Message& out);

// The first steps of every call but submissions (accept.hpp checks those): decode, then admit.
template <class Request>
std::optional<registry::caller> admitted(
    services& s, session::call& c, bytes_view message, registry::operation what, Request& out
) {
    if (!decoded(c, message, out)) return std::nullopt;
    if constexpr (requires { out.desk(); }) {
        if (what == registry::operation::receive) return admit(s, c, what, out.desk());
    }
    return admit(s, c, what);
}

// Answers with one message and ends the call.
void reply(session::call& c, const google::protobuf::Message& m);

// Writes a query record, then runs `read` on the query pool, then `answer` on this network thread
// with its result: nothing is read before the record is on disk (invariant 14).
template <class T>
struct recorded_read {
    std::string operation;
    bytes arguments;
    std::function<result<T>()> read;
    std::function<void(session::call&, result<T>)> answer;
};
status append_query(
    services& s,
    const registry::caller& who,
    std::string operation,
    bytes_view arguments,
    std::function<void(const status&)> then
);

template <class T>
void read_recorded(services& s, session::call& c, const registry::caller& who, recorded_read<T> r) {
    const unsigned thread = s.rt.here();
    auto back =
        [&s, thread, weak = c.weak_from_this(), answer = std::move(r.answer)](result<T> value) {
            s.rt.post(thread, [weak, answer, value = std::move(value)]() mutable {
                if (const auto live = weak.lock()) answer(*live, std::move(value));
            });
        };
    auto then = [&s, back, read = std::move(r.read)](const status& ok) {
        if (!ok) return back(ok.error());
        if (!s.rt.query([back, read] { back(read()); })) back(fail(errc::overloaded));
    };
    const status queued =
        append_query(s, who, std::move(r.operation), r.arguments, std::move(then));
    if (!queued) c.finish(queued.error());
}

// Answers with the message read, or ends the call with why not.
template <class Response>
std::function<void(session::call&, result<Response>)> answer_with() {
    return [](session::call& live, result<Response> out) {
        if (!out) return live.finish(out.error());
        reply(live, *out);
    };
}

// Adds every method of the exchange, admin, enrolment and audit services and the pages to `routes`.
void add_submit(session::router& routes, services& s);
void add_receive(session::router& routes, services& s);
void add_settle(session::router& routes, services& s);
void add_questions(session::router& routes, services& s);
void add_preview(session::router& routes, services& s);
void add_admin(session::router& routes, services& s);
// Reload, log level, diagnosis: operations.hpp.
void add_operations(session::router& routes, services& s);
void add_approvals(session::router& routes, services& s);
void add_enrol(session::router& routes, services& s);
void add_audit(session::router& routes, services& s);
// By add_audit.
void add_simulation(session::router& routes, services& s);
// /livez, /readyz, /metrics: for certificates that may see health, and for the loopback listener,
// where nobody shows one.
void add_pages(session::router& routes, services& s);
void add_open_pages(session::router& routes, services& s);

// One unary method whose handler is a function.
using unary_function = std::function<void(session::call&, bytes_view)>;
session::method unary(
    std::string path,
    const google::protobuf::Descriptor* input,
    const google::protobuf::Descriptor* output,
    unary_function run
);

} // namespace cairn::daemon
