// Binary metadata: keys that end in `-bin`, whose values gRPC writes in base64, padded or not, and
// may join by commas. No operation reads one, so none may change a call, however it is written.
#include "unit/session/attacked.hpp"
#include "unit/session/exchange.hpp"

using namespace cairn;
using namespace cairn::session;
using namespace cairn::session::test;

namespace {

// The bytes 00 ff fe 01, and what is no base64 of anything.
const std::vector<std::string> padded_or_not = {
    "AP/+AQ==",
    "AP/+AQ",
    "AP/+AQ==,AP/+AQ",
    "AP/+AQ,,AP/+AQ",
    "AP/+AQ=",
    "A",
    "====",
    "not base64 %$!",
    "",
};

} // namespace

TEST_CASE("binary metadata, padded or not, joined or no base64 at all, changes no call") {
    const std::string value = GENERATE(from_range(padded_or_not));
    INFO("value: " << value);
    SECTION("of a gRPC request, once") {
        attacked a;
        a.s.on_message = forms::echo;
        a.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M") + hpack({{"x-bin", value}})));
        a.put(frame(f_data, end_stream, 1, enveloped("m")));
        CHECK(a.s.got == std::vector<std::string>{"m"});
        const auto all = a.take();
        REQUIRE(count(all, f_headers) == 2);
        CHECK(find(all, f_headers)->header(":status") == "200");
        CHECK(find(all, f_data)->payload == enveloped("m"));
        CHECK(all.back().header("grpc-status") == "0");
        // Nor does it come back.
        for (const auto& f : all) CHECK(f.header("x-bin").empty());
    }
    SECTION("of a gRPC request, in fields of its own") {
        attacked a;
        a.s.on_message = forms::echo;
        const bytes twice = hpack({{"x-bin", value}, {"x-bin", "AP/+AQ"}, {"x-bin", value}});
        a.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M") + twice));
        a.put(frame(f_data, end_stream, 1, enveloped("m")));
        CHECK(a.take().back().header("grpc-status") == "0");
        CHECK(a.s.got.size() == 1);
        a.check_usable(3);
    }
    SECTION("of a Connect call and of a stream over HTTP/1.1") {
        forms::fixture f;
        f.unary.on_message = forms::echo;
        f.stream.on_message = forms::echo;
        CHECK(f.post("/t.T/Unary", "application/proto", "m", {{"x-bin", value}}).body == "m");
        CHECK(f.out.status == 200);
        const std::string type = "application/connect+proto";
        f.ask(
            "POST",
            "/t.T/Stream",
            {{"content-type", type}, {"x-bin", value}, {"x-bin", value}},
            enveloped("m"),
            false
        );
        CHECK(f.out.body == enveloped("m") + enveloped("{}", 2));
    }
    SECTION("under the name of a header that is read") {
        // `-bin` makes another key of it: neither a compression nor a deadline.
        attacked a;
        a.s.on_message = forms::echo;
        const bytes more = hpack({{"grpc-encoding-bin", value}, {"grpc-timeout-bin", value}});
        a.put(frame(f_headers, end_headers, 1, grpc_head("/t.T/M") + more));
        a.put(frame(f_data, end_stream, 1, enveloped("m")));
        CHECK(a.take().back().header("grpc-status") == "0");
    }
}

TEST_CASE("binary metadata counts against the limit of headers as any other") {
    attacked a;
    const std::string half(limits::header_list_bytes / 2, 'A');
    const bytes more = hpack({{"x-bin", half}});
    a.put(frame(f_headers, 0, 1, grpc_head("/t.T/M") + more));
    a.put(frame(f_continuation, end_headers, 1, more));
    CHECK(a.s.made == 0);
    CHECK(find(a.take(), f_headers)->header("grpc-status") == "8");
    a.check_usable(3);
}
