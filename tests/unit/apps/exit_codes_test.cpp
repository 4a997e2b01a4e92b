// The page of exit codes against the whole catalogue.
#include "apps/exit_codes.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <sstream>

namespace cairn::apps {
namespace {

// Symbol to exit code, as docs/EXIT_CODES.md has it.
std::map<std::string, int> page() {
    std::ifstream in(CAIRN_SOURCE_DIR "/docs/EXIT_CODES.md");
    std::map<std::string, int> out;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("| ", 0) != 0 || line.find("`EX_") == std::string::npos) continue;
        const int number = std::stoi(line.substr(2));
        std::istringstream words(line.substr(line.rfind(" | ", line.size() - 3)));
        for (std::string word; words >> word;) {
            if (word.front() != '`') continue;
            const std::string symbol = word.substr(1, word.size() - 2);
            INFO(symbol);
            CHECK(out.emplace(symbol, number).second);
        }
    }
    return out;
}

TEST_CASE("every error of the catalogue exits as docs/EXIT_CODES.md says") {
    auto rows = page();
    for (const error_entry& e : error_table) {
        INFO(e.symbol << " exits with " << exit_code_of(e.code));
        const auto row = rows.find(std::string(e.symbol));
        REQUIRE(row != rows.end());
        CHECK(row->second == exit_code_of(e.code));
        rows.erase(row);
    }
    CHECK(rows.empty());
}

TEST_CASE("an exit code is a number of sysexits.h, and never good") {
    for (const error_entry& e : error_table) {
        INFO(e.symbol);
        CHECK(exit_code_of(e.code) >= 64);
        CHECK(exit_code_of(e.code) <= 78);
    }
}

TEST_CASE("what a caller can mend, must wait for or may not do is told apart") {
    CHECK(exit_code_of(errc::not_found) == 66);
    CHECK(exit_code_of(errc::log_damaged) == 65);
    CHECK(exit_code_of(errc::connect_failed) == 69);
    CHECK(exit_code_of(errc::overloaded) == 75);
    CHECK(exit_code_of(errc::storage_full) == 74);
    CHECK(exit_code_of(errc::operation_not_allowed) == 77);
    CHECK(exit_code_of(errc::policy_expired) == 78);
    CHECK(exit_code_of(errc::file_exists) == 73);
}

} // namespace
} // namespace cairn::apps
