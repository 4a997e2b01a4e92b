// A support bundle says nothing of whose machine it is.
#include "daemon/operations.hpp"
#include "daemon/presence.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace cairn::daemon {

TEST_CASE("addresses and folders are left out of a text, methods and desks stay") {
    CHECK(scrubbed("192.0.2.7:4411: no client certificate") == "[address]: no client certificate");
    CHECK(scrubbed("::1:4411: cut") == "[address]: cut");
    CHECK(scrubbed("2001:db8::17:4411: cut") == "[address]: cut");
    CHECK(
        scrubbed("A file cannot be read (/home/jane.doe/x/policy.textproto)") ==
        "A file cannot be read (…/policy.textproto)"
    );
    CHECK(scrubbed("\"/srv/a b\"") == "\"…/a b\"");
    CHECK(scrubbed("(/srv/Jane Doe/x.csv, line 2)") == "(…/x.csv, line 2)");
    const std::string stays = "/cairn.v1.Admin/Reload oakfield/dsl northshire.example/2026 "
                              "2026-11-22T10:30:00.007Z 0.1.0";
    CHECK(scrubbed(stays) == stays);
    const std::string once = scrubbed("/srv/cairn/data and 192.0.2.7");
    CHECK(scrubbed(once) == once);
}

TEST_CASE("of a path only the last part is told, and of a key only whether its file is good") {
    const auto folder = std::filesystem::temp_directory_path() / "cairn-diagnose-test";
    std::filesystem::create_directories(folder);
    const std::string key = folder / "log.key";
    std::ofstream(key) << "SECRET\n";
    loaded_config c;
    c.settings = {
        {"keys.log", key, "cairnd.toml:9", true, false},
        {"policy", (folder / "none.textproto").string(), "cairnd.toml:3", true, true},
        {"listen.port", "7443", "default", false, false}};
    const auto told = [&c] {
        v1::DiagnoseResponse out;
        diagnose_settings(c, out);
        return out;
    };
    std::filesystem::permissions(key, std::filesystem::perms::owner_read);
    auto out = told();
    REQUIRE(out.settings_size() == 3);
    CHECK(out.settings(0).value() == "log.key");
    CHECK(out.settings(0).verdict() == "good, mode 0400");
    CHECK(out.settings(1).verdict() == "not there");
    CHECK(out.settings(2).value() == "7443");
    CHECK(out.settings(2).verdict().empty());
    std::filesystem::permissions(key, std::filesystem::perms::all);
    CHECK(told().settings(0).verdict() == "readable by others");
    CHECK(out.DebugString().find("SECRET") == std::string::npos);
    CHECK(out.DebugString().find("cairn-diagnose-test") == std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a desk was last seen when somebody last called for it, and never before that") {
    presence seen;
    CHECK(seen.last("oakfield/dsl") == 0);
    seen.note("oakfield/dsl", 10);
    seen.note("oakfield/dsl", 30);
    // Threads come in any order.
    seen.note("oakfield/dsl", 20);
    CHECK(seen.last("oakfield/dsl") == 30);
    CHECK(seen.last("northshire-police/mash") == 0);
}

} // namespace cairn::daemon
