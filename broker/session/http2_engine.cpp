#include "session/http2_engine.hpp"

#include "core/assert.hpp"
#include "core/limits.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace cairn::session {
namespace {

// PING and SETTINGS acknowledgements the library queues before it calls the peer a flood.
constexpr std::size_t outbound_acks_max = 100;
// Input is taken in steps so that the outbound queue is looked at in between.
constexpr std::size_t step_bytes = 16 * 1024;

struct session_delete {
    void operator()(nghttp2_session* s) const { nghttp2_session_del(s); }
};
struct callbacks_delete {
    void operator()(nghttp2_session_callbacks* c) const { nghttp2_session_callbacks_del(c); }
};
struct option_delete {
    void operator()(nghttp2_option* o) const { nghttp2_option_del(o); }
};

bytes_view text(const std::uint8_t* at, std::size_t n) {
    return {reinterpret_cast<const char*>(at), n};
}

// The library copies names and values; it does not write through the pointers.
std::uint8_t* raw(bytes_view v) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(v.data()));
}

nghttp2_nv field(bytes_view name, bytes_view value) {
    return {raw(name), raw(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

bool ends_stream(const nghttp2_frame& f) {
    return (f.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

class nghttp2_engine final : public http2_engine {
public:
    nghttp2_engine(engine_events& events, engine_settings settings);

    bool receive(bytes_view in) override;
    bool gather(bytes& out, std::size_t up_to) override;
    bool wants_read() const override { return nghttp2_session_want_read(s()) != 0; }
    bool wants_write() const override { return nghttp2_session_want_write(s()) != 0; }
    std::size_t queued_frames() const override {
        return nghttp2_session_get_outbound_queue_size(s());
    }
    void respond(std::int32_t id, int status, const header_list& headers, bool body) override;
    std::int32_t request(const header_list& all) override;
    void resume(std::int32_t id) override { nghttp2_session_resume_data(s(), id); }
    void reset(std::int32_t id, std::uint32_t code) override {
        nghttp2_submit_rst_stream(s(), NGHTTP2_FLAG_NONE, id, code);
    }
    void consume(std::int32_t id, std::size_t n) override {
        nghttp2_session_consume_stream(s(), id, n);
    }
    void ping(std::uint64_t what) override;
    void announce_end() override { nghttp2_submit_shutdown_notice(s()); }
    void goaway() override;
    void terminate(std::uint32_t code) override { nghttp2_session_terminate_session(s(), code); }

private:
    nghttp2_session* s() const { return session_.get(); }
    void make_session(bool server);
    static nghttp2_engine& self(void* user) { return *static_cast<nghttp2_engine*>(user); }
    static void set_frame_callbacks(nghttp2_session_callbacks* c);
    static int on_frame(nghttp2_session*, const nghttp2_frame* f, void* user);
    static int on_frame_sent(nghttp2_session*, const nghttp2_frame* f, void* user);
    static ssize_t on_pull(
        nghttp2_session* session,
        std::int32_t id,
        std::uint8_t* to,
        std::size_t room,
        std::uint32_t* flags,
        nghttp2_data_source*,
        void* user
    );
    void fill_fields(const header_list& headers);
    static nghttp2_data_provider provider() {
        nghttp2_data_provider p{};
        p.read_callback = &nghttp2_engine::on_pull;
        return p;
    }

    engine_events& events_;
    std::unique_ptr<nghttp2_session, session_delete> session_;
    std::vector<nghttp2_nv> fields_;
};

} // namespace

nghttp2_engine::nghttp2_engine(engine_events& events, engine_settings settings) : events_(events) {
    make_session(settings.server);
    std::vector<nghttp2_settings_entry> e = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits::header_list_bytes}};
    if (settings.server) {
        e.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.streams});
    } else {
        e.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
    }
    const auto window = static_cast<std::int32_t>(settings.connection_window);
    const bool ok = nghttp2_submit_settings(s(), NGHTTP2_FLAG_NONE, e.data(), e.size()) == 0 &&
                    nghttp2_session_set_local_window_size(s(), NGHTTP2_FLAG_NONE, 0, window) == 0;
    CAIRN_ASSERT(ok, "our own settings are valid");
}

