#include "session/http2_stream.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <cstring>

namespace cairn::session {
namespace {

// Of a content type in a head that is refused for its size; gRPC repeats it.
constexpr std::size_t type_bytes_max = 64;

} // namespace

void http2_stream::start(int status, const header_list& headers, bool end) {
    if (gone) return;
    no_body_ = head.method == "HEAD" || status == 204 || status == 304;
    const bool bare = end || no_body_;
    owner_.engine().respond(id_, status, headers, !bare);
    owner_.stream_wrote(0);
    if (!bare) return;
    ended_ = true;
    owner_.stream_answered(*this);
}

void http2_stream::write(bytes_view body) {
    if (gone || ended_ || body.empty()) return;
    if (out_.empty()) output_moved = true;
    out_.append(body);
    if (out_.size() > limits::queued_output_bytes) above_ = true;
    if (waiting_) {
        waiting_ = false;
        owner_.engine().resume(id_);
    }
    owner_.stream_wrote(body.size());
}

void http2_stream::end(const header_list& trailers) {
    if (gone || ended_) return;
    ended_ = true;
    trailers_ = trailers;
    if (waiting_) {
        waiting_ = false;
        owner_.engine().resume(id_);
    }
    owner_.stream_wrote(0);
    owner_.stream_answered(*this);
}

void http2_stream::abort() {
    if (gone) return;
    ended_ = true;
    discard_output();
    owner_.engine().reset(id_, h2_error::internal);
    owner_.stream_wrote(0);
    owner_.stream_answered(*this);
}

void http2_stream::consumed(std::size_t n) {
    if (gone || n == 0) return;
    owner_.engine().consume(id_, n);
    owner_.stream_wrote(0);
}

void http2_stream::discard_output() {
    owner_.stream_pulled(*this, out_.size(), false);
    out_.clear();
}

body_pull http2_stream::pull(char* to, std::size_t room) {
    const bytes_view front = out_.front();
    const std::size_t n = std::min(room, front.size());
    std::memcpy(to, front.data(), n);
    if (n > 0) {
        out_.drop(n);
        output_moved = true;
        const bool fell = above_ && out_.size() < limits::queued_output_bytes / 2;
        if (fell) above_ = false;
        owner_.stream_pulled(*this, n, fell);
    }
    if (!out_.empty()) return {n, body_pull::then::more};
    if (ended_) return {n, trailers_.empty() ? body_pull::then::end : body_pull::then::trailers};
    waiting_ = n == 0;
    return {n, n == 0 ? body_pull::then::wait : body_pull::then::more};
}

bool http2_stream::head_too_large() const {
    return head_bytes_ > limits::header_list_bytes;
}

void http2_stream::keep_type_only() {
    header_list kept;
    for (auto& h : head.headers) {
        if (h.first != "content-type") continue;
        h.second.resize(std::min(h.second.size(), type_bytes_max));
        kept.push_back(std::move(h));
        break;
    }
    release_head();
    head.headers = std::move(kept);
}

void http2_stream::release_head() {
    header_list().swap(head.headers);
    std::string().swap(head.path);
}

void http2_stream::take_header(bytes_view name, bytes_view value) {
    const bool before = head_too_large();
    // RFC 9113 section 6.5.2: 32 octets of overhead a field.
    head_bytes_ += name.size() + value.size() + 32;
    const bool type = !typed_ && name == "content-type";
    if (type) {
        typed_ = true;
        grpc_ = value.starts_with("application/grpc") && !value.starts_with("application/grpc-web");
    }
    if (name == ":method") {
        head.method.assign(value.substr(0, 16));
    } else if (head_too_large()) {
        // One byte on the wire can repeat a field of 4 KiB: from here on nothing adds up.
        if (!before) keep_type_only();
        if (type) head.headers.emplace_back(name, value.substr(0, type_bytes_max));
    } else if (name == ":path") {
        head.path.assign(value.substr(0, value.find('?')));
    } else if (name == ":authority") {
        head.headers.emplace_back("host", value);
    } else if (!name.starts_with(':')) {
        head.headers.emplace_back(name, value);
    }
}

} // namespace cairn::session
