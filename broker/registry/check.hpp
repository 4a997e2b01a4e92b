// What a registry state must satisfy as a whole, and what a change may do to it. Internal to the
// module.
#pragma once

#include "registry/snapshot.hpp"

namespace cairn::registry {

// The parts of `spiffe://<partnership>/<class>/<id>`.
struct uri_name {
    std::string_view partnership;
    // "agency", "admin", "auditor", "monitor" or "invite".
    std::string_view kind;
    std::string_view id;
};
// Nullopt for any other shape: another scheme, a query, a percent sign, a missing or extra part.
std::optional<uri_name> parse_uri(std::string_view uri);

// errc::bad_value; `where` names the entry.
status check_state(const v1::RegistryState& state);

} // namespace cairn::registry
