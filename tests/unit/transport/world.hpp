// A server on loopback with the certificates of a small partnership.
#pragma once

#include "raw_client.hpp"
#include "services.hpp"
#include "support/bad_certs.hpp"
#include "support/result_text.hpp"
#include "transport/client.hpp"
#include "transport/server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

// Made once a process: handshakes check against the machine's clock, so they are of today.
certificate_set& certificates();
const issued& agency();  // an honest agency's certificate
const issued& another(); // and another's

transport::tls_files files_of(const issued& who);

struct world {
    explicit world(transport::server_options options = {});
    ~world();

    // Options to dial this server as `who`.
    [[nodiscard]] transport::dial_options as(const issued& who) const;
    // The same for a client that speaks by hand.
    [[nodiscard]] raw_options by_hand(const issued& who, const std::string& alpn = {}) const;

    services service;
    watched<std::vector<std::string>> log;
    std::unique_ptr<transport::server> server;
    std::unique_ptr<transport::dialer> dialer = transport::make_dialer();

    bool logged(const std::string& event, const std::string& words);
};

// Collects what one streaming call gets.
struct stream_state {
    std::vector<std::string> messages;
    bool ended = false;
    session::call_end end;
};
class stream_observer final : public session::call_observer {
public:
    watched<stream_state> state;
    void on_message(bytes_view m) override {
        state.change([&](auto& s) { s.messages.push_back(text_of(m)); });
    }
    void on_end(const session::call_end& how) override {
        state.change([&](auto& s) {
            s.ended = true;
            s.end = how;
        });
    }
};

// Starts a call without waiting for its end.
std::shared_ptr<stream_observer> begin(
    transport::dialer& d,
    std::shared_ptr<transport::client> c,
    const std::string& path,
    const std::string& text
);

} // namespace cairn::test
