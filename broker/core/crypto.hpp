// The few primitives Cairn uses, over OpenSSL. No home-made cryptography: names and parameters are
// those of the standards.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <array>
#include <initializer_list>
#include <memory>

namespace cairn {

using key256 = std::array<std::uint8_t, 32>;
using nonce96 = std::array<std::uint8_t, 12>;

// FIPS 180-4, over the concatenation of the parts.
digest sha256(std::initializer_list<bytes_view> parts);
inline digest sha256(bytes_view one) {
    return sha256({one});
}

// RFC 2104 with SHA-256.
digest hmac_sha256(const key256& key, std::initializer_list<bytes_view> parts);

// RFC 5869 expand step with SHA-256: an independent key for one named use of a master key.
key256 derive_key(const key256& master, std::string_view use);

// AES-256-GCM, NIST SP 800-38D. Output is ciphertext then 16-byte tag. A nonce is used once a key.
bytes seal(const key256& key, const nonce96& nonce, bytes_view plain, bytes_view associated);
// errc::sealed_data_damaged where the tag does not fit.
result<bytes>
open(const key256& key, const nonce96& nonce, bytes_view sealed, bytes_view associated);

// Nonce from a counter: 4 zero bytes, then big-endian.
nonce96 counter_nonce(std::uint64_t counter);

// RFC 8032.
struct ed25519_public {
    std::array<std::uint8_t, 32> raw{};
    bool operator==(const ed25519_public&) const = default;
};
struct ed25519_private {
    std::array<std::uint8_t, 32> seed{};
};
// A private key made ready once: turning a seed into a key of the library costs more than signing.
// Copies share it; the library overwrites it when the last is gone. Thread: any.
class signing_key {
public:
    explicit signing_key(const ed25519_private& key);
    [[nodiscard]] const ed25519_public& verifying() const { return public_; }
    [[nodiscard]] std::array<std::uint8_t, 64> sign(bytes_view message) const;

private:
    std::shared_ptr<void> key_;
    ed25519_public public_;
};
ed25519_public public_of(const ed25519_private& key);
std::array<std::uint8_t, 64> sign(const ed25519_private& key, bytes_view message);
bool verify(const ed25519_public& key, bytes_view message, bytes_view signature);

// Overwrites before the memory is given back; not optimised away.
void wipe(void* data, std::size_t size);
inline void wipe(key256& key) {
    wipe(key.data(), key.size());
}

// 16 random bytes as 32 hex digits: ids of concerns.
std::string random_id(random_source& random);

} // namespace cairn
