#include "ledger/queue.hpp"

#include "core/limits.hpp"

#include <catch2/catch.hpp>

namespace cairn::ledger {
namespace {

draft of_size(std::size_t bytes) {
    draft d;
    d.sealed_body.assign(bytes, 'x');
    return d;
}

} // namespace

TEST_CASE("a draft larger than the whole queue goes in alone, and nothing goes in beside it") {
    draft_queue q;
    draft small = of_size(10);
    draft large = of_size(limits::queue_bytes + 1);
    REQUIRE(q.put(small));
    CHECK_FALSE(q.put(large));
    CHECK(large.sealed_body.size() == limits::queue_bytes + 1); // for the next try
    CHECK(q.take().size() == 1);
    REQUIRE(q.put(large));
    small = of_size(10);
    CHECK_FALSE(q.put(small));
    CHECK(q.take().size() == 1);
    CHECK(q.put(small));
}

TEST_CASE("the queue is bounded in records, and a refused draft is left as it was") {
    draft_queue q;
    for (std::size_t i = 0; i < limits::queue_records; ++i) {
        draft d = of_size(1);
        REQUIRE(q.put(d));
    }
    draft late = of_size(7);
    CHECK_FALSE(q.put(late));
    CHECK(late.sealed_body.size() == 7);
    CHECK(q.take().size() == limits::group_records);
    CHECK(q.put(late));
}

} // namespace cairn::ledger
