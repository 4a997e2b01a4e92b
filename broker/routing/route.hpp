// Which desks get a concern: those the sender named, those the policy text adds, never those in
// conflict.
#pragma once

#include "core/result.hpp"
#include "policy/table.hpp"
#include "registry/snapshot.hpp"
#include "routing/conflict.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <set>
#include <string>
#include <vector>

namespace cairn::routing {

namespace v1 = ::cairn::v1;

struct routed_desk {
    std::string desk;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    // 0: addressed by the sender, or in place of a desk the sender addressed.
    std::uint32_t rule = 0;
    // What brought it here is not told to the sender, who sees "routed by policy".
    bool hidden_from_sender = false;
    // The sender wrote this very desk and is told of it by name. Where it is hidden as well the
    // sender is told both, as if policy had added another desk: the answer must not tell whether
    // the two are one.
    bool named = false;
    // Stands in for a desk in conflict or closed.
    bool deputy = false;
    // Gets it as the front door, or in place of one.
    bool for_front_door = false;
};

// True where the sender may be told of the desk by name.
inline bool shown_to_sender(const routed_desk& d) {
    return !d.hidden_from_sender || d.named;
}

struct route {
    // In desk order, each once, at most limits::desks.
    std::vector<routed_desk> desks;
    // For the sender: "unknown school, went to the front door", "addressed desk left out".
    std::vector<v1::Warning> warnings;
};

// Who submits, as the registry knows it.
struct origin {
    std::string_view agency;
    // The agency's desks the certificate acts for.
    std::vector<std::string> desks = {};
};

// What routing must know of the concern this one answers, and of its thread; empty where it names
// none.
struct thread_parties {
    // Who sent the concern answered; empty where none is.
    std::string sender_agency = {};
    // The other side: from its first sender its desks, from a desk the one to reply to.
    std::vector<std::string> desks = {};
    // Of `desks`, those policy added without telling this sender, and those the sender wrote
    // itself: see routed_desk.
    std::set<std::string, std::less<>> hidden = {};
    std::set<std::string, std::less<>> named = {};
    // The desk the concern answered was sent from; empty where that is not known.
    std::string reply_desk = {};
    // Who must not learn of the thread, whatever this concern says of it.
    conflict_set conflicts = {};
    // A concern of the thread had an exclusive route: what follows stays on it.
    bool exclusive = false;
};

// True where policy alone chooses the desks of such a concern.
bool exclusive_route(const v1::Concern& c, const policy::table& rules);

// errc::unknown_desk, test_only, no_route (a concern to no desk is refused), too_many,
// reply_unknown.
result<route> find_route(
    const v1::Concern& c,
    const origin& from,
    const registry::snapshot& registry,
    const policy::table& rules,
    const thread_parties& thread
);

// Small proof over the text: every kind, incident and purpose reaches at least one desk by rule or
// must be addressed; errc::policy_contradiction names the first that reaches none.
status prove_routing(const policy::table& rules);

} // namespace cairn::routing
