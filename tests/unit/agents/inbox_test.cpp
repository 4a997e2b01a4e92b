// Notices in the agent's inbox: written before they are confirmed, taken out when withdrawn.
#include "agent_bench.hpp"

using namespace cairn::agents;
using namespace cairn::agents::apps;
using namespace agents_test;
namespace fs = std::filesystem;

TEST_CASE("a notice is written as exact bytes, JSON and a page before it is confirmed") {
    bench b;
    auto d = make_delivery(5, "oakfield/dsl");
    d.set_proof("a proof");
    b.broker.deliveries = {d};
    b.start();
    b.run();
    CHECK(
        names_in(b.where.inbox) ==
        std::vector<std::string>{"5.html", "5.json", "5.pb", "5.tlog-proof"}
    );
    CHECK(read_file(b.where.inbox / "5.pb") == d.notice().SerializeAsString());
    CHECK(read_file(b.where.inbox / "5.json").find("\"summary 5\"") != std::string::npos);
    CHECK(read_file(b.where.inbox / "5.html").find("summary 5") != std::string::npos);
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5});
}

TEST_CASE("a notice that cannot be written is not confirmed") {
    bench b;
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    fs::remove(b.where.inbox);
    write_file(b.where.inbox, "a file where the folder should be");
    b.start();
    b.run();
    CHECK(b.broker.confirmed.empty());
    fs::remove(b.where.inbox);
    b.run(120);
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5});
    CHECK(fs::exists(b.where.inbox / "5.json"));
}

TEST_CASE("a withdrawn notice is taken out of the inbox and its page says so") {
    bench b;
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    b.start();
    b.run();
    v1::Delivery gone;
    gone.set_position(5);
    gone.set_withdrawn(true);
    b.broker.deliveries = {gone};
    b.broker.cut();
    b.run(60);
    CHECK(names_in(b.where.inbox).empty());
    CHECK(names_in(b.where.recalled) == std::vector<std::string>{"5.html", "5.json"});
    const auto page = read_file(b.where.recalled / "5.html");
    CHECK(page.find("withdrawn") != std::string::npos);
    CHECK(page.find("summary 5") == std::string::npos);
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5});
}

TEST_CASE("with several desks each has its folder, since positions are shared") {
    bench b({"oakfield/dsl", "oakfield/manager"});
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl"), make_delivery(5, "oakfield/manager")};
    b.start();
    b.run();
    CHECK(fs::exists(b.where.inbox / "oakfield.dsl" / "5.json"));
    CHECK(fs::exists(b.where.inbox / "oakfield.manager" / "5.json"));
}
