// Receive and Fetch: bounds in bytes, credit, recalls, rights that end.
#include "flow.hpp"

namespace cairn::daemon {
namespace {

using testing::flow_world;
using testing::look;
using testing::mash;
using testing::positions;
using list = std::vector<std::uint64_t>;

constexpr std::size_t large = 1000 * 1000;

v1::FetchResponse fetched(flow_world& w, std::uint64_t after, bool proofs = false) {
    const auto c = w.call("Fetch", 'b');
    v1::FetchRequest asked;
    asked.set_desk(mash);
    asked.set_after(after);
    asked.set_max_notices(256);
    asked.set_with_proofs(proofs);
    c->message(asked);
    w.run();
    REQUIRE(c->sent.size() == 1);
    CHECK(c->sent[0].size() <= limits::message_bytes);
    v1::FetchResponse out;
    REQUIRE(out.ParseFromString(c->sent[0]));
    return out;
}

// A notice that protobuf can read, of about this size.
bytes readable(std::size_t size) {
    v1::Notice n;
    n.mutable_content()->mutable_notification()->set_narrative(std::string(size, 'n'));
    return n.SerializeAsString();
}

void store_readable(flow_world& w, std::uint64_t position, std::size_t size) {
    w.store(position, 0);
    w.reader.notices.back().notice = readable(size);
}

} // namespace

TEST_CASE("a poll brings what fits a message a client reads, and says that there is more") {
    flow_world w;
    for (std::uint64_t p = 1; p <= 8; ++p) store_readable(w, p, large);
    std::uint64_t after = 0;
    std::vector<int> sizes;
    for (bool more = true; more;) {
        const auto got = fetched(w, after);
        REQUIRE(got.deliveries_size() > 0);
        sizes.push_back(got.deliveries_size());
        CHECK(got.deliveries(0).position() == after + 1);
        after = got.deliveries(got.deliveries_size() - 1).position();
        more = got.more();
    }
    CHECK(after == 8);
    CHECK(sizes == std::vector<int>{3, 3, 2});
}

TEST_CASE("a poll of one notice larger than the bound brings it by itself") {
    flow_world w;
    store_readable(w, 1, limits::fetch_bytes + 100);
    store_readable(w, 2, 10);
    const auto got = fetched(w, 0);
    CHECK(got.deliveries_size() == 1);
    CHECK(got.more());
    CHECK(fetched(w, 1).deliveries_size() == 1);
    CHECK_FALSE(fetched(w, 1).more());
}

TEST_CASE("what a poll brings twice is marked as redelivered the second time") {
    flow_world w;
    store_readable(w, 1, 10);
    CHECK_FALSE(fetched(w, 0).deliveries(0).redelivered());
    store_readable(w, 2, 10);
    const auto again = fetched(w, 0);
    CHECK(again.deliveries(0).redelivered());
    CHECK_FALSE(again.deliveries(1).redelivered());
}

TEST_CASE("a stream that is not read holds few bytes, and loses nothing when it is") {
    flow_world w;
    for (std::uint64_t p = 1; p <= 20; ++p) w.store(p, large);
    const auto c = w.receive(0, 'b', true);
    CHECK(c->sent.size() == 1); // the peer takes nothing: one is over the mark already
    CHECK(w.reader.most_read <= limits::stream_read_bytes + large);
    for (int turn = 0; turn < 40; ++turn) {
        c->taken();
        w.run();
    }
    CHECK(c->sent.size() == 20);
    // Live from here on; what comes meanwhile is held up to the bound and read again above it.
    for (std::uint64_t p = 21; p <= 60; ++p) w.offer(p, large);
    w.committed();
    for (int turn = 0; turn < 80; ++turn) {
        c->taken();
        w.run();
    }
    list all;
    for (std::uint64_t p = 1; p <= 60; ++p) all.push_back(p);
    CHECK(positions(*c) == all);
    CHECK(w.reader.most_read <= limits::stream_read_bytes + large);
}

TEST_CASE("a notice that is confirmed or recalled before it was sent is not sent any more") {
    flow_world w;
    const auto c = w.receive(2);
    for (std::uint64_t p = 1; p <= 6; ++p) w.offer(p, 10);
    w.committed();
    CHECK(positions(*c) == list{1, 2});
    w.s.hub.settled(mash, {4}); // fetched by another way
    w.s.hub.recalled(mash, 5);
    w.committed();
    w.s.hub.settled(mash, {1, 2});
    w.committed();
    CHECK(positions(*c) == list{1, 2, 3, 6});
    for (const auto& m : c->sent) CHECK_FALSE(look(m).withdrawn);
}

TEST_CASE("a notice recalled while the store is being read is not sent") {
    flow_world w;
    for (std::uint64_t p = 1; p <= 3; ++p) w.store(p, 10);
    const auto c = w.call("Receive", 'b');
    v1::ReceiveRequest asked;
    asked.set_desk(mash);
    c->message(asked); // read, and on its way to the network thread
    w.s.hub.recalled(mash, 2);
    auto late = std::move(w.rt.posted[0]);
    w.rt.posted[0].clear();
    w.s.after_commit();
    w.run();
    w.rt.posted[0] = std::move(late);
    w.run();
    CHECK(positions(*c) == list{1, 3});
}

TEST_CASE("a recall of what was sent is told, and its credit comes back") {
    flow_world w;
    const auto c = w.receive(2);
    for (std::uint64_t p = 1; p <= 4; ++p) w.offer(p, 10);
    w.committed();
    REQUIRE(positions(*c) == list{1, 2});
    w.s.hub.recalled(mash, 1);
    w.committed();
    REQUIRE(positions(*c) == list{1, 2, 1, 3});
    CHECK(look(c->sent[2]).withdrawn);
    CHECK(look(c->sent[2]).size == 0);
    CHECK_FALSE(look(c->sent[3]).withdrawn);
    // What was confirmed stays confirmed: nothing is told.
    w.reader.notices[1].state = ledger::notice_state::confirmed;
    w.s.hub.settled(mash, {2});
    w.s.hub.recalled(mash, 2);
    w.committed();
    CHECK(positions(*c) == list{1, 2, 1, 3, 4});
}

TEST_CASE("a desk that connects again is told of a recall of what it had before") {
    flow_world w;
    w.store(1, 10);
    const auto c = w.call("Receive", 'b');
    v1::ReceiveRequest asked;
    asked.set_desk(mash);
    asked.set_after(1);
    c->message(asked);
    w.run();
    w.reader.notices[0].state = ledger::notice_state::withdrawn;
    w.s.hub.recalled(mash, 1);
    w.committed();
    REQUIRE(positions(*c) == list{1});
    CHECK(look(c->sent[0]).withdrawn);
}

TEST_CASE("what a second stream gets again is marked as redelivered") {
    flow_world w;
    for (std::uint64_t p = 1; p <= 2; ++p) w.store(p, 10);
    const auto first = w.receive();
    CHECK_FALSE(look(first->sent.at(1)).redelivered);
    w.store(3, 10);
    const auto second = w.receive();
    REQUIRE(positions(*second) == list{1, 2, 3});
    CHECK(look(second->sent[0]).redelivered);
    CHECK(look(second->sent[1]).redelivered);
    CHECK_FALSE(look(second->sent[2]).redelivered);
}

TEST_CASE("a stream ends when its certificate or its mandate does, without a new registry") {
    flow_world w;
    const auto own = w.receive(0, 'b');
    w.offer(1, 10);
    w.committed();
    CHECK(own->sent.size() == 1);
    w.rt.clock_.wall = from_us(1'999'999'999'999'999);
    w.offer(2, 10);
    w.committed();
    CHECK(own->sent.size() == 2);
    w.rt.clock_.wall = from_us(2'000'000'000'000'000);
    w.offer(3, 10);
    w.committed();
    CHECK(own->sent.size() == 2);
    REQUIRE(own->ended);
    CHECK(own->ended->error().code == errc::unauthenticated);

    flow_world v;
    const auto vendor = v.receive(0, 'f');
    v.offer(1, 10);
    v.committed();
    CHECK(vendor->sent.size() == 1);
    v.rt.clock_.wall = from_us(1'900'000'000'000'000);
    v.s.hub.look_again(); // even where nothing comes
    v.run();
    REQUIRE(vendor->ended);
    CHECK(vendor->ended->error().code == errc::no_mandate);
}

} // namespace cairn::daemon
