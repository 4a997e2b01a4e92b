#include "core/result.hpp"

#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <cctype>
#include <iterator>
#include <set>

namespace cairn {
namespace {

TEST_CASE("every error has a number, a symbol and texts of its own, fit for the public") {
    std::set<std::uint16_t> numbers;
    std::set<std::string_view> symbols;
    std::set<std::string_view> texts;
    for (const error_entry& e : error_table) {
        CAPTURE(e.symbol);
        const auto number = static_cast<std::uint16_t>(e.code);
        CHECK(numbers.insert(number).second);
        CHECK(symbols.insert(e.symbol).second);
        CHECK(texts.insert(e.text).second);
        CHECK((number >= 1000 && number < 2000));
        CHECK(&describe(e.code) == &e);
        for (const std::string_view text : {e.text, e.next_step}) {
            REQUIRE_FALSE(text.empty());
            CHECK(text.size() <= 160);
            CHECK(text.find_first_of("\n\r\t{}%") == std::string_view::npos);
            CHECK(text.front() != ' ');
            CHECK(text.back() != ' ');
            // A sentence's end is put by who prints it.
            CHECK(text.back() != '.');
        }
        CHECK(std::isupper(static_cast<unsigned char>(e.text.front())) != 0);
        CHECK(e.text != e.next_step);
    }
}

TEST_CASE("every error has a gRPC status a client can act on") {
    // RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, UNAVAILABLE, DEADLINE_EXCEEDED: elsewhere
    // the same bytes would fail the same way.
    const std::set<int> may_be_retried = {4, 8, 9, 10, 14};
    for (const error_entry& e : error_table) {
        CAPTURE(e.symbol);
        CHECK((e.grpc >= 1 && e.grpc <= 16));
        // UNKNOWN is what a bug looks like.
        CHECK(e.grpc != 2);
        if (e.retryable) CHECK(may_be_retried.count(e.grpc) == 1);
    }
}

TEST_CASE("a number nobody knows reads as an internal error") {
    CHECK(describe(static_cast<errc>(7)).code == errc::internal);
    CHECK(error_table[0].code == errc::internal);
}

TEST_CASE("the public text names the place and never the operator's detail") {
    for (const error_entry& e : error_table) {
        const failure f = fail(e.code, "concern.persons[1]", "canary-7f3a");
        CHECK(f.public_text() == std::string(e.text) + " (concern.persons[1])");
        CHECK(f.public_text().find("canary") == std::string::npos);
        CHECK(fail(e.code).public_text() == e.text);
    }
}

status first_then(status first, bool& reached) {
    CAIRN_TRY(first);
    reached = true;
    return {};
}

TEST_CASE("CAIRN_TRY leaves with the failure as it is, or goes on") {
    bool reached = false;
    const failure f = fail(errc::required, "where", "detail");
    const status left = first_then(f, reached);
    REQUIRE_FALSE(left);
    CHECK(left.error() == f);
    CHECK_FALSE(reached);
    CHECK(first_then({}, reached));
    CHECK(reached);
}

TEST_CASE("a result holds a value or a failure") {
    const result<int> good = 7;
    REQUIRE(good);
    CHECK(*good == 7);
    const result<int> bad = fail(errc::not_found);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == errc::not_found);
    CHECK(bad.error().retry_after_ms == 0);
}

} // namespace
} // namespace cairn
