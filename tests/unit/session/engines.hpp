// The two engines of this module, joined.
#pragma once

#include "unit/session/pipe.hpp"

namespace cairn::session::test::engines {

struct pair {
    router routes;
    script s;
    std::unique_ptr<server_connection> server;
    std::unique_ptr<client_connection> client;
    mono_time now = start_time;

    explicit pair(method_kind kind) {
        add(routes, "/t.T/M", kind, s);
        server = make_http2_server(routes, {}, {}, now);
        client = make_http2_client("broker.example", now);
    }
    void go(std::size_t step = 1 << 20) { run(*client, *server, now, step); }
};

inline const auto echo = [](call& c, bytes_view m) {
    c.send("re:" + std::string(m));
    c.finish();
};

} // namespace cairn::session::test::engines
