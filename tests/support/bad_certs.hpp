// A partnership's certificates for tests, honest and not, made in memory when asked for. Nothing of
// this is ever committed.
#pragma once

#include "certs/authority.hpp"
#include "core/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::test {

// SplitMix64: repeatable from its seed, no secret.
class seeded_random final : public random_source {
public:
    explicit seeded_random(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::uint64_t state_;
};

struct issued {
    std::string name; // what is wrong with it, or whose it is
    std::string uri;
    std::string certificate_pem;
    std::string key_pem;
    std::string sha256_hex; // the registry's pin
    std::string serial_hex;
};

enum class flaw {
    expired,
    not_yet_valid,
    wrong_authority,
    same_named_authority,
    no_uri,
    two_uris,
    server_as_client,
    revoked,
    unknown_to_registry, // good in every other way
};

struct bad_certificate {
    flaw what;
    issued certificate;
};

// Where refusal is expected: the handshake's chain check, the name, or the registry.
enum class refused_by { chain, name, registry };
refused_by who_refuses(flaw what);

class certificate_set {
public:
    // `now` is the moment tests live in: honest certificates hold a day before and a year after it.
    certificate_set(std::string_view partnership, wall_time now, random_source& random);

    [[nodiscard]] const certs::authority& authority() const { return authority_; }
    // For 127.0.0.1, ::1 and localhost.
    [[nodiscard]] const issued& server() const { return server_; }
    // Lists the one of flaw::revoked; holds for a year.
    [[nodiscard]] const std::string& crl_pem() const { return crl_pem_; }
    // All nine. Each has the URI of agency "oakfield" where it has one of an agency's.
    [[nodiscard]] const std::vector<bad_certificate>& bad() const { return bad_; }
    [[nodiscard]] const issued& bad(flaw what) const;

    // An honest one.
    [[nodiscard]] issued issue(const certs::identity& who);

private:
    void add(flaw what, issued certificate);

    wall_time now_;
    random_source& random_;
    certs::authority authority_;
    issued server_;
    std::vector<bad_certificate> bad_;
    std::string crl_pem_;
};

} // namespace cairn::test
