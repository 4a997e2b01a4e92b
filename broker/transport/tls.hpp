// TLS 1.3 contexts for both ends. OpenSSL stays in tls.cpp.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "session/call.hpp"
#include "transport/tls_files.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace cairn::transport {

// Client certificate required in the handshake, verified against the authority and the CRL; tickets
// and session caches off; ALPN h2 and http/1.1. errc::config_bad_value names the file at fault.
result<std::shared_ptr<boost::asio::ssl::context>> server_context(const tls_files& files);
// Verifies the server's chain; its name is checked by the connection. ALPN h2.
result<std::shared_ptr<boost::asio::ssl::context>> client_context(const tls_files& files);

} // namespace cairn::transport
