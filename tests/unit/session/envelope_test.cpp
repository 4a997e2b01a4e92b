#include "session/envelope.hpp"
#include "session/send_buffer.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::session;

namespace {

bytes put(bytes_view message) {
    const auto head = envelope_head(0, message.size());
    return bytes(head.data(), head.size()) + bytes(message);
}

} // namespace

TEST_CASE("messages come out as they went in, however the bytes are cut") {
    std::vector<bytes> all;
    bytes stream;
    for (std::size_t i = 0; i < 50; ++i) {
        all.emplace_back(i * 7 % 61, static_cast<char>('a' + i % 26));
        stream += put(all.back());
    }
    for (std::size_t step = 1; step < 200; ++step) {
        envelope_reader r(1000);
        std::vector<bytes> got;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            const bytes part = stream.substr(at, step); // goes away after keep()
            r.feed(part);
            while (r.peek().whole) got.emplace_back(r.take());
            r.keep();
        }
        REQUIRE(got == all);
        REQUIRE(r.buffered() == 0);
    }
}

TEST_CASE("messages that wait to be taken are kept") {
    envelope_reader r(1000);
    const bytes three = put("one") + put("two") + put("three");
    r.feed(bytes_view(three).substr(0, 20));
    CHECK(r.peek().whole);
    CHECK(r.take() == "one");
    r.keep();
    CHECK(r.buffered() == 12);
    r.feed(bytes_view(three).substr(20));
    CHECK(r.take() == "two");
    CHECK(r.peek().whole);
    CHECK(r.take() == "three");
    CHECK_FALSE(r.peek().head);
}

TEST_CASE("a message in the part fed is handed out where it lies") {
    envelope_reader r(1000);
    const bytes one = put("message");
    r.feed(one);
    REQUIRE(r.peek().whole);
    CHECK(r.take().data() == one.data() + envelope_bytes);
}

TEST_CASE("a length over the limit is shown but never gathered") {
    envelope_reader r(10);
    const bytes big = put(bytes(11, 'x'));
    r.feed(bytes_view(big).substr(0, 3));
    CHECK_FALSE(r.peek().head);
    r.keep();
    r.feed(bytes_view(big).substr(3));
    const envelope e = r.peek();
    CHECK(e.head);
    CHECK(e.length == 11);
    CHECK_FALSE(e.whole);
}

TEST_CASE("a send buffer gives its bytes in order and lets go of memory") {
    send_buffer b;
    bytes all;
    bytes got;
    for (std::size_t i = 0; i < 2000; ++i) {
        const bytes part(i % 1500, static_cast<char>('a' + i % 26));
        b.append(part);
        all += part;
        const std::size_t n = std::min(b.size(), i % 1400);
        got += b.front().substr(0, n);
        b.drop(n);
    }
    got += b.front();
    b.clear();
    CHECK(b.empty());
    CHECK((got == all));
}
