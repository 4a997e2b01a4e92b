// Who a certificate speaks for: one name, `spiffe://<partnership>/<kind>/<id>`.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::certs {

enum class identity_kind : std::uint8_t { agency, admin, auditor, monitor, server, invite };

struct identity {
    identity_kind kind = identity_kind::agency;
    std::string id;
    bool operator==(const identity&) const = default;
};

// The word in the path: "agency".
std::string_view word_of(identity_kind kind);

// [a-z0-9-]{2,40}, no hyphen at either end: ids of agencies, admins, auditors, monitors, servers
// and invitations.
bool is_slug(std::string_view text);
// As a slug, dots allowed: the trust domain of SPIFFE, without its upper case and underscore.
bool is_partnership(std::string_view text);

// errc::bad_value names the part that is not a slug.
result<std::string> uri_of(const identity& who, std::string_view partnership);

// The inverse, by exact comparison: no case folding, no escapes, no query.
// errc::certificate_identity.
result<identity> parse_uri(std::string_view uri, std::string_view partnership);

} // namespace cairn::certs
