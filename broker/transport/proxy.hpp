// An HTTP proxy on the way to the broker, RFC 9110 section 9.3.6 (CONNECT). Pure: no socket.
//
// The proxy sees the broker's name and port and then ciphertext: TLS, the name check and our
// certificate stay between us and the broker.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::transport {

struct proxy_options {
    std::string host; // empty: no proxy
    std::uint16_t port = 0;
    // "name:password" for Basic, RFC 7617; empty: none is sent.
    std::string credentials;

    [[nodiscard]] bool used() const { return !host.empty(); }
    // "host:port", for errors.
    [[nodiscard]] std::string place() const;
};

// "http://host:port"; an IPv6 address in brackets. A name and password in the address are refused:
// they have a file of their own. errc::config_bad_value says what is wanted.
result<proxy_options> parse_proxy(std::string_view url);

// The content of that file, one line "name:password". errc::config_bad_value, without its content.
result<std::string> parse_proxy_credentials(bytes_view file);

// What opens the way. errc::config_bad_value for a host that is no name or address.
result<bytes>
connect_request(const proxy_options& proxy, std::string_view host, std::uint16_t port);

// What the proxy says to it.
class proxy_answer {
public:
    // `sent_credentials` words the refusal.
    explicit proxy_answer(bool sent_credentials) : sent_credentials_(sent_credentials) {}

    // True: the way is open, and every byte from here on is the broker's. False: more is needed.
    // errc::proxy_failed with the cause in words in `where`; none of the proxy's own words.
    result<bool> feed(bytes_view in);

private:
    result<bool> judge() const;
    [[nodiscard]] std::string refusal(int status) const;

    bytes head_;
    bool sent_credentials_;
};

} // namespace cairn::transport
