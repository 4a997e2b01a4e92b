#include "agents/core/delivery.hpp"

#include "cairn/v1/exchange.pb.h"

#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;

namespace {

bytes field(int number, bytes_view content) {
    bytes out;
    out += static_cast<char>(number << 3 | 2);
    out += static_cast<char>(content.size());
    return out += content;
}

} // namespace

TEST_CASE("the exact bytes of the notice are kept, in whatever order they were written") {
    // Fields of the notice in reverse order: encoding it again would sort them.
    const bytes notice = field(3, "oakfield/dsl") + field(1, "c1");
    const bytes encoded = field(2, notice) + bytes("\x08\x05", 2);
    const auto d = parse_delivery(encoded);
    REQUIRE_OK(d);
    CHECK(d->position == 5);
    CHECK(d->notice == notice);
    ::cairn::v1::Notice parsed;
    REQUIRE(parsed.ParseFromString(d->notice));
    CHECK(parsed.SerializeAsString() != notice);
}

TEST_CASE("a delivery that is cut, without notice, without position or with two is malformed") {
    const bytes whole = bytes("\x08\x05", 2) + field(2, field(1, "c1"));
    REQUIRE_OK(parse_delivery(whole));
    for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FAILS(parse_delivery(whole.substr(0, n)));
    CHECK_FAILS(parse_delivery(field(2, field(1, "c1"))));
    const auto twice = parse_delivery(whole + field(2, field(1, "c2")));
    REQUIRE_FAILS(twice);
    CHECK(twice.error().where == "delivery.notice");
}

TEST_CASE("a withdrawal needs no notice") {
    ::cairn::v1::Delivery d;
    d.set_position(9);
    d.set_withdrawn(true);
    const auto parsed = parse_delivery(d.SerializeAsString());
    REQUIRE_OK(parsed);
    CHECK(parsed->withdrawn);
    CHECK(parsed->notice.empty());
}
