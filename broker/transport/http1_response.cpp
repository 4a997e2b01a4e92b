#include "transport/http1_response.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace cairn::transport {
namespace {

struct reason {
    int status;
    const char* text;
};
constexpr std::array reasons{
    reason{200, "OK"},
    reason{204, "No Content"},
    reason{304, "Not Modified"},
    reason{400, "Bad Request"},
    reason{401, "Unauthorized"},
    reason{403, "Forbidden"},
    reason{404, "Not Found"},
    reason{405, "Method Not Allowed"},
    reason{408, "Request Timeout"},
    reason{409, "Conflict"},
    reason{413, "Content Too Large"},
    reason{415, "Unsupported Media Type"},
    reason{429, "Too Many Requests"},
    reason{431, "Request Header Fields Too Large"},
    reason{499, "Client Closed Request"},
    reason{500, "Internal Server Error"},
    reason{501, "Not Implemented"},
    reason{503, "Service Unavailable"},
    reason{504, "Gateway Timeout"},
    reason{505, "HTTP Version Not Supported"},
};

const char* reason_of(int status) {
    for (const auto& r : reasons) {
        if (r.status == status) return r.text;
    }
    return "";
}

} // namespace

void http1_response::begin(bool bodiless, bool may_chunk, bool last) {
    bodiless_ = bodiless;
    may_chunk_ = may_chunk;
    last_ = last;
}

void http1_response::start(int status, const session::header_list& headers, bool end) {
    if (started_) return;
    started_ = true;
    status_ = status;
    headers_ = headers;
    complete_ = end;
    if (status == 204 || status == 304) bodiless_ = true;
}

void http1_response::write(bytes_view body) {
    if (!complete_ && !bodiless_) body_.append(body);
}

void http1_response::end() {
    complete_ = true;
}

void http1_response::cut_off() {
    complete_ = true;
    broken_ = true;
    last_ = true;
}

void http1_response::render_head(bytes& out) {
    // A broken answer of which nothing went out stays unsent: the connection just ends.
    auto to = std::back_inserter(out);
    chunked_ = !complete_ && !bodiless_ && may_chunk_;
    if (!complete_ && !chunked_) last_ = true; // HTTP/1.0: the end of the connection is the end
    fmt::format_to(to, "HTTP/1.1 {} {}\r\n", status_, reason_of(status_));
    for (const auto& [name, value] : headers_) {
        // The length is counted here, but for a body that is only described.
        if (name == "content-length" && !bodiless_) continue;
        fmt::format_to(to, "{}: {}\r\n", name, value);
    }
    if (chunked_)
        out += "transfer-encoding: chunked\r\n";
    else if (complete_ && !bodiless_) {
        fmt::format_to(to, "content-length: {}\r\n", body_.size());
    }
    if (last_)
        out += "connection: close\r\n";
    else if (!may_chunk_)
        out += "connection: keep-alive\r\n";
    out += "\r\n";
    sent_head_ = true;
}

void http1_response::render(bytes& out) {
    if (!started_ || sent_end_) return;
    if (!sent_head_) {
        if (broken_) {
            sent_head_ = sent_end_ = true;
            body_.clear();
            return;
        }
        render_head(out);
    }
    if (!body_.empty()) {
        if (chunked_) fmt::format_to(std::back_inserter(out), "{:x}\r\n", body_.size());
        out += body_;
        if (chunked_) out += "\r\n";
        body_.clear();
    }
    if (!complete_) return;
    if (chunked_ && !broken_) out += "0\r\n\r\n";
    sent_end_ = true;
}

} // namespace cairn::transport
