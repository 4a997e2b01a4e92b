// nghttp2 behind an interface of our own: the only place that knows it. Frame parsing, HPACK and
// the sums of flow control are the library's; what to do about them is the owner's.
//
// Rules for an owner, all because the library keeps raw state on its stack while it calls back:
//  - no engine_events function may run a handler or call receive() or gather(); note it, act later;
//  - streams are looked up by id, never held by the library.
#pragma once

#include "core/bytes.hpp"
#include "session/http_exchange.hpp"

#include <memory>

namespace cairn::session {

// HTTP/2 error codes (RFC 9113 section 7) that we send.
namespace h2_error {
inline constexpr std::uint32_t none = 0;
inline constexpr std::uint32_t internal = 2;
inline constexpr std::uint32_t refused_stream = 7;
inline constexpr std::uint32_t cancel = 8;
inline constexpr std::uint32_t enhance_your_calm = 11;
inline constexpr std::uint32_t inadequate_security = 12;
} // namespace h2_error

// What an outgoing body has for the next frame.
struct body_pull {
    enum class then : std::uint8_t { more, wait, end, trailers };
    std::size_t size = 0;
    // wait: resume() when there is more; trailers: the owner's trailers() end the stream.
    then next = then::more;
};

class engine_events {
public:
    virtual ~engine_events() = default;
    // A header block begins: a request at the server, a response or trailers at the client.
    virtual void head_begins(std::int32_t id) = 0;
    virtual void header(std::int32_t id, bytes_view name, bytes_view value) = 0;
    // The block is whole; `last`: the peer sends nothing more on this stream.
    virtual void head_ends(std::int32_t id, bool last) = 0;
    // The view lies in the bytes given to receive().
    virtual void data(std::int32_t id, bytes_view part) = 0;
    // A DATA frame is whole; `empty`: it carried nothing and ended nothing.
    virtual void data_ends(std::int32_t id, bool last, bool empty) = 0;
    virtual void stream_closed(std::int32_t id, std::uint32_t code) = 0;
    // Any whole frame.
    virtual void frame_received() = 0;
    virtual void ping_answered(std::uint64_t what) = 0;
    virtual void goaway_received() = 0;
    // A frame that broke a rule; a stream refused for their number is none.
    virtual void frame_invalid() = 0;
    // Our side of the stream is ended on the wire's queue.
    virtual void end_sent(std::int32_t id) = 0;
    virtual void reset_sent(std::int32_t id, std::uint32_t code) = 0;
    // Fills `room` with the stream's outgoing body.
    virtual body_pull pull(std::int32_t id, char* to, std::size_t room) = 0;
    virtual const header_list& trailers(std::int32_t id) = 0;
};

struct engine_settings {
    bool server = true;
    std::uint32_t streams = 0;
    std::uint32_t stream_window = 0;
    std::uint32_t connection_window = 0;
};

class http2_engine {
public:
    virtual ~http2_engine() = default;
    // False: the connection cannot go on (not HTTP/2, or a flood); send nothing more.
    virtual bool receive(bytes_view in) = 0;
    // Appends frames until `out` holds about `up_to` bytes or there are none. False as above.
    virtual bool gather(bytes& out, std::size_t up_to) = 0;
    // Neither: everything is said.
    [[nodiscard]] virtual bool wants_read() const = 0;
    [[nodiscard]] virtual bool wants_write() const = 0;
    // Control and header frames that wait; bodies not counted.
    [[nodiscard]] virtual std::size_t queued_frames() const = 0;

    virtual void respond(std::int32_t id, int status, const header_list& headers, bool body) = 0;
    // Negative: no request can be made any more.
    virtual std::int32_t request(const header_list& all) = 0;
    virtual void resume(std::int32_t id) = 0;
    virtual void reset(std::int32_t id, std::uint32_t code) = 0;
    // Grants the stream's window back; the connection's is granted on receipt.
    virtual void consume(std::int32_t id, std::size_t n) = 0;
    virtual void ping(std::uint64_t what) = 0;
    // GOAWAY that refuses nothing yet, then the one that does.
    virtual void announce_end() = 0;
    virtual void goaway() = 0;
    // GOAWAY with a code, after which nothing is read.
    virtual void terminate(std::uint32_t code) = 0;
};

// `events` outlives the engine.
std::unique_ptr<http2_engine> make_http2_engine(engine_events& events, engine_settings settings);

} // namespace cairn::session
