// One HTTP/1.1 response on its way out. The head is held until the next render(), so that an answer
// finished in one turn carries its length and only a longer one is chunked.
#pragma once

#include "core/bytes.hpp"
#include "session/http_exchange.hpp"

namespace cairn::transport {

class http1_response {
public:
    // `bodiless`: the request was HEAD. `may_chunk`: HTTP/1.1. `last`: the connection closes after.
    void begin(bool bodiless, bool may_chunk, bool last);
    void start(int status, const session::header_list& headers, bool end);
    void write(bytes_view body);
    void end();
    // Cannot be completed: the peer must see a broken body, not a short one.
    void cut_off();
    void close_after() { last_ = true; }

    // Appends to `out` whatever can go.
    void render(bytes& out);

    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] bool sent_head() const { return sent_head_; }
    // The exchange has said all.
    [[nodiscard]] bool complete() const { return complete_; }
    // Nothing held back.
    [[nodiscard]] bool idle() const {
        return !started_ || (sent_head_ && body_.empty() && sent_end_);
    }
    [[nodiscard]] bool closes() const { return last_; }
    [[nodiscard]] std::size_t held() const { return body_.size(); }

private:
    void render_head(bytes& out);

    session::header_list headers_;
    bytes body_;
    int status_ = 0;
    bool bodiless_ = false;
    bool may_chunk_ = true;
    bool last_ = false;
    bool chunked_ = false;
    bool started_ = false;
    bool complete_ = false;
    bool broken_ = false;
    bool sent_head_ = false;
    bool sent_end_ = false;
};

} // namespace cairn::transport
