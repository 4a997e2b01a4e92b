// Which wire form a request speaks, and what is refused before there is a call.
#include "session/http_exchange.hpp"
#include "session/rpc_call.hpp"
#include "session/wire.hpp"

#include <algorithm>

namespace cairn::session {
namespace {

// A request that was answered as soon as it was seen: pages and refusals.
class answered_exchange final : public http_exchange {
public:
    explicit answered_exchange(response_sink& sink) : sink_(&sink) {}
    void body(bytes_view part) override { sink_->consumed(part.size()); }
    void body_end() override {}
    void drained() override {}
    void aborted() override {}
    [[nodiscard]] std::optional<mono_time> deadline() const override { return std::nullopt; }
    void tick(mono_time) override {}
    void shut_down() override {}
    [[nodiscard]] bool answered() const override { return true; }

private:
    response_sink* sink_;
};

class rpc_exchange final : public http_exchange {
public:
    rpc_exchange(
        const method& m, const peer& who, rpc_head head, response_sink& sink, mono_time now
    )
        : call_(std::make_shared<rpc_call>(m, who, std::move(head), sink, now)) {
        call_->begin();
    }
    ~rpc_exchange() override { call_->detach(); }
    rpc_exchange(const rpc_exchange&) = delete;
    rpc_exchange& operator=(const rpc_exchange&) = delete;

