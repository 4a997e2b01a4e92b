// Dials the broker: TLS, ALPN h2, a client engine.
//
// One background thread with one io_context serves every connection a program makes through one
// `dialer`. Callbacks come on that thread.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "session/client.hpp"
#include "transport/proxy.hpp"
#include "transport/tls_files.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cairn::transport {

struct dial_options {
    std::string host;
    std::uint16_t port = 0;
    // Name or address the server's certificate must carry; empty: `host`.
    std::string expect_name;
    tls_files tls;
    // Dialled instead of `host`, which the proxy looks up; errors of dial() name it.
    proxy_options proxy;
    duration timeout = std::chrono::seconds(10);
};

// A live connection. Thread: callbacks on the dialer's thread; functions from that thread only,
// unless said otherwise.
class client {
public:
    virtual ~client() = default;
    virtual std::shared_ptr<session::client_call> start(
        std::string_view path, std::shared_ptr<session::call_observer> observer, duration timeout
    ) = 0;
    [[nodiscard]] virtual bool usable() const = 0;
    // Closes kindly.
    virtual void close() = 0;
};

class dialer {
public:
    virtual ~dialer() = default;
    // `done` gets a usable client or why not (errc::connect_failed, proxy_failed, tls_failed with
    // the cause in `where`: closed port, wrong authority and its issuer, expired, refused by the
    // broker).
    // `lost` is called once when a made connection ends. After stop(), `done` gets
    // errc::shutting_down on the caller's thread.
    virtual void dial(
        dial_options options,
        std::function<void(result<std::shared_ptr<client>>)> done,
        std::function<void()> lost
    ) = 0;
    // Any thread.
    virtual void post(std::function<void()> work) = 0;
    virtual void post_after(duration delay, std::function<void()> work) = 0;
    // Ends every connection, then joins. Any thread but the dialer's.
    virtual void stop() = 0;
};

std::unique_ptr<dialer> make_dialer();

// Blocking forms for the command line, over the same dialer. Any thread but the dialer's.
struct reply {
    std::vector<bytes> messages;
    session::call_end end;
};
result<std::shared_ptr<client>> connect(dialer& d, dial_options options);
reply call_unary(dialer& d, client& c, std::string_view path, bytes_view request, duration timeout);

} // namespace cairn::transport
