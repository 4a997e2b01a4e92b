// Requests from hands one does not trust, and signatures that say who sent one. No key of an
// authority is needed or reached here: the broker reads requests with this.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace cairn::certs {

// The public key of a PKCS #10 request (SubjectPublicKeyInfo, DER), once its holder has shown to
// hold the private one. errc::request_invalid, and `where` says why, for a signature that does not
// fit, a key under 128 bits, an extension that asks to be an authority, or a name asked for that is
// not `uri`. What else it asks for is granted to nobody and left unread.
result<bytes> key_asked_for(std::string_view request_pem, std::string_view uri);

// The text beneath a renewal's signature.
std::string renewal_text(std::string_view request_pem);
// SHA-256 with the key's own algorithm; Ed25519 takes the text as it is.
// errc::certificate_malformed.
result<bytes> sign_text(std::string_view key_pem, std::string_view text);
// By the key of the certificate. errc::signature_invalid, certificate_malformed.
status check_text(std::string_view certificate_pem, std::string_view text, bytes_view signature);

} // namespace cairn::certs