    void body(bytes_view part) override { call_->body(part); }
    void body_end() override { call_->body_end(); }
    void drained() override { call_->drained(); }
    void aborted() override { call_->detach(); }
    [[nodiscard]] std::optional<mono_time> deadline() const override { return call_->wake_at(); }
    void tick(mono_time now) override { call_->tick(now); }
    void shut_down() override { refuse(fail(errc::shutting_down)); }
    [[nodiscard]] bool answered() const override { return call_->finished(); }
    [[nodiscard]] bool awaits_body() const override { return call_->awaits_body(); }
    [[nodiscard]] std::size_t buffered() const override { return call_->buffered(); }
    void refuse(const failure& f) override {
        call_->finish(f);
        call_->settle();
    }

private:
    std::shared_ptr<rpc_call> call_;
};

struct media {
    bool known = false;
    wire_form form = wire_form::connect_unary;
    codec how = codec::proto;
};

// Parameters such as charset are left out.
media parse_media(std::string_view content_type) {
    const std::string_view t = content_type.substr(0, content_type.find_first_of("; "));
    if (t == "application/grpc" || t == "application/grpc+proto") {
        return {true, wire_form::grpc, codec::proto};
    }
    if (t == "application/grpc+json") return {true, wire_form::grpc, codec::json};
    if (t == "application/proto") return {true, wire_form::connect_unary, codec::proto};
    if (t == "application/json") return {true, wire_form::connect_unary, codec::json};
    if (t == "application/connect+proto") return {true, wire_form::connect_stream, codec::proto};
    if (t == "application/connect+json") return {true, wire_form::connect_stream, codec::json};
    return {};
}

std::unique_ptr<http_exchange> answer_page(const page& p, bool head_only, response_sink& sink) {
    const bool bare = head_only || p.status == 204 || p.status == 304 || p.body.empty();
    header_list headers = {{"cache-control", "no-store"}, {"x-content-type-options", "nosniff"}};
    // RFC 9110 section 8.6: an answer that can have no body must not give its length.
    if (p.status != 204) {
        headers.emplace_back("content-type", p.content_type);
        headers.emplace_back("content-length", std::to_string(p.body.size()));
    }
    sink.start(p.status, headers, bare);
    if (!bare) {
        sink.write(p.body);
        sink.end({});
    }
    return std::make_unique<answered_exchange>(sink);
}

// A browser presents the certificate by itself, so a page of another origin could call in its
// user's name. Programs send neither header.
bool is_cross_origin(const header_list& headers) {
    const std::string_view site = find_header(headers, "sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    const std::string_view origin = find_header(headers, "origin");
    if (origin.empty()) return false;
    const std::string_view host = find_header(headers, "host");
    return host.empty() || origin != "https://" + std::string(host);
}

bool is_encoded(const header_list& headers, wire_form form) {
    const std::string_view name = form == wire_form::grpc             ? "grpc-encoding"
                                  : form == wire_form::connect_stream ? "connect-content-encoding"
                                                                      : "content-encoding";
    const std::string_view encoding = find_header(headers, name);
    return !encoding.empty() && encoding != "identity";
}

// Deadline out of the headers; a failure when it does not parse.
result<std::optional<mono_time>>
read_deadline(const header_list& headers, wire_form form, mono_time now) {
    const std::string_view name = form == wire_form::grpc ? "grpc-timeout" : "connect-timeout-ms";
    const std::string_view text = find_header(headers, name);
    if (text.empty()) return std::optional<mono_time>{};
    const auto d = form == wire_form::grpc ? parse_grpc_timeout(text) : parse_connect_timeout(text);
    if (!d) return fail(errc::malformed, std::string(name));
    return std::optional<mono_time>(now + *d);
}

// What keeps a request from its method, if anything.
struct refusal {
    failure why;
    int http = 0;
};

std::optional<refusal> find_refusal(const method* m, const media& type, const request_head& head) {
    if (head.method != "POST") {
        if (m == nullptr) return refusal{fail(errc::not_found), 404};
        return refusal{fail(errc::unimplemented, "use POST"), 405};
    }
    if (is_cross_origin(head.headers)) return refusal{fail(errc::cross_origin), 403};
    const bool grpc = type.known && type.form == wire_form::grpc;
    if (grpc && !head.http2)
        return refusal{fail(errc::unsupported_media, "gRPC needs HTTP/2"), 505};
    if (m == nullptr) return refusal{fail(errc::unimplemented), grpc ? 0 : 404};
    if (!type.known) return refusal{fail(errc::unsupported_media), 415};
    if (type.form == wire_form::connect_unary && m->kind != method_kind::unary) {
        return refusal{
            fail(errc::unsupported_media, "this operation streams: application/connect+json"), 415};
    }
    if (type.form == wire_form::connect_stream && m->kind == method_kind::unary) {
        return refusal{fail(errc::unsupported_media, "this operation does not stream"), 415};
    }
    if (m->kind == method_kind::bidi && !head.http2) {
        return refusal{fail(errc::unsupported_media, "this operation needs HTTP/2"), 505};
    }
    if (is_encoded(head.headers, type.form)) return refusal{fail(errc::compressed)};
    const std::string_view version = find_header(head.headers, "connect-protocol-version");
    if (!version.empty() && version != "1") {
        return refusal{fail(errc::malformed, "connect-protocol-version")};
    }
    return std::nullopt;
}

} // namespace

std::unique_ptr<http_exchange> accept_exchange(
    const router& routes,
    const peer& who,
    const request_head& head,
    response_sink& sink,
    mono_time now
) {
    const bool gets = head.method == "GET" || head.method == "HEAD";
    if (const auto* make = gets ? routes.find_page(head.path) : nullptr; make != nullptr) {
        return answer_page((*make)(who), head.method == "HEAD", sink);
    }
    const std::string_view content_type = find_header(head.headers, "content-type");
    const media type = parse_media(content_type);
    const method* m = routes.find(head.path);
    auto why = find_refusal(m, type, head);
    std::optional<mono_time> deadline;
    if (!why) {
        auto d = read_deadline(head.headers, type.form, now);
        if (d) {
            deadline = *d;
        } else {
            why = refusal{d.error()};
        }
    }
    if (why) {
        // Outside a known form only the HTTP status speaks for itself.
        const bool spoken = type.known && why->http == 0;
        refuse(
            sink, spoken ? type.form : wire_form::connect_unary, content_type, why->why, why->http
        );
        return std::make_unique<answered_exchange>(sink);
    }
    rpc_head rpc{
        .form = type.form,
        .how = type.how,
        .content_type = std::string(content_type),
        .traceparent = std::string(find_header(head.headers, "traceparent").substr(0, 64)),
        .deadline = deadline};
    return std::make_unique<rpc_exchange>(*m, who, std::move(rpc), sink, now);
}

} // namespace cairn::session
