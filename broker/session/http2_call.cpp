#include "session/http2_call.hpp"

#include "core/limits.hpp"
#include "session/call_end.hpp"
#include "session/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace cairn::session {

http2_call::http2_call(call_owner& owner, std::shared_ptr<call_observer> o, mono_time until)
    : deadline(until), owner_(&owner), observer_(std::move(o)), in_(limits::message_bytes) {}

void http2_call::send(bytes_view message) {
    if (owner_ == nullptr || half_closed_) return;
    const auto head = envelope_head(0, message.size());
    out_.append({head.data(), head.size()});
    out_.append(message);
    above_ = above_ || out_.size() > limits::queued_output_bytes;
    if (std::exchange(waiting_, false)) owner_->engine().resume(id);
    owner_->wrote();
}

void http2_call::half_close() {
    if (owner_ == nullptr || half_closed_) return;
    half_closed_ = true;
    if (std::exchange(waiting_, false)) owner_->engine().resume(id);
    owner_->wrote();
}

void http2_call::cancel() {
    if (owner_ == nullptr) return;
    owner_->finish_call(*this, end_with(errc::cancelled), h2_error::cancel);
}

body_pull http2_call::pull(char* to, std::size_t room, bool& fell) {
    const bytes_view front = out_.front();
    const std::size_t n = std::min(room, front.size());
    std::memcpy(to, front.data(), n);
    if (n > 0) out_.drop(n);
    fell = above_ && out_.size() < limits::queued_output_bytes / 2;
    if (fell) above_ = false;
    if (!out_.empty()) return {n, body_pull::then::more};
    if (half_closed_ || owner_ == nullptr) return {n, body_pull::then::end};
    waiting_ = n == 0;
    return {n, n == 0 ? body_pull::then::wait : body_pull::then::more};
}

void http2_call::take_header(bytes_view name, bytes_view value) {
    if (name == ":status") {
        status_ = 0; // three digits, the engine saw to it
        std::from_chars(value.data(), value.data() + value.size(), status_);
        return;
    }
    const bool tells =
        name == "content-type" || name.starts_with("grpc-") || name.starts_with("cairn-");
    if (!tells) return;
    header_bytes_ += name.size() + value.size() + 32;
    if (header_bytes_ <= limits::header_list_bytes) headers_.emplace_back(name, value);
}

void http2_call::forget_headers() {
    headers_.clear();
    header_bytes_ = 0;
}

bool http2_call::take_head() {
    const bool interim = status_ >= 100 && status_ < 200;
    if (interim || std::exchange(head_seen_, true)) return !foreign_;
    const std::string_view type = find_header(headers_, "content-type");
    foreign_ = status_ != 200 || !type.starts_with("application/grpc") ||
               type.starts_with("application/grpc-web");
    return !foreign_;
}

call_end http2_call::end_of_answer(bool trailers) const {
    if (foreign_) return end_of_http(status_);
    if (!trailers) return end_of_reset(h2_error::none);
    call_end end = end_of_trailers(headers_);
    if (end.grpc_status == 0 && in_.buffered() > 0) {
        return end_with(errc::internal, "the answer was cut short");
    }
    return end;
}

void http2_call::take_body(bytes_view part) {
    in_.feed(part);
    for (envelope e = in_.peek(); e.head && !ended(); e = in_.peek()) {
        if (e.flags != 0) {
            return owner_->finish_call(*this, end_with(errc::compressed), h2_error::cancel);
        }
        if (e.length > limits::message_bytes) {
            return owner_->finish_call(*this, end_with(errc::too_large), h2_error::cancel);
        }
        if (!e.whole) break;
        const std::shared_ptr<call_observer> o = observer_;
        o->on_message(in_.take());
    }
    in_.keep();
}

void http2_call::end(const call_end& how) {
    if (owner_ == nullptr) return;
    owner_ = nullptr;
    out_.clear();
    // The observer may drop the last reference to this call.
    const std::shared_ptr<call_observer> last = std::move(observer_);
    last->on_end(how);
}

} // namespace cairn::session
