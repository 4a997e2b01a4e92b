// What TLS needs at either end, as file contents. No Asio here.
#pragma once

#include <string>

namespace cairn::transport {

struct tls_files {
    std::string certificate_pem; // chain in order
    std::string key_pem;
    std::string authority_pem; // the partnership's authority
    std::string crl_pem;       // may be empty
    bool allow_tls12 = false;  // logged opt-in
};

} // namespace cairn::transport
