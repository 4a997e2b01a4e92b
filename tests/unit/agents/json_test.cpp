#include "agents/formats/json.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::formats;

namespace {

result<std::vector<leaf>> all_json(bytes_view json, const json_limits& limits = {}) {
    std::vector<leaf> out;
    const auto keep = [&](leaf&& l) -> status {
        out.push_back(std::move(l));
        return {};
    };
    const auto read = read_json(pieces_of(json), keep, limits);
    if (!read) return read.error();
    return out;
}

// "line path=value" of every leaf.
std::vector<std::string> lines(bytes_view json) {
    const auto leaves = all_json(json);
    REQUIRE_OK(leaves);
    std::vector<std::string> out;
    for (const auto& l : *leaves)
        out.push_back(std::to_string(l.at.line) + " " + path_text(l) + "=" + l.value);
    return out;
}

std::string refused(bytes_view json, const json_limits& limits = {}) {
    const auto leaves = all_json(json, limits);
    REQUIRE_FAILS(leaves);
    return leaves.error().where;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("values of JSON come in order with exact lines, items numbered under their member") {
    CHECK(
        lines("{\n \"a\": [\n  {\"b\": 1},\n  {\"b\": \" x \"}\n ],\n \"c\": true\n}") ==
        texts{"3 a/b=1", "4 a[2]/b=x", "6 c=true"}
    );
    CHECK(lines("{\"a\":[1,\n2\n,\n3\n]}") == texts{"1 a=1", "2 a[2]=2", "4 a[3]=3"});
    CHECK(lines("[[1,[2]],3]") == texts{"1 item/item=1", "1 item/item[2]/item=2", "1 item[2]=3"});
    CHECK(
        lines("{\"a\":[{},[],null,\"\"],\"b\":{}}") ==
        texts{"1 a=", "1 a[2]=", "1 a[3]=", "1 a[4]=", "1 b="}
    );
}

TEST_CASE("values of JSON stand where they begin, by characters") {
    const auto places = [](bytes_view json) {
        const auto leaves = all_json(json);
        REQUIRE_OK(leaves);
        texts out;
        for (const auto& l : *leaves)
            out.push_back(place_text(l.at) + " " + path_text(l) + "=" + l.value);
        return out;
    };
    CHECK(
        places("{\n \"a\": [\n  {\"b\": 12\n}, {\"b\": \" x,:]} \"}\n ],\n \"c\":true\n}") ==
        texts{
            "line 3, column 9 a/b=12", "line 4, column 10 a[2]/b=x,:]}", "line 6, column 6 c=true"}
    );
    // What is empty, where it ends; letters of more than one byte count once, and escapes as
    // written.
    CHECK(
        places("[{}, [ ], null,\"Zo\u00eb\",\"\\u00eb\", -1.5 ]") ==
        texts{
            "line 1, column 3 item=",
            "line 1, column 8 item[2]=",
            "line 1, column 11 item[3]=",
            "line 1, column 16 item[4]=Zo\u00eb",
            "line 1, column 22 item[5]=\u00eb",
            "line 1, column 32 item[6]=-1.5"}
    );
    CHECK(places("\xef\xbb\xbf{\"a\":1}") == texts{"line 1, column 6 a=1"});
}

TEST_CASE("numbers are as written and texts are unescaped") {
    CHECK(
        lines(R"({"a":1.50,"b":-3,"c":12345678901234567890,"d":"\u0041\u00e9\n\"x"})") ==
        texts{"1 a=1.50", "1 b=-3", "1 c=12345678901234567890", "1 d=A\u00e9\n\"x"}
    );
}

TEST_CASE("a byte order mark and Windows line ends change nothing") {
    CHECK(lines("\xef\xbb\xbf{\r\n\"a\":1,\r\n\"b\":2}") == texts{"2 a=1", "3 b=2"});
}

TEST_CASE("what is no JSON names line and column and quotes nothing") {
    CHECK(refused("{\n \"a\": SECRET}") == "line 2, column 7: not well-formed JSON");
    CHECK(refused("{\"a\":1}x") == "line 1, column 8: not well-formed JSON");
    for (const auto* text :
         {"", "   ", "{", "{\"a\"", "[1,]", "{\"a\":1,}", "{'a':1}", "[01]", "nul"})
        CHECK_FAILS(all_json(text));
    CHECK(refused("1").find("neither an object") != std::string::npos);
    CHECK(refused("{}").find("nothing in it") != std::string::npos);
    // Latin-1 bytes are no UTF-8.
    CHECK(refused("{\n\"a\":\"Zo\xeb\"}") == "line 2, column 8: the bytes are not UTF-8");
}

TEST_CASE("every cut of a JSON file is refused, never half read") {
    const std::string whole = R"({"a":[1,{"b":"x\u00e9"}],"c":null})";
    REQUIRE_OK(all_json(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_FAILS(all_json(std::string_view(whole).substr(0, size)));
    }
}

TEST_CASE("a member given twice is refused, and the same name elsewhere is not") {
    CHECK(refused("{\"a\":1,\n\"a\":2}") == "line 2, column 3: a member is given twice");
    CHECK_OK(all_json("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"));
}

TEST_CASE("depth, size, members and count of JSON are limited and the limit is named") {
    json_limits limits;
    CHECK(refused(std::string(65, '[')) == "line 1, column 65: nested too deep, limit 64");
    limits.bytes = 10;
    CHECK(refused("{\"a\":123456}", limits) == "file, limit 10 bytes");
    limits = {};
    limits.members = 2;
    CHECK(
        refused(R"({"a":1,"b":1,"c":1})", limits).find("members of an object, limit 2") !=
        std::string::npos
    );
    limits = {};
    limits.leaves = 2;
    CHECK(refused("[1,2,3]", limits).find("too many values, limit 2") != std::string::npos);
    limits = {};
    limits.value_bytes = 3;
    CHECK(refused(R"(["abcd"])", limits).find("value too long, limit 3") != std::string::npos);
    // Found out while it comes, not when it has all come.
    std::size_t given = 0;
    const auto endless = [&]() -> result<bytes_view> {
        static const std::string piece(64 * 1024, 'x');
        static const std::string begin = "[\"";
        return given++ == 0 ? bytes_view(begin) : bytes_view(piece);
    };
    const auto read = read_json(endless, [](leaf&&) -> status { return {}; });
    CHECK(read.error().code == errc::too_large);
    CHECK(given < 40);
}

TEST_CASE("JSON is read the same in pieces of one byte, and a broken read says so") {
    const std::string text = "{\"a\":[1,\n{\"b\":\"x\xc3\xa9\"}]}";
    std::size_t at = 0;
    std::vector<std::string> got;
    const auto one = [&]() -> result<bytes_view> { return bytes_view(text).substr(at++, 1); };
    CHECK_OK(read_json(one, [&](leaf&& l) -> status {
        got.push_back(std::to_string(l.at.line) + " " + path_text(l) + "=" + l.value);
        return {};
    }));
    CHECK(got == lines(text));
    const auto broken = []() -> result<bytes_view> { return fail(errc::file_unreadable, "disk"); };
    CHECK((read_json(broken, [](leaf&&) -> status {
               return {};
           }).error() == fail(errc::file_unreadable, "disk")));
}
