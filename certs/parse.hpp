// What a certificate says, as plain values.
#pragma once

#include "certs/names.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::certs {

struct certificate_facts {
    // Subject alternative names as they stand, zero bytes included.
    std::vector<std::string> uris;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses; // text form
    wall_time not_before;
    wall_time not_after;
    // SHA-256 of the DER: the registry's pin.
    digest fingerprint{};
    std::string serial_hex; // lower case, whole bytes
    std::string subject;    // RFC 2253
    std::string issuer;
    bool is_authority = false;
    bool for_server = false; // extended key usage
    bool for_client = false;
};

// The first certificate in the text. errc::certificate_malformed.
result<certificate_facts> parse_certificate(std::string_view pem);
// The same from DER, as a TLS engine holds it.
result<certificate_facts> parse_certificate_der(bytes_view der);

// Whether certificate and request are of one key. errc::certificate_malformed, request_invalid.
result<bool> same_key(std::string_view certificate_pem, std::string_view request_pem);

// The one identity of a certificate of this partnership. Refuses none, two or more URI names (of
// whatever scheme), another partnership, a name that is not a slug, and an authority's certificate:
// errc::certificate_identity.
result<identity> identity_of(const certificate_facts& facts, std::string_view partnership);

struct crl_facts {
    std::string issuer;
    std::uint64_t number = 0;
    wall_time this_update;
    wall_time next_update;
    std::vector<std::string> serials; // hex, as certificate_facts has them
};

// errc::certificate_malformed, or errc::signature_invalid where the authority did not sign it.
result<crl_facts> parse_crl(std::string_view crl_pem, std::string_view authority_pem);

} // namespace cairn::certs
