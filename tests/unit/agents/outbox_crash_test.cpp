// The agent's journal on a disk that loses what was not synced: power goes at every call, every
// call fails once, and what the store answered well is there at the next start.
#include "agents/core/outbox.hpp"
#include "support.hpp"
#include "support/fault_vfs.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using cairn::test::disk_call;
using cairn::test::memory_disk;

namespace {

constexpr const char* path = "/mem/journal.db";
constexpr const char* desk = "oakfield/dsl";
constexpr int rows = 4;

std::string key_of(int i) {
    return "crash-key-" + std::to_string(i);
}
// Larger than a page, so that a commit is many writes.
std::string request_of(int i) {
    return std::string(6000, static_cast<char>('a' + i));
}

// How far each row got, as the store answered.
struct promised {
    int appended = 0;
    int settled = 0;
    int filed = 0;
    std::uint64_t stored = 0;
};

bool run(outbox_store& store, promised& p) {
    for (int i = 0; i < rows; ++i) {
        submission s;
        s.key = key_of(i);
        s.request = request_of(i);
        s.source = "source " + std::to_string(i);
        if (!store.append({s})) return false;
        p.appended = std::max(p.appended, i + 1);
        if (!store.settle(s.key, submission_state::accepted, "answer")) return false;
        p.settled = std::max(p.settled, i + 1);
        if (!store.mark_stored(desk, static_cast<std::uint64_t>(i) + 1, true)) return false;
        p.stored = static_cast<std::uint64_t>(i) + 1;
        if (!store.mark_filed({s.key})) return false;
        p.filed = std::max(p.filed, i + 1);
    }
    return true;
}

void check_kept(outbox_store& store, const promised& p) {
    for (int i = 0; i < p.appended; ++i) {
        INFO("row " << i);
        const auto found = store.find(key_of(i));
        REQUIRE(found.has_value());
        // Filed takes the content away, also where nobody heard that it was.
        const bool may_be_filed = i < p.settled;
        CHECK((found->request == request_of(i) || (may_be_filed && found->request.empty())));
        if (i < p.filed) CHECK(found->request.empty());
        if (i < p.settled) CHECK(found->state == submission_state::accepted);
    }
    const auto position = store.last_stored(desk);
    REQUIRE(position.has_value());
    CHECK(*position >= p.stored);
    CHECK(store.unconfirmed(desk)->size() >= p.stored);
}

} // namespace

TEST_CASE("power may go at any call: the agent's journal keeps what it answered for") {
    std::uint64_t n = 1;
    for (bool crashed = true; crashed; ++n) {
        // A deletion comes undone by chance only: each call under a few seeds.
        for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
            INFO("power gone at call " << n << ", seed " << seed);
            memory_disk disk("cairn-agent-crash", seed);
            disk.undo_deletions(true);
            promised p;
            disk.crash_at(n);
            {
                const auto store = open_sqlite_outbox(path, disk.name());
                if (store) run(**store, p);
            }
            crashed = disk.crashed();
            disk.restart();
            const auto again = open_sqlite_outbox(path, disk.name());
            REQUIRE(again.has_value());
            check_kept(**again, p);
            REQUIRE(run(**again, p));
            check_kept(**again, p);
        }
    }
    CHECK(n > 80);
}

TEST_CASE("whatever call of the agent's disk fails, its journal keeps what it answered for") {
    for (const auto call : {disk_call::write, disk_call::sync}) {
        for (const bool full : {false, true}) {
            bool fired = true;
            for (std::uint64_t nth = 1; fired; ++nth) {
                INFO("call " << static_cast<int>(call) << " number " << nth << " full " << full);
                memory_disk disk("cairn-agent-fault", nth);
                promised p;
                disk.arm({call, nth, full, false, {}});
                {
                    const auto store = open_sqlite_outbox(path, disk.name());
                    if (store) run(**store, p);
                }
                fired = disk.fired();
                disk.disarm();
                disk.restart();
                const auto again = open_sqlite_outbox(path, disk.name());
                REQUIRE(again.has_value());
                check_kept(**again, p);
                REQUIRE(run(**again, p));
            }
        }
    }
}
