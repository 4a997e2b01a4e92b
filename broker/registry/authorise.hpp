// The one authorisation function. Every path asks here: submit, receive, replay, track, audit,
// admin. Nothing is allowed by default.
#pragma once

#include "registry/snapshot.hpp"

namespace cairn::registry {

enum class caller_kind : std::uint8_t { agency, admin, auditor, monitor, invite };

// Who calls, from the pinned certificate alone; a client cannot write any of it.
struct caller {
    caller_kind kind = caller_kind::agency;
    // Agency, admin, auditor or enrolment id out of the URI SAN.
    std::string id;
    std::string certificate_sha256;
};

enum class operation : std::uint8_t {
    submit,  // needs kind, purpose; `agency` where acting for another
    preview, // as submit
    receive, // receive, fetch, confirm, return: needs desk
    track,   // own concerns or notices; the caller checks ownership with the answer
    list_desks,
    administer,
    audit,
    health,
    enrol,     // ask for certificates: an invitation alone
    enrolment, // where it stands: an invitation, and an agency for itself
    conform,   // an agency that is testing
    renew,     // a live agency, its own certificate
    retire,    // an agency, testing or live, its own certificate
};

struct request {
    operation what = operation::submit;
    std::string_view desk = {};
    v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    // Empty: the caller's own agency.
    std::string_view on_behalf_of = {};
    std::int64_t now_us = 0;
};

// Who a TLS peer is: exactly one URI SAN of this partnership, pinned, not revoked, not expired.
// errc::certificate_identity, certificate_unknown, certificate_revoked, unauthenticated (expired).
result<caller> identify(
    const snapshot& registry,
    std::string_view partnership,
    std::string_view certificate_sha256,
    const std::vector<std::string>& uris,
    std::int64_t now_us
);

// The agency the operation is done as: the caller's, or the one it holds a mandate of; empty for
// admins, auditors and monitors, who act for none. The certificate's state is looked at again each
// time, so that a revocation ends a live session's rights. Every refusal names its reason from the
// catalogue.
result<std::string> authorise(const snapshot& registry, const caller& who, const request& what);

// Of a request that authorise() allows: from when on a date alone may have ended that, the
// certificate's or the mandates'. Before it nothing but a new registry can. Microseconds.
std::int64_t allowed_until(const snapshot& registry, const caller& who, const request& what);

} // namespace cairn::registry
