#include "daemon/query_pool.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

namespace cairn::daemon {

TEST_CASE("work above the bound is answered at once, and taken again when there is room") {
    std::promise<void> started;
    std::promise<void> let_go;
    const auto gate = let_go.get_future().share();
    std::promise<void> last_done;
    int ran = 0; // by the pool's one thread
    query_pool pool(1, 2);
    REQUIRE(pool.run([&] {
        started.set_value();
        gate.wait();
        ++ran;
    }));
    // Under way, so no longer in the queue.
    started.get_future().wait();
    CHECK(pool.run([&] { ++ran; }));
    CHECK(pool.run([&] {
        ++ran;
        last_done.set_value();
    }));
    CHECK_FALSE(pool.run([&] { ran += 100; }));
    let_go.set_value();
    last_done.get_future().wait();
    CHECK(pool.run([&] { ++ran; }));
    pool.stop();
    CHECK(ran == 4);
}

TEST_CASE("stopping finishes what is queued, in order, then takes no more") {
    std::vector<int> order;
    std::promise<void> started;
    std::promise<void> let_go;
    const auto gate = let_go.get_future().share();
    query_pool pool(1, 16);
    REQUIRE(pool.run([&] {
        started.set_value();
        gate.wait();
    }));
    started.get_future().wait();
    for (int i = 0; i < 10; ++i) REQUIRE(pool.run([&order, i] { order.push_back(i); }));
    std::thread stopper([&] { pool.stop(); });
    let_go.set_value();
    stopper.join();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK_FALSE(pool.run([&order] { order.push_back(99); }));
    pool.stop(); // again: nothing to do
    CHECK(order.size() == 10);
}

TEST_CASE("two threads work at the same time") {
    std::atomic<int> ended{0};
    std::promise<void> first_in;
    std::promise<void> second_in;
    query_pool pool(2, 4);
    // Each waits for the other: one thread alone would never end.
    REQUIRE(pool.run([&] {
        first_in.set_value();
        second_in.get_future().wait();
        ++ended;
    }));
    REQUIRE(pool.run([&] {
        second_in.set_value();
        first_in.get_future().wait();
        ++ended;
    }));
    pool.stop();
    CHECK(ended == 2);
}

} // namespace cairn::daemon
