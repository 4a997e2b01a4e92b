// Answers that have no body (RFC 9110, sections 9.3.2, 15.3.5 and 15.4.5).
#include "unit/session/attacked.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

void ask(attacked& a, std::uint32_t id, bytes_view method, bytes_view path) {
    const bytes head = hpack(
        {{":method", method},
         {":scheme", "https"},
         {":path", path},
         {":authority", "broker.example"}}
    );
    a.put(frame(f_headers, end_headers | end_stream, id, head));
}

} // namespace

TEST_CASE("a HEAD request gets no body") {
    attacked a;
    a.routes.add_page("/livez", [](const peer&) { return page{200, "text/plain", "alive\n"}; });
    for (const auto& [method, id] : {std::pair("HEAD", 1U), std::pair("GET", 3U)}) {
        ask(a, id, method, "/livez?x=1");
        const auto all = a.take();
        const seen_frame* h = find(all, f_headers);
        REQUIRE(h != nullptr);
        CHECK(((h->flags & end_stream) != 0) == (id == 1));
        CHECK((find(all, f_data) == nullptr) == (id == 1));
        if (id == 3) CHECK(find(all, f_data)->payload == "alive\n");
    }
}

TEST_CASE("an answer of 204 or 304 has no body, whatever its page says") {
    const int status = GENERATE(204, 304);
    attacked a;
    a.routes.add_page("/none", [&](const peer&) { return page{status, "text/plain", "a body"}; });
    ask(a, 1, "GET", "/none");
    const auto all = a.take();
    const seen_frame* h = find(all, f_headers);
    REQUIRE(h != nullptr);
    CHECK(h->header(":status") == std::to_string(status));
    CHECK((h->flags & end_stream) != 0);
    CHECK(h->header("content-length").empty() == (status == 204));
    CHECK(find(all, f_data) == nullptr);
    a.check_usable(3);
}

TEST_CASE("a refused HEAD request gets no body either") {
    attacked a;
    a.take();
    ask(a, 1, "HEAD", "/nothing");
    const auto all = a.take();
    REQUIRE(find(all, f_headers) != nullptr);
    CHECK((find(all, f_headers)->flags & end_stream) != 0);
    CHECK(find(all, f_data) == nullptr);
}
