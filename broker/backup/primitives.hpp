// The primitives of the age format, over OpenSSL: X25519 (RFC 7748), HKDF-SHA-256 (RFC 5869),
// ChaCha20-Poly1305 (RFC 8439).
#pragma once

#include "core/crypto.hpp"

#include <optional>

namespace cairn::backup {

inline constexpr std::size_t tag_bytes = 16;

// The point of a secret scalar.
key256 x25519_point(const key256& secret);
// Nullopt where the point is of low order: the secret would be known to everybody.
std::optional<key256> x25519(const key256& secret, const key256& point);

// Extract and expand, 32 bytes.
key256 hkdf(bytes_view secret, bytes_view salt, std::string_view info);

// Ciphertext, then the tag. A nonce is used once a key.
bytes chacha_seal(const key256& key, const nonce96& nonce, bytes_view plain);
// Nullopt where the tag does not fit.
std::optional<bytes> chacha_open(const key256& key, const nonce96& nonce, bytes_view sealed);

} // namespace cairn::backup
