// A blocking TLS client over OpenSSL, foreign to the code under test.
#pragma once

#include "support/bad_certs.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cairn::test {

class raw_client;

struct raw_options {
    std::uint16_t port = 0;
    const issued* identity = nullptr; // none: presents no certificate
    bool tls12_only = false;
    std::string suites12; // of TLS 1.2; empty: OpenSSL's own choice
    std::string alpn;     // wire form: "\x08http/1.1"; empty: none
    bool plain = false;
    // Asks to take up the session of this one.
    const raw_client* resume = nullptr;
};

class raw_client {
public:
    explicit raw_client(const raw_options& options);
    ~raw_client();
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    // Our side of the handshake is over; a server of TLS 1.3 may still refuse.
    [[nodiscard]] bool shook() const;
    [[nodiscard]] std::string protocol() const;
    // SHA-256 of the server's certificate, hex.
    [[nodiscard]] std::string server_sha256() const;
    bool send(const std::string& text);
    // Reads until `enough` is true or the connection ends or the bound passes.
    std::string read_until(const std::function<bool(const std::string&)>& enough);
    std::string read_until(const std::string& found);
    // Reads to the end; `ended` tells an end from a bound that passed.
    std::string read_all();
    [[nodiscard]] bool ended() const { return ended_; }
    // Half-closes our side of the socket.
    void shut();
    // Sends close_notify.
    void farewell();
    // The server sent close_notify before the end.
    [[nodiscard]] bool was_told_farewell() const;
    // What the server gave could be used to resume; it took our wish to.
    [[nodiscard]] bool resumable() const;
    [[nodiscard]] bool resumed() const;

private:
    struct state;
    std::unique_ptr<state> state_;
    bool ended_ = false;
};

} // namespace cairn::test