void nghttp2_engine::make_session(bool server) {
    nghttp2_session_callbacks* c = nullptr;
    CAIRN_ASSERT(nghttp2_session_callbacks_new(&c) == 0, "out of memory");
    const std::unique_ptr<nghttp2_session_callbacks, callbacks_delete> callbacks(c);
    set_frame_callbacks(c);
    nghttp2_option* o = nullptr;
    CAIRN_ASSERT(nghttp2_option_new(&o) == 0, "out of memory");
    const std::unique_ptr<nghttp2_option, option_delete> option(o);
    nghttp2_option_set_no_auto_window_update(o, 1);
    nghttp2_option_set_no_closed_streams(o, 1);
    nghttp2_option_set_max_outbound_ack(o, outbound_acks_max);
    nghttp2_option_set_stream_reset_rate_limit(o, limits::reset_burst, limits::reset_rate);
    nghttp2_session* session = nullptr;
    const int rv = server ? nghttp2_session_server_new2(&session, c, this, o)
                          : nghttp2_session_client_new2(&session, c, this, o);
    CAIRN_ASSERT(rv == 0, "out of memory");
    session_.reset(session);
}

void nghttp2_engine::set_frame_callbacks(nghttp2_session_callbacks* c) {
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, &nghttp2_engine::on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(c, &nghttp2_engine::on_frame_sent);
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        c,
        [](nghttp2_session*, const nghttp2_frame* f, void* user) {
            self(user).events_.head_begins(f->hd.stream_id);
            return 0;
        }
    );
    nghttp2_session_callbacks_set_on_header_callback(
        c,
        [](nghttp2_session*,
           const nghttp2_frame* f,
           const std::uint8_t* name,
           std::size_t name_size,
           const std::uint8_t* value,
           std::size_t value_size,
           std::uint8_t,
           void* user) {
            self(user).events_.header(
                f->hd.stream_id, text(name, name_size), text(value, value_size)
            );
            return 0;
        }
    );
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        c,
        [](nghttp2_session* session,
           std::uint8_t,
           std::int32_t id,
           const std::uint8_t* data,
           std::size_t n,
           void* user) {
            // One unread stream must not stall the others: the connection's window is granted on
            // receipt, the stream's when the bytes were read.
            nghttp2_session_consume_connection(session, n);
            self(user).events_.data(id, text(data, n));
            return 0;
        }
    );
    nghttp2_session_callbacks_set_on_stream_close_callback(
        c,
        [](nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
            self(user).events_.stream_closed(id, code);
            return 0;
        }
    );
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
        c,
        [](nghttp2_session*, const nghttp2_frame*, int why, void* user) {
            // A stream over the limit may have been opened before the peer knew of the limit.
            if (why != NGHTTP2_ERR_REFUSED_STREAM) self(user).events_.frame_invalid();
            return 0;
        }
    );
}

