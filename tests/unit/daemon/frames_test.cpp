#include "daemon/frames.hpp"

#include "redaction/notice.hpp"
#include "support/people.hpp"

#include "cairn/v1/exchange.pb.h"

#include <catch2/catch.hpp>
#include <google/protobuf/util/message_differencer.h>

#include <limits>

namespace cairn::daemon {
namespace {

namespace v1 = ::cairn::v1;

v1::Notice some_notice() {
    v1::Notice n;
    n.set_concern_id(std::string(32, 'a'));
    n.set_sender("oakfield");
    *n.mutable_content() = test::school_concern();
    return n;
}

// Told apart from what protobuf itself would have made of the same values.
void same_as_protobuf(const v1::Delivery& wanted, bytes_view notice) {
    const bytes frame = delivery_frame(
        wanted.position(),
        notice,
        wanted.recorded_at_us(),
        wanted.acknowledge_by_us(),
        wanted.proof(),
        wanted.redelivered()
    );
    v1::Delivery read;
    REQUIRE(read.ParseFromString(frame));
    CHECK(google::protobuf::util::MessageDifferencer::Equals(read, wanted));
    CHECK(read.GetReflection()->GetUnknownFields(read).empty());
    // Exact bytes, in one piece: what the log committed to can be cut out of the frame.
    CHECK(frame.find(notice) != bytes::npos);
}

} // namespace

TEST_CASE("a delivery put together by hand reads as one that protobuf made") {
    const v1::Notice notice = some_notice();
    v1::Delivery d;
    *d.mutable_notice() = notice;
    d.set_position(1);
    d.set_recorded_at_us(1'795'343'400'000'000);
    d.set_acknowledge_by_us(1'795'429'800'000'000);
    same_as_protobuf(d, redaction::encode(notice));
    d.set_proof("c2sp.org/tlog-proof@v1\nindex 7\n");
    d.set_redelivered(true);
    same_as_protobuf(d, redaction::encode(notice));
}

TEST_CASE("the numbers of a delivery keep their value at every length of a varint") {
    const v1::Notice notice = some_notice();
    const bytes encoded = redaction::encode(notice);
    for (unsigned bits = 0; bits < 64; bits += 7) {
        v1::Delivery d;
        *d.mutable_notice() = notice;
        d.set_position(std::uint64_t{1} << bits);
        d.set_recorded_at_us(std::numeric_limits<std::int64_t>::max() >> bits);
        d.set_acknowledge_by_us(-1);
        same_as_protobuf(d, encoded);
    }
    v1::Delivery zeros;
    *zeros.mutable_notice() = notice;
    same_as_protobuf(zeros, encoded);
}

TEST_CASE("an unusual but valid encoding of a notice goes out as it was stored") {
    // The sender twice: protobuf would write it once, and the log committed to both.
    v1::Notice first;
    first.set_sender("first");
    v1::Notice last = some_notice();
    const bytes stored = first.SerializeAsString() + redaction::encode(last);
    const bytes frame = delivery_frame(5, stored, 1, 2, {}, false);
    const auto at = frame.find(stored);
    REQUIRE(at != bytes::npos);
    CHECK(frame.find("first") == at + stored.find("first"));
    v1::Delivery read;
    REQUIRE(read.ParseFromString(frame));
    CHECK(read.notice().sender() == "oakfield");
    CHECK(read.SerializeAsString().find(stored) == std::string::npos);
}

TEST_CASE("a withdrawn notice goes out as its position and nothing else") {
    v1::Delivery wanted;
    wanted.set_position(1'000'000);
    wanted.set_withdrawn(true);
    v1::Delivery read;
    REQUIRE(read.ParseFromString(withdrawn_frame(1'000'000)));
    CHECK(google::protobuf::util::MessageDifferencer::Equals(read, wanted));
}

TEST_CASE("messages appended one by one are a repeated field") {
    bytes out;
    for (const std::uint64_t position : {3U, 9U}) {
        append_message(
            out, 1, delivery_frame(position, some_notice().SerializeAsString(), 1, 2, "", false)
        );
    }
    v1::FetchResponse read;
    REQUIRE(read.ParseFromString(out));
    REQUIRE(read.deliveries_size() == 2);
    CHECK(read.deliveries(0).position() == 3);
    CHECK(read.deliveries(1).position() == 9);
    CHECK(read.deliveries(1).notice().content().persons_size() == 4);
}

} // namespace cairn::daemon
