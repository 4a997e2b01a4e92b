// Messages between protobuf and JSON, and what is said about those that cannot be read.
#include "session/codec.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/exchange.pb.h"
#include "core/limits.hpp"
#include "session/json_check.hpp"
#include "session/wire.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::session;

namespace {

failure refused(bytes_view message, codec how) {
    v1::SubmitRequest r;
    const status s = decode(message, how, r);
    REQUIRE(s.has_error());
    return s.error();
}

} // namespace

TEST_CASE("a message survives both codecs") {
    v1::SubmitRequest r;
    r.set_key("0190aaaa-key");
    r.set_on_behalf_of("oakfield");
    r.mutable_concern();
    const std::string wire = r.SerializeAsString();
    v1::SubmitRequest back;
    REQUIRE(decode(wire, codec::proto, back).has_value());
    CHECK(back.SerializeAsString() == wire);
    const auto json = to_json(wire, *v1::SubmitRequest::descriptor());
    REQUIRE(json.has_value());
    CHECK(json->find("\"onBehalfOf\":\"oakfield\"") != std::string::npos);
    v1::SubmitRequest again;
    REQUIRE(decode(*json, codec::json, again).has_value());
    CHECK(again.SerializeAsString() == wire);
    CHECK(decode(R"({"key": "k", "on_behalf_of": "x"})", codec::json, again).has_value());
}

TEST_CASE("JSON that is not right is placed by line and column and never quoted") {
    struct wrong {
        const char* json;
        const char* where;
    };
    const std::vector<wrong> all = {
        {"", "line 1 column 1: an object is expected"},
        {"[]", "line 1 column 1: an object is expected"},
        {"{", "line 1 column 2: a name in double quotes is expected"},
        {"{\n  \"key\": \"SECRET\",\n  \"SECRET\": 1\n}", "line 3 column 3: unknown field"},
        {"{\"key\": \"SECRET}", "line 1 column 17: a text does not end"},
        {"{\"key\": SECRET}", "line 1 column 9: a text is expected"},
        {"{\"key\": 7}", "line 1 column 9: a text is expected"},
        {"{\"key\": \"a\",}", "line 1 column 13: a name in double quotes is expected"},
        {"{'key': 'SECRET'}", "line 1 column 2: a name in double quotes is expected"},
        {"{\"key\": \"a\" \"key\"}", "line 1 column 13: ',' or '}' is expected"},
        {"{\"key\": \"a\", \"key\": \"b\"}", "line 1 column 14: the field stands twice"},
        {"{\"key\": \"a\"} SECRET", "line 1 column 14: text after the end"},
        {"{\"concern\": []}", "line 1 column 13: an object is expected"},
        {"{\"concern\": {\"SECRET\": {}}}", "line 1 column 14: unknown field"},
        {"{\"key\": \"\\q\"}", "line 1 column 11: bad escape"},
        {"{\"key\": \"\n\"}", "line 1 column 10: control character in a text"},
        {"// SECRET\n{}", "line 1 column 1: an object is expected"},
        {"{\"key\": nulL}", "line 1 column 9: a value is expected"}};
    for (const wrong& w : all) {
        INFO(w.json);
        const failure f = refused(w.json, codec::json);
        CHECK(f.code == errc::malformed);
        CHECK(f.where == w.where);
        CHECK(f.public_text().find("SECRET") == std::string::npos);
        CHECK(f.detail.find("SECRET") == std::string::npos);
    }
}

TEST_CASE("a wrong enumeration name is placed, and a right one read") {
    v1::SubmitRequest r;
    const auto* kind = v1::Concern::descriptor()->FindFieldByName("urgency");
    REQUIRE(kind != nullptr);
    const failure f = refused(R"({"concern": {"urgency": "SECRET"}})", codec::json);
    CHECK(f.where == "line 1 column 25: not a name of this enumeration");
    const std::string name = kind->enum_type()->value(1)->name();
    CHECK(decode("{\"concern\": {\"urgency\": \"" + name + "\"}}", codec::json, r).has_value());
}

