// Steps that every certificate we make takes; for the files of this module only.
#pragma once

#include "certs/authority.hpp"
#include "certs/handles.hpp"

namespace cairn::certs::build {

// 128 random bits. RFC 5280 4.1.2.2 asks for unpredictable ones and at most 20 octets.
bool set_serial(x509_st* certificate, random_source& random);
bool set_span(x509_st* certificate, const validity& valid);
// One extension by OpenSSL's number and text form; `issuer` may be null where it needs none.
bool extend(x509_st* certificate, x509_st* issuer, int nid, const char* value);

status check_span(const validity& valid);

// The request's public key, once its holder has shown to hold the private one. Everything else the
// request asks for is left unread. errc::request_invalid.
result<key_handle> key_of(const std::string& request_pem);

} // namespace cairn::certs::build
