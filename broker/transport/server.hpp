// Listens, does TLS, drives a session engine per connection.
//
// Threads: `threads` network threads, each one io_context; a connection stays on one. Nothing here
// blocks. The public interface has no Asio type, so that few translation units pay for it.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/limits.hpp"
#include "core/result.hpp"
#include "session/connection.hpp"
#include "transport/tls_files.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::transport {

// Shorter in tests only.
struct server_times {
    duration handshake = limits::handshake;
    duration header = limits::header; // HTTP/1.1
    duration body_progress = limits::body_progress;
    duration idle = limits::idle; // HTTP/1.1
    duration write_stall = limits::write_stall;
    duration drain = limits::drain;
};

struct server_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // 0: any; see port()
    unsigned threads = 1;
    tls_files tls;
    // Plain HTTP on loopback for health and metrics only; never calls. Empty address: none.
    std::string health_address;
    std::uint16_t health_port = 0;
    server_times times;
    // Served at once: in all, and of one identity. Who comes on top is told so, then closed.
    std::size_t max_connections = limits::connections;
    std::size_t max_per_identity = limits::connections_per_identity;
    std::size_t max_handshakes = limits::handshakes_in_flight;
};

// What happened to connections, for logs and metrics; no personal data.
struct server_counters {
    std::uint64_t accepted = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t open = 0;
    std::uint64_t refused_full = 0;
};

class server {
public:
    virtual ~server() = default;
    // Starts the threads. errc::config_bad_value when the address is taken or the files are bad.
    virtual status start() = 0;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::uint16_t health_port() const = 0;
    // Runs `work` on network thread `index`, after now. Any thread.
    virtual void post(unsigned index, std::function<void()> work) = 0;
    // Index of the network thread the caller is on; asserts on any other thread. A handler keeps it
    // to be answered later through post().
    [[nodiscard]] virtual unsigned current_thread() const = 0;
    // Ends every live connection of this certificate at once (invariant 12). Any thread.
    virtual void cut(std::string certificate_sha256) = 0;
    // Whether these could be used; changes nothing. As reload(). Any thread.
    [[nodiscard]] virtual status try_files(const tls_files& tls) const = 0;
    // New handshakes use these from now on. Where authority or revocation list are others than
    // before, each live connection's certificate is judged anew, and those that no longer pass are
    // cut. Live connections go on under the certificate of ours they were opened with. Any thread.
    // errc::config_bad_value names the file at fault, and all stays as it was.
    virtual status reload(const tls_files& tls) = 0;
    // Graceful: stop accepting, drain each connection up to limits::drain, then join. Blocks.
    virtual void stop() = 0;
    [[nodiscard]] virtual server_counters counters() const = 0;
};

// `routes` and `health_routes` outlive the server. `log` gets one line per notable event, without
// personal data; any thread.
std::unique_ptr<server> make_server(
    const session::router& routes,
    const session::router& health_routes,
    server_options options,
    std::function<void(std::string_view event, std::string_view detail)> log
);

} // namespace cairn::transport
