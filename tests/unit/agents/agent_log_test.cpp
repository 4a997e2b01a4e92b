// What the agent writes on standard error, line by line.
#include "agent_bench.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

#include <regex>
#include <set>

using namespace agents_test;

namespace {

std::set<std::string> found(const std::string& text, const char* pattern) {
    const std::regex each(pattern);
    std::set<std::string> out;
    for (std::sregex_iterator i(text.begin(), text.end(), each); i != std::sregex_iterator(); ++i)
        out.insert((*i)[1]);
    return out;
}

// The words behind a level in the agent's own source.
std::set<std::string> said_in_source() {
    std::set<std::string> out;
    for (const auto& f : fs::recursive_directory_iterator(fs::path(CAIRN_SOURCE_DIR) / "agents"))
        if (f.path().extension() == ".cpp")
            out.merge(found(
                read_file(f.path()), "(?:log_level::[a-z]+|level_of\\(how\\)),\\s*\"([a-z_]+)\""
            ));
    return out;
}

std::set<std::string> said_in_the_page() {
    const auto page = read_file(fs::path(CAIRN_SOURCE_DIR) / "docs/formats/log.md");
    const auto from = page.find("\n## What the agent says\n");
    REQUIRE(from != page.npos);
    const auto table = page.substr(from, page.find("\n## ", from + 1) - from);
    std::set<std::string> out;
    for (const auto& cell : found(table, "\n\\| (`[^|]*) \\|"))
        out.merge(found(cell, "`([a-z_]+)`"));
    return out;
}

} // namespace

TEST_CASE("docs/formats/log.md names every action of the agent's log, and no other") {
    CHECK(said_in_source().size() > 25);
    CHECK(said_in_source() == said_in_the_page());
}

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
