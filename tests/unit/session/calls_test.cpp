// Calls between the two engines of this module, byte for byte.
#include "unit/session/pipe.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

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

const auto echo = [](call& c, bytes_view m) {
    c.send("re:" + std::string(m));
    c.finish();
};

} // namespace

TEST_CASE("a unary call is answered, and its handler closed once") {
    const std::size_t step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1} << 20U);
    pair p(method_kind::unary);
    p.s.on_message = echo;
    auto o = std::make_shared<observed>();
    auto c = p.client->start("/t.T/M", o, 5s, p.now);
    c->send("hello");
    c->half_close();
    p.go(step);
    REQUIRE(o->end);
    CHECK(o->end->grpc_status == 0);
    CHECK(o->got == std::vector<std::string>{"re:hello"});
    CHECK(p.s.closed == 1);
    CHECK(p.server->counters().calls == 1);
    CHECK(p.server->counters().messages_in == 1);
    CHECK(p.server->counters().messages_out == 1);
}
