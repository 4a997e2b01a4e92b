// What the agent writes on standard error, line by line.
#include "agent_bench.hpp"
#include "support/golden.hpp"

using namespace agents_test;

TEST_CASE("the agent's log lines have the form that docs/formats/log.md gives them") {
    bench b;
    b.drop("Asha Example.json", good_json);
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    b.broker.reachable = false;
    b.start();
    b.run(1);
    b.broker.reachable = true;
    b.run(30);
    b.drop("Asha broken.json", "{\"persons\": \"Asha\"");
    b.run();
    b.drop("Asha again.json", good_json);
    b.run();
    b.broker.refuse_number = static_cast<std::uint32_t>(errc::no_route);
    b.drop("Asha elsewhere.json", std::string(good_json) + "\n");
    b.drop("Asha elsewhere.json.toml", "purpose = \"cin17\"\n");
    b.run();
    b.broker.cut();
    b.run(60);
    REQUIRE(b.broker.submitted.size() == 2);
    CHECK(b.lines.find("Asha") == std::string::npos);
    CHECK(b.lines.find("front_door") == std::string::npos);
    const auto compared = cairn::test::golden("log_agent.jsonl", b.lines);
    INFO(compared.difference);
    CHECK(compared.same);
}
