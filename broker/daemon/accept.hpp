// The way of a concern up to the ledger: a pure function of (concern, identity, decided-at, policy,
// registry) but for the random id, seed and key it is given.
//
//   identify and authorise ─▶ validate ─▶ route ─▶ decide ─▶ redact ─▶ seal
#pragma once

#include "daemon/runtime.hpp"
#include "daemon/thread.hpp"
#include "redaction/notice.hpp"
#include "routing/route.hpp"
#include "session/call.hpp"

#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/record.pb.h"

namespace cairn::daemon {

namespace v1 = ::cairn::v1;

// One submission as far as it has come. Lives on the network thread until the draft is made.
struct submission {
    registry::caller caller;
    v1::SubmitRequest request;
    // The request's exact bytes as received.
    bytes exact;
    session::codec how = session::codec::proto;
    // The agency it is submitted as.
    std::string sender;
    std::int64_t decided_at_us = 0;
    std::shared_ptr<const registry::snapshot> registry;
    std::shared_ptr<const policy::table> policy;
    // For days of review; without one, weekends alone are left out.
    std::shared_ptr<const obligations::calendar> days;
};

// One desk's part of the outcome.
struct desk_notice {
    routing::routed_desk desk;
    redaction::verdicts verdicts;
    // Exact bytes of the notice.
    bytes encoded;
};

struct prepared {
    std::string concern_id;
    std::string thread;
    v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
    redaction::analysis analysis;
    std::vector<desk_notice> desks;
    std::vector<v1::Warning> warnings;
    // How many of them challenge what was held back for data protection alone.
    std::uint32_t challenged = 0;
    // What it answers, of a concern that names a thread.
    earlier answers;
    // By when a named person must have read each notice, from record time.
    std::int64_t acknowledge_within_us = 0;
    // Told, where set, after the cells of a desk are decided, and after its notice is built.
    std::function<void()> decided;
    std::function<void()> redacted;
};

// Steps 1 and 2: who, whether they may, whether it is fit. Fills `s.sender` and warnings.
status check(submission& s, prepared& p);

// Steps 3 to 5, with `p.answers` as look_up() found it. `concern_id` empty: a preview, ids read as
// zeros.
status decide(const submission& s, const key256& pseudonym_key, prepared& p);

// What a decision needs to know of a desk of this agency, beside the flags of one concern.
redaction::desk_context
context_of(const registry::snapshot& registry, std::string_view desk, std::uint32_t route_rule);

// True where the notices of the concern it answers are withdrawn with its commit, as far as they
// are not confirmed: of a recall, and of a correction by which an address turns out to be
// protected.
bool withdraws(const prepared& p);

// What a sender sees in place of every desk it may not know of, once and last: their number is a
// secret too.
inline constexpr const char* routed_by_policy = "routed by policy";
// True where there is such a desk.
bool adds_hidden(const prepared& p);

// What a record keeps of its decisions, and whatever explains them reads: the inputs, and each desk
// in the order of `p.desks`.
void put_decisions(const prepared& p, v1::ConcernRecord& out);

// Step 6. errc::overloaded when no key slot is free.
result<ledger::draft> to_draft(runtime& rt, const submission& s, prepared& p);

// Asks the ledger whether this very concern was accepted before under its key, whatever policy and
// registry say of it today. Writes no record.
ledger::draft to_question(runtime& rt, const submission& s);

// What the sender is told: that it is stored, or why not.
v1::Refusal refusal_of(const failure& why);
v1::SubmitResponse answer(const submission& s, const prepared& p, const ledger::committed& done);

} // namespace cairn::daemon
