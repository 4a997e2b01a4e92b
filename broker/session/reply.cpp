#include "session/reply.hpp"

#include "session/codec.hpp"
#include "session/envelope.hpp"

namespace cairn::session {

void reply::start() {
    if (started_) return;
    started_ = true;
    header_list headers = {{"content-type", content_type_}};
    if (form_ != wire_form::grpc) headers.emplace_back("cache-control", "no-store");
    sink_.start(200, headers, false);
}

void reply::put(std::uint8_t flags, bytes_view message) {
    const auto head = envelope_head(flags, message.size());
    sink_.write({head.data(), head.size()});
    sink_.write(message);
}

status reply::send(bytes_view message) {
    std::string json;
    if (how_ == codec::json) {
        if (method_.output == nullptr) return fail(errc::internal, {}, "no output type for JSON");
        auto text = to_json(message, *method_.output);
        if (!text) return text.error();
        json = std::move(*text);
        message = json;
    }
    if (form_ == wire_form::connect_unary) {
        unary_.assign(message);
        return {};
    }
    start();
    put(0, message);
    return {};
}

void reply::finish_unary(const status& how) {
    if (!how) return refuse(sink_, form_, content_type_, how.error());
    sink_.start(
        200,
        {{"content-type", content_type_},
         {"content-length", std::to_string(unary_.size())},
         {"cache-control", "no-store"},
         {"x-content-type-options", "nosniff"}},
        unary_.empty()
    );
    if (unary_.empty()) return;
    sink_.write(unary_);
    sink_.end({});
}

void reply::finish(const status& how) {
    if (form_ == wire_form::connect_unary) return finish_unary(how);
    if (form_ == wire_form::grpc) {
        if (!started_ && !how) return refuse(sink_, form_, content_type_, how.error());
        start();
        return sink_.end(grpc_trailers(how));
    }
    start();
    put(envelope_end, how ? "{}" : "{\"error\":" + error_json(how.error()) + "}");
    sink_.end({});
}

} // namespace cairn::session
