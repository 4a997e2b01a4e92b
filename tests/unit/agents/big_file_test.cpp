// Files above a megabyte: read on a thread of their own while everything else goes on, and still
// one set of concerns, whatever happens in between.
#include "agent_bench.hpp"

#include "core/system.hpp"

#include <set>
#include <thread>

using namespace agents_test;

namespace {

constexpr std::size_t children = 200;

// A table of more than a megabyte: the episodes of these children, again and again.
std::string big_table(const std::string& more = {}) {
    std::string out = "CHILD,DOB,MISSING,MIS_START,MIS_END\n";
    for (std::size_t i = 0; out.size() < std::size_t{1200} * 1024; ++i)
        out += std::to_string(i % children) + ",02/03/2010,M,01/02/2020,02/02/2020\n";
    return out + more;
}

struct big_bench : bench {
    big_bench() { numbers = &system_random(); }

    // No more than one look at the folder a step, so that nothing comes between `done` and what
    // the test does next. What never comes is ended by ctest.
    template <class Done>
    void run_until(Done done) {
        while (!done()) {
            broker.run_for(config.poll / 2);
            std::this_thread::yield();
        }
    }
    void run_until_empty() {
        run_until([&] { return names_in(where.outbox).empty(); });
    }
    [[nodiscard]] bool logged(const std::string& line) const {
        return log.find(line) != std::string::npos;
    }
};

} // namespace

TEST_CASE("small files go on while a big one is read, and the big one dropped again is told so") {
    big_bench b;
    b.drop("missing.csv", big_table());
    b.drop("zz.json", good_json);
    b.start();
    b.run_until_empty();
    const auto begun = b.log.find("reading bytes");
    const auto small = b.log.find("taken concerns 1\n");
    const auto big = b.log.find("taken concerns 200\n");
    CHECK(begun < small);
    CHECK(small < big);
    CHECK(big != std::string::npos);
    b.run_until([&] { return b.broker.submitted.size() == children + 1; });
    b.drop("again.csv", big_table());
    b.run_until_empty();
    CHECK(b.broker.submitted.size() == children + 1);
    CHECK(b.duplicate_answer().find("nothing was sent again") != std::string::npos);
    CHECK(names_in(b.where.rejected).empty());
}

TEST_CASE("a big file that is changed or renamed while it is read is one set of concerns") {
    big_bench b;
    b.drop("one.csv", big_table());
    b.start();
    b.run_until([&] { return b.logged("reading bytes"); });
    fs::rename(b.where.outbox / "one.csv", b.where.outbox / "two.csv");
    b.run_until_empty();
    CHECK(b.broker.submitted.size() == children);

    big_bench changed;
    changed.drop("one.csv", big_table());
    changed.start();
    changed.run_until([&] { return changed.logged("reading bytes"); });
    changed.drop("one.csv", big_table("one more,02/03/2010,M,01/02/2020,02/02/2020\n"));
    changed.run_until_empty();
    CHECK(changed.logged("taken concerns 201\n"));
    CHECK_FALSE(changed.logged("taken concerns 200\n"));
    CHECK(changed.broker.submitted.size() == children + 1);
}

TEST_CASE("a big file that is refused lies in rejected/ whole, with its sidecar and the line") {
    big_bench b;
    const auto content = big_table("1,02/03/2010,M\n");
    b.drop("Asha.csv.toml", "purpose = \"missing\"\n");
    b.drop("Asha.csv", content);
    b.start();
    b.run_until_empty();
    CHECK(b.broker.submitted.empty());
    const auto where = b.rejected();
    CHECK(names_in(where) == std::vector<std::string>{"file.csv", "reason.txt", "sidecar.toml"});
    CHECK(read_file(where / "file.csv") == content);
    const auto lines = std::count(content.begin(), content.end(), '\n');
    CHECK(
        read_file(where / "reason.txt").find("line " + std::to_string(lines)) != std::string::npos
    );
}

TEST_CASE("an agent that stops while it reads a big file leaves file and journal as they were") {
    big_bench b;
    b.drop("missing.csv", big_table());
    b.start();
    b.run_until([&] { return b.logged("reading bytes"); });
    b.agent->stop();
    CHECK(names_in(b.where.outbox) == std::vector<std::string>{"missing.csv"});
    CHECK(b.store->queued()->empty());
    CHECK_FALSE(b.logged("taken"));
    b.start();
    b.run_until_empty();
    CHECK(b.broker.submitted.size() == children);
}

TEST_CASE("rows of a big file that find no room are a problem, and the file waits") {
    big_bench b;
    b.drop("missing.csv", big_table());
    const auto room = b.folder.path() / "room";
    b.where.root = room;
    b.start();
    b.run_until([&] { return b.logged("problem spool file_unwritable"); });
    CHECK(names_in(b.where.outbox) == std::vector<std::string>{"missing.csv"});
    CHECK(names_in(b.where.rejected).empty());
    CHECK(b.store->queued()->empty());
    fs::create_directory(room);
    b.run_until_empty();
    CHECK(b.logged("taken concerns 200\n"));
}

// In a real folder, of memory where the machine has one: the test is of the agent, not of the disk.
TEST_CASE(
    "ten thousand files at once are each one concern, and a notice comes in between", "[slow]"
) {
    constexpr std::size_t count = 10'000;
    const fs::path memory = "/dev/shm";
    bench b({"oakfield/dsl"}, fs::exists(memory) ? memory : fs::temp_directory_path());
    b.numbers = &system_random();
    auto journal = open_sqlite_outbox(b.where.journal.string());
    REQUIRE_OK(journal);
    b.store = std::move(*journal);
    b.broker.deliveries = {make_delivery(7, "oakfield/dsl")};
    for (std::size_t i = 0; i < count; ++i)
        b.drop(
            std::to_string(i) + ".json",
            R"({"desks":["northshire-council/front_door"],"senderReference":")" +
                std::to_string(i) + R"(","notification":{"incident":"INCIDENT_NEGLECT"}})"
        );
    b.start();
    while (!names_in(b.where.outbox).empty()) b.broker.run_for(b.config.poll);
    b.run();
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{7});
    CHECK(b.broker.submitted_before_confirm < count / 10);
    const std::set<std::string> keys(b.broker.submitted.begin(), b.broker.submitted.end());
    CHECK(b.broker.submitted.size() == count);
    CHECK(keys.size() == count);
    CHECK(b.store->queued()->empty());
    CHECK(names_in(b.where.rejected).empty());
    std::size_t receipts = 0;
    for (const auto& name : names_in(b.where.sent))
        if (name.find(".tlog-proof") != name.npos) ++receipts;
    CHECK(receipts == count);
}
