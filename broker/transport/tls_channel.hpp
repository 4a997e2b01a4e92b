// One TLS connection as bytes in and bytes out; no socket.
//
// Ciphertext goes through memory, not through asio::ssl::stream, so that a whole 64 KiB step costs
// one read and one write of the socket however many records it holds, and so that reader and writer
// cannot use the TLS state at once. Thread: the connection's.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "session/call.hpp"

#include <memory>
#include <span>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace cairn::transport {

enum class tls_role : std::uint8_t { server, client };
enum class tls_progress : std::uint8_t {
    done,      // handshake over; or bytes were read
    more,      // wants ciphertext from the peer
    peer_gone, // close_notify received
    failed,    // see why(); output() may hold an alert for the peer
};

class tls_channel {
public:
    // `expect_name`: DNS name or address the server's certificate must carry; client only.
    tls_channel(ssl_ctx_st* context, tls_role role, const std::string& expect_name = {});
    ~tls_channel();
    tls_channel(const tls_channel&) = delete;
    tls_channel& operator=(const tls_channel&) = delete;

    // Ciphertext from the socket.
    void feed(bytes_view in);
    tls_progress handshake();
    // Plaintext into `into`; `got` is its size on done.
    tls_progress read(std::span<char> into, std::size_t& got);
    // False: the connection failed, see why().
    [[nodiscard]] bool write(bytes_view plain);
    void close_notify();
    // Appends the ciphertext to send and forgets it.
    void take_output(bytes& out);

    // errc::tls_failed, the cause in words in `where`.
    [[nodiscard]] const failure& why() const { return why_; }
    // "h2", "http/1.1" or empty. After the handshake.
    [[nodiscard]] std::string_view protocol() const;
    // Certificate digest and URI names of the peer. After the handshake.
    [[nodiscard]] session::peer peer() const;

    // Whether the peer's certificate would pass under this context too: its authority, its
    // revocation list, its purpose, now. After the handshake; true where the peer showed none.
    [[nodiscard]] bool passes(ssl_ctx_st* context) const;

    // Kept by the verify callback: the issuer of the certificate at fault.
    void note_issuer(std::string issuer) { issuer_ = std::move(issuer); }

private:
    tls_progress outcome(int returned);
    [[nodiscard]] std::string words(unsigned long code) const;

    struct ssl_free {
        void operator()(ssl_st* s) const;
    };
    std::unique_ptr<ssl_st, ssl_free> ssl_;
    tls_role role_;
    std::string expect_name_;
    std::string issuer_;
    failure why_;
};

} // namespace cairn::transport
