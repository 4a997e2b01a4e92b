// A chain checked as the TLS handshake checks it, for `cairn check certs` and for tests.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <string_view>

namespace cairn::certs {

enum class role { client, server };

struct chain_question {
    std::string_view certificate_pem;
    std::string_view authority_pem;
    std::string_view crl_pem{}; // empty: not asked
    role as = role::client;
    wall_time at;
};

// errc::certificate_revoked for a serial on the list, else errc::tls_failed with OpenSSL's words in
// `detail`. Says nothing of the registry.
status verify_chain(const chain_question& question);

} // namespace cairn::certs
