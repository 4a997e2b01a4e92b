#include "daemon/json_log.hpp"

#include "support/golden.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>

namespace cairn::daemon {
namespace {

using namespace std::chrono_literals;

// A log into a file of its own, at a clock that is set.
struct written {
    testing::set_clock time;
    std::FILE* file = std::tmpfile();
    json_log log{time, file};

    ~written() { std::fclose(file); }
    [[nodiscard]] std::string text() const {
        std::fflush(file);
        std::rewind(file);
        std::array<char, 65536> all{};
        return {all.data(), std::fread(all.data(), 1, all.size(), file)};
    }
};

constexpr const char* trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

} // namespace

TEST_CASE("a log line has the form that docs/formats/log.md gives it") {
    written w;
    w.log.set_base(log_level::debug);
    w.log.write(log_level::info, "listening", "calls on port 7443");
    w.log.write(log_level::error, "reload_failed", "as before: \"x\"");
    auto more = trace_of(trace);
    more.push_back({"event.outcome", "success"});
    more.push_back({"cairn.agency", "oakfield"});
    more.push_back({"cairn.stage", "ledger"});
    w.log.write(log_level::debug, "concern_accepted", "new", more);
    const auto compared = test::golden("log.jsonl", w.text());
    INFO(compared.difference);
    CHECK(compared.same);
}

TEST_CASE("what is below the level is neither written nor kept") {
    written w;
    w.log.write(log_level::debug, "quiet", "");
    CHECK(w.log.last_lines().empty());
    w.log.write(log_level::warning, "loud", "");
    CHECK(w.log.last_lines().size() == 1);
    CHECK(w.text().find("quiet") == std::string::npos);
}

TEST_CASE("another level is for a time and ends once") {
    written w;
    const wall_time start = w.time.wall;
    w.log.set_for_now(log_level::debug, start + 10min);
    CHECK(w.log.takes(log_level::debug));
    CHECK_FALSE(w.log.look(start + 9min));
    // A reload meanwhile changes what it goes back to.
    w.log.set_base(log_level::warning);
    CHECK(w.log.takes(log_level::debug));
    CHECK(w.log.look(start + 10min));
    CHECK(w.log.level() == log_level::warning);
    CHECK_FALSE(w.log.until());
    CHECK_FALSE(w.log.look(start + 11min));
    w.log.set_for_now(log_level::error, start + 20min);
    w.log.set_back();
    CHECK(w.log.level() == log_level::warning);
}

TEST_CASE("the lines kept for a bundle are the last ones, in a bounded number and size") {
    written w;
    for (int i = 0; i < 2000; ++i) w.log.write(log_level::info, "n", std::to_string(i));
    auto lines = w.log.last_lines();
    REQUIRE(lines.size() == json_log::kept_lines);
    CHECK(lines.back().find("\"1999\"") != std::string::npos);
    for (int i = 0; i < 10; ++i) w.log.write(log_level::info, "big", std::string(100'000, 'x'));
    std::size_t bytes = 0;
    for (const auto& l : w.log.last_lines()) bytes += l.size();
    CHECK(bytes <= json_log::kept_bytes);
}

TEST_CASE("only a well-formed trace is taken into the log") {
    const auto found = trace_of(trace);
    REQUIRE(found.size() == 2);
    CHECK(found[0].value == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(found[1].value == "00f067aa0ba902b7");
    const std::string zero(16, '0');
    CHECK(trace_of("").empty());
    CHECK(trace_of("Tamsin Oakley, 3 Larkspur Way, Northshire, and what else").empty());
    CHECK(trace_of("00-" + zero + zero + "-00f067aa0ba902b7-01").empty());
    CHECK(trace_of("00-4bf92f3577b34da6a3ce929d0e0e4736-" + zero + "-01").empty());
    CHECK(trace_of("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").empty());
}

} // namespace cairn::daemon
