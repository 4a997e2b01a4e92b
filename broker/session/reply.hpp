// How one wire form writes response messages and the end of a call.
#pragma once

#include "session/wire.hpp"

namespace cairn::session {

class reply {
public:
    // `content_type` is the request's, repeated in the response. All references outlive the reply.
    reply(wire_form form, codec how, std::string content_type, const method& m, response_sink& sink)
        : form_(form), how_(how), content_type_(std::move(content_type)), method_(m), sink_(sink) {}

    // Encoded protobuf in; a failure when it cannot be written as JSON, then nothing was written.
    status send(bytes_view message);
    // Once.
    void finish(const status& how);

private:
    void start();
    void put(std::uint8_t flags, bytes_view message);
    void finish_unary(const status& how);

    wire_form form_;
    codec how_;
    std::string content_type_;
    const method& method_;
    response_sink& sink_;
    bool started_ = false;
    // Connect unary: the answer's status line depends on how the call ends.
    std::string unary_;
};

} // namespace cairn::session
