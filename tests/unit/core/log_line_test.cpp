#include "core/log_line.hpp"

#include "core/version.hpp"

#include <catch2/catch.hpp>

namespace cairn {

TEST_CASE("a line says when, how bad, what and who, and nothing that it was not given") {
    const std::string end =
        "\",\"service.version\":\"" + std::string(version_text) + "\",\"ecs.version\":\"8.11.0\"}";
    CHECK(
        log_line("cairn-agent", {from_us(1'000), log_level::warning, "refused", "number 1501"}) ==
        R"({"@timestamp":"1970-01-01T00:00:00.001Z","log.level":"warning",)"
        R"("event.action":"refused","message":"number 1501","service.name":"cairn-agent)" +
            end
    );
    CHECK(
        log_line("cairnd", {from_us(0), log_level::debug, "a", ""}, {{"trace.id", "\"\n"}}) ==
        R"({"@timestamp":"1970-01-01T00:00:00.000Z","log.level":"debug","event.action":"a",)"
        R"("message":"","trace.id":"\"\u000a","service.name":"cairnd)" +
            end
    );
}

TEST_CASE("a level that can be asked for is found by its name, critical and others are not") {
    for (const auto l : {log_level::debug, log_level::info, log_level::warning, log_level::error})
        CHECK(level_of(name_of(l)) == l);
    CHECK_FALSE(level_of("critical"));
    CHECK_FALSE(level_of("INFO"));
}

TEST_CASE("a log line cannot be broken by what it says") {
    CHECK(json_quoted("") == R"("")");
    CHECK(json_quoted("plain") == R"("plain")");
    CHECK(json_quoted(R"(a "b" \c)") == R"("a \"b\" \\c")");
    CHECK(json_quoted("one\ntwo\r\tthree") == R"("one\u000atwo\u000d\u0009three")");
    CHECK(json_quoted(std::string_view("\0\x1f\x20", 3)) == "\"\\u0000\\u001f \"");
    // UTF-8 passes as it is.
    CHECK(json_quoted("Siân") == "\"Siân\"");
}

TEST_CASE("every byte below a space is escaped, no other byte grows but quote and backslash") {
    for (int b = 0; b < 256; ++b) {
        const std::string one(1, static_cast<char>(b));
        const std::string quoted = json_quoted(one);
        INFO(b);
        if (b < 0x20)
            CHECK(quoted.size() == 2 + 6);
        else if (b == '"' || b == '\\')
            CHECK(quoted.size() == 2 + 2);
        else
            CHECK(quoted == "\"" + one + "\"");
    }
}

TEST_CASE("times in the log are RFC 3339 in UTC with milliseconds") {
    CHECK(rfc3339(from_us(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(rfc3339(from_us(1'795'343'400'007'999)) == "2026-11-22T10:30:00.007Z");
    // A leap day, and the last microsecond of a second.
    CHECK(rfc3339(from_us(1'709'164'800'999'999)) == "2024-02-29T00:00:00.999Z");
    // Before 1970 the fraction still counts forward.
    CHECK(rfc3339(from_us(-1'000)) == "1969-12-31T23:59:59.999Z");
}

} // namespace cairn