int nghttp2_engine::on_frame(nghttp2_session*, const nghttp2_frame* f, void* user) {
    engine_events& events = self(user).events_;
    events.frame_received();
    switch (f->hd.type) {
    case NGHTTP2_HEADERS:
        events.head_ends(f->hd.stream_id, ends_stream(*f));
        break;
    case NGHTTP2_DATA: {
        const bool empty = f->hd.length == f->data.padlen && !ends_stream(*f);
        events.data_ends(f->hd.stream_id, ends_stream(*f), empty);
        break;
    }
    case NGHTTP2_PING:
        if ((f->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
            reader r(text(f->ping.opaque_data, sizeof f->ping.opaque_data));
            events.ping_answered(r.u64());
        }
        break;
    case NGHTTP2_GOAWAY:
        events.goaway_received();
        break;
    default:
        break;
    }
    return 0;
}

int nghttp2_engine::on_frame_sent(nghttp2_session*, const nghttp2_frame* f, void* user) {
    engine_events& events = self(user).events_;
    if (f->hd.type == NGHTTP2_RST_STREAM) {
        events.reset_sent(f->hd.stream_id, f->rst_stream.error_code);
    } else if ((f->hd.type == NGHTTP2_HEADERS || f->hd.type == NGHTTP2_DATA) && ends_stream(*f)) {
        events.end_sent(f->hd.stream_id);
    }
    return 0;
}

ssize_t nghttp2_engine::on_pull(
    nghttp2_session* session,
    std::int32_t id,
    std::uint8_t* to,
    std::size_t room,
    std::uint32_t* flags,
    nghttp2_data_source*,
    void* user
) {
    nghttp2_engine& me = self(user);
    const body_pull got = me.events_.pull(id, reinterpret_cast<char*>(to), room);
    if (got.next == body_pull::then::wait && got.size == 0) return NGHTTP2_ERR_DEFERRED;
    if (got.next == body_pull::then::end || got.next == body_pull::then::trailers) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    if (got.next == body_pull::then::trailers) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        me.fields_.clear();
        me.fill_fields(me.events_.trailers(id));
        nghttp2_submit_trailer(session, id, me.fields_.data(), me.fields_.size());
    }
    return static_cast<ssize_t>(got.size);
}

bool nghttp2_engine::receive(bytes_view in) {
    while (!in.empty()) {
        const std::size_t n = std::min(in.size(), step_bytes);
        const ssize_t took =
            nghttp2_session_mem_recv(s(), reinterpret_cast<const std::uint8_t*>(in.data()), n);
        if (took < 0) return false;
        in.remove_prefix(static_cast<std::size_t>(took));
        // The library has no limit of its own here: streams refused before our SETTINGS are
        // acknowledged each queue a reset.
        if (queued_frames() > limits::outbound_frames) return false;
        if (took == 0) break;
    }
    return true;
}

bool nghttp2_engine::gather(bytes& out, std::size_t up_to) {
    while (out.size() < up_to) {
        const std::uint8_t* data = nullptr;
        const ssize_t n = nghttp2_session_mem_send(s(), &data);
        if (n < 0) return false;
        if (n == 0) break;
        out.append(text(data, static_cast<std::size_t>(n)));
    }
    return true;
}

void nghttp2_engine::fill_fields(const header_list& headers) {
    for (const auto& [name, value] : headers) fields_.push_back(field(name, value));
}

void nghttp2_engine::respond(std::int32_t id, int status, const header_list& headers, bool body) {
    const std::string code = std::to_string(status);
    fields_.clear();
    fields_.push_back(field(":status", code));
    fill_fields(headers);
    const nghttp2_data_provider p = provider();
    nghttp2_submit_response(s(), id, fields_.data(), fields_.size(), body ? &p : nullptr);
}

std::int32_t nghttp2_engine::request(const header_list& all) {
    fields_.clear();
    fill_fields(all);
    const nghttp2_data_provider p = provider();
    return nghttp2_submit_request(s(), nullptr, fields_.data(), fields_.size(), &p, nullptr);
}

void nghttp2_engine::ping(std::uint64_t what) {
    bytes opaque;
    put_u64(opaque, what);
    nghttp2_submit_ping(s(), NGHTTP2_FLAG_NONE, raw(opaque));
}

void nghttp2_engine::goaway() {
    const std::int32_t last = nghttp2_session_get_last_proc_stream_id(s());
    nghttp2_submit_goaway(s(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

std::unique_ptr<http2_engine> make_http2_engine(engine_events& events, engine_settings settings) {
    return std::make_unique<nghttp2_engine>(events, settings);
}

} // namespace cairn::session
