// Which desks get a concern: those the sender named, those the policy text adds, never those in
// conflict.
#pragma once

#include "core/result.hpp"
#include "policy/table.hpp"
#include "registry/snapshot.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <string>
#include <vector>

namespace cairn::routing {

namespace v1 = ::cairn::v1;

struct routed_desk {
    std::string desk;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    // 0: addressed by the sender.
    std::uint32_t rule = 0;
    // The sender sees "routed by policy".
    bool hidden_from_sender = false;
    // Stands in for a desk in conflict or closed.
    bool deputy = false;
};

struct route {
    // In desk order, each once, at most limits::desks.
    std::vector<routed_desk> desks;
    // For the sender: "unknown school, went to the front door", "addressed desk left out".
    std::vector<v1::Warning> warnings;
};

// What routing must know of the concern this one answers; empty where it answers none.
struct thread_parties {
    std::string sender_agency;
    // Desks of the earlier concern, and the desk replies to its sender go to.
    std::vector<std::string> desks;
};

// errc::unknown_desk, no_route (a concern to no desk is refused), too_many, reply_unknown.
result<route> find_route(
    const v1::Concern& c,
    std::string_view sender_agency,
    const registry::snapshot& registry,
    const policy::table& rules,
    const thread_parties& thread
);

// Small proof over the text: every kind, incident and purpose reaches at least one desk by rule or
// must be addressed; errc::policy_contradiction names the first that reaches none.
status prove_routing(const policy::table& rules);

} // namespace cairn::routing