TEST_CASE("JSON nested too deep is refused without recursion to the bottom") {
    std::string deep = "{\"concern\": ";
    for (int i = 0; i < 100'000; ++i) deep += "[";
    CHECK(refused(deep, codec::json).code == errc::malformed);
    std::string arrays;
    for (int i = 0; i < 100'000; ++i) arrays += "{\"key\":";
    CHECK(refused(arrays, codec::json).code == errc::malformed);
    std::string any = "[";
    for (int i = 0; i < 70; ++i) any += "[";
    const status s = check_json("{\"a\":" + any, *v1::SubmitRequest::descriptor());
    CHECK(s.has_error());
}

TEST_CASE("text that is not UTF-8 is named by its path in protobuf and refused in JSON") {
    const std::string bad = "\xc3\x28";
    // on_behalf_of is field 3: a text.
    std::string wire = "\x0a\x01k\x1a\x02" + bad;
    const failure f = refused(wire, codec::proto);
    CHECK(f.code == errc::invalid_text);
    CHECK(f.where == "on_behalf_of");
    CHECK(refused("{\"key\": \"" + bad + "\"}", codec::json).code == errc::invalid_text);
    CHECK(refused("{\"key\": \"\\ud800\"}", codec::json).code == errc::invalid_text);
    CHECK(refused("{\"key\": \"\\udc00\"}", codec::json).code == errc::invalid_text);
    v1::SubmitRequest r;
    REQUIRE(decode("{\"key\": \"\\ud83d\\ude00\"}", codec::json, r).has_value());
    CHECK(r.key() == "\xF0\x9F\x98\x80");
}

TEST_CASE("protobuf that is cut short or nested without end is malformed") {
    v1::SubmitRequest r;
    r.set_key("0190aaaa-key");
    const std::string wire = r.SerializeAsString();
    for (std::size_t n = 1; n < wire.size(); ++n) {
        CHECK(refused(bytes_view(wire).substr(0, n), codec::proto).code == errc::malformed);
    }
    CHECK(refused(std::string(1000, '\x12'), codec::proto).code == errc::malformed);
}

TEST_CASE("unknown protobuf fields are kept for the caller to count") {
    v1::SubmitRequest r;
    REQUIRE(decode("\x0a\x01k\xf8\x3f\x01", codec::proto, r).has_value());
    CHECK(r.GetReflection()->GetUnknownFields(r).field_count() == 1);
}

TEST_CASE("a message over the limit is not parsed") {
    const std::string big(limits::message_bytes + 1, ' ');
    CHECK(refused(big, codec::json).code == errc::too_large);
    CHECK(refused(big, codec::proto).code == errc::too_large);
}

TEST_CASE("percent encoding goes both ways and leaves plain text alone") {
    CHECK(percent_encode("plain text, ok") == "plain text, ok");
    CHECK(percent_encode("100% für\n") == "100%25 f%C3%BCr%0A");
    CHECK(percent_decode("100%25 f%C3%BCr%0A") == "100% für\n");
    CHECK(percent_decode("%") == "%");
    CHECK(percent_decode("%zz%4") == "%zz%4");
    std::string all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
    CHECK(percent_decode(percent_encode(all)) == all);
}

TEST_CASE("timeouts are read strictly and written so that they can be read") {
    using namespace std::chrono_literals;
    CHECK(parse_grpc_timeout("1H") == 1h);
    CHECK(parse_grpc_timeout("5M") == 5min);
    CHECK(parse_grpc_timeout("7S") == 7s);
    CHECK(parse_grpc_timeout("99999999m") == 99'999'999ms);
    CHECK(parse_grpc_timeout("3u") == 3us);
    CHECK(parse_grpc_timeout("3n") == 3ns);
    CHECK(parse_grpc_timeout("99999999H") == 24h * 366);
    for (const char* bad : {"", "S", "5", "5x", "-1S", "+1S", " 1S", "1 S", "123456789S", "1.5S"}) {
        INFO(bad);
        CHECK_FALSE(parse_grpc_timeout(bad));
    }
    CHECK(parse_connect_timeout("9999999999") == std::chrono::milliseconds(9'999'999'999));
    CHECK_FALSE(parse_connect_timeout("99999999999"));
    for (const duration d : {duration(1ns), duration(1500ms), duration(30h), duration(24h * 365)}) {
        const auto back = parse_grpc_timeout(format_grpc_timeout(d));
        REQUIRE(back);
        CHECK(*back >= d - 1s);
        CHECK(*back <= d + 1s);
    }
}

TEST_CASE("UTF-8 is judged as Unicode says") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("a\u00e9\u20ac\U0001F600"));
    for (const char* bad :
         {"\x80",
          "\xc0\x80",
          "\xc1\xbf",
          "\xe0\x9f\xbf",
          "\xed\xa0\x80",
          "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\xe2\x82",
          "\xff"}) {
        CHECK_FALSE(is_utf8(bad));
    }
}
