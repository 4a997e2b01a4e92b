// Reads one HTTP/1.1 request out of a byte stream; Beast stays in the .cpp.
#pragma once

#include "core/bytes.hpp"
#include "session/http_exchange.hpp"

#include <memory>
#include <optional>

namespace cairn::transport {

// What was wrong with a request, as the answer to give.
struct http1_refusal {
    int status = 400;
    std::string text;
};

class http1_request {
public:
    // Told of the parts in order, from inside feed().
    class sink {
    public:
        virtual ~sink() = default;
        virtual void on_head(const session::request_head& head) = 0;
        virtual void on_body(bytes_view part) = 0;
        virtual void on_request_end() = 0;
    };

    explicit http1_request(sink& to);
    ~http1_request();

    // Consumes from the front of `in`; returns how much. Less than all: the rest is of the next
    // request, or more is needed, or refusal() is set.
    std::size_t feed(bytes_view in);
    [[nodiscard]] bool begun() const;
    [[nodiscard]] bool head_done() const;
    [[nodiscard]] bool done() const;
    [[nodiscard]] const std::optional<http1_refusal>& refusal() const;
    // After head_done().
    [[nodiscard]] bool keep_alive() const;
    // HTTP/1.1 or later: may be answered in chunks.
    [[nodiscard]] bool may_chunk() const;
    [[nodiscard]] bool expects_continue() const;

private:
    class parser;
    std::unique_ptr<parser> parser_;
};

} // namespace cairn::transport
