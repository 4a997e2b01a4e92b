// One HTTP exchange with handlers that do as a test says.
#pragma once

#include "session/http_exchange.hpp"

#include "cairn/v1/exchange.pb.h"
#include "session/codec.hpp"
#include "session/wire.hpp"
#include "unit/session/pipe.hpp"

#include <nlohmann/json.hpp>

namespace cairn::session::test::forms {

struct sink final : response_sink {
    int status = 0;
    header_list headers;
    std::string body;
    std::optional<header_list> trailers;
    bool ended = false;
    bool aborted = false;
    std::size_t granted = 0;
    void start(int s, const header_list& h, bool end) override {
        REQUIRE(status == 0);
        status = s;
        headers = h;
        ended = end;
    }
    void write(bytes_view part) override {
        REQUIRE((status != 0 && !ended));
        body += part;
    }
    void end(const header_list& t) override {
        REQUIRE_FALSE(ended);
        ended = true;
        trailers = t;
    }
    void abort() override { aborted = true; }
    std::size_t queued() const override { return body.size(); }
    void consumed(std::size_t n) override { granted += n; }
    std::string header(std::string_view name) const {
        for (const auto& [n, v] : headers) {
            if (n == name) return v;
        }
        return {};
    }
    nlohmann::json json() const { return nlohmann::json::parse(body); }
};

struct fixture {
    router routes;
    script unary;
    script stream;
    script bidi;
    peer who;
    sink out;
    std::unique_ptr<http_exchange> exchange;

    fixture() {
        add(routes, "/t.T/Unary", method_kind::unary, unary);
        add(routes, "/t.T/Stream", method_kind::server_stream, stream);
        add(routes, "/t.T/Bidi", method_kind::bidi, bidi);
        routes.add_page("/livez", [](const peer&) { return page{200, "text/plain", "alive\n"}; });
    }
    sink&
    ask(std::string method,
        std::string path,
        header_list headers,
        std::optional<std::string> body = std::nullopt,
        bool http2 = true) {
        exchange.reset();
        out = {};
        const request_head head{std::move(method), std::move(path), std::move(headers), http2};
        exchange = accept_exchange(routes, who, head, out, start_time);
        if (body) {
            exchange->body(*body);
            exchange->body_end();
        }
        return out;
    }
    sink& post(std::string path, std::string type, std::string body, header_list more = {}) {
        more.emplace_back("content-type", std::move(type));
        return ask("POST", std::move(path), std::move(more), std::move(body));
    }
};

inline const auto echo = [](call& c, bytes_view m) {
    c.send(m);
    c.finish();
};

} // namespace cairn::session::test::forms
