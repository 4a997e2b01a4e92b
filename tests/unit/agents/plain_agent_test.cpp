#include "agents/apps/plain_agent.hpp"

#include "agent_bench.hpp"
#include "agents/apps/compare_command.hpp"

#include <sys/stat.h>

using namespace cairn::agents;
using namespace cairn::agents::apps;
using namespace agents_test;
namespace fs = std::filesystem;

TEST_CASE("a dropped concern is sent with the profile's defaults, and sent/ keeps receipts only") {
    bench b;
    b.drop("Asha Example.json", good_json);
    b.start();
    b.run();
    REQUIRE(b.broker.requests.size() == 1);
    v1::SubmitRequest sent;
    REQUIRE(sent.ParseFromString(b.broker.requests[0]));
    CHECK(sent.concern().purpose() == v1::PURPOSE_S47);
    CHECK(sent.concern().bases(0) == v1::LAWFUL_BASIS_6E);
    CHECK(sent.concern().acting().role() == "dsl");
    CHECK(sent.concern().desks(0) == "northshire-council/front_door");
    CHECK(names_in(b.where.outbox).empty());
    const auto& key = b.broker.submitted[0];
    CHECK(names_in(b.where.sent) == std::vector<std::string>{key + ".json", key + ".tlog-proof"});
    CHECK(read_file(b.where.sent / (key + ".json")).find("concernId") != std::string::npos);
    // Neither the file's name nor anything in it is logged.
    CHECK(b.log.find("Asha") == std::string::npos);
    CHECK(b.log.find("front_door") == std::string::npos);
}

TEST_CASE("a malformed file goes to rejected/ with what, where and what next beside it") {
    const std::pair<const char*, const char*> cases[] = {
        {"{\n \"purpose\": ", "line 2"},
        {"[]", "nothing in it"},
        {"[1]", "not a JSON object"},
        {"", "line 1"},
        {R"({"porpoise":1})", "porpoise, no such field"},
        {R"({"persons":[{"ref":"child-1"},{"sex":"SECRET"}]})", "persons[1].sex"},
        {R"({"key":"../../etc","concern":{}})", "key: 8 to 64"},
    };
    for (const auto& [content, place] : cases) {
        INFO(content);
        bench b;
        b.drop("x.json", content);
        b.start();
        b.run();
        CHECK(b.broker.submitted.empty());
        CHECK(names_in(b.where.outbox).empty());
        CHECK(read_file(b.rejected() / "file.json") == content);
        const auto reason = read_file(b.rejected() / "reason.txt");
        INFO(reason);
        CHECK(reason.find(place) != std::string::npos);
        CHECK(reason.find("What next:") != std::string::npos);
        CHECK(reason.find("SECRET") == std::string::npos);
        CHECK(b.log.find("porpoise") == std::string::npos);
    }
}

TEST_CASE("a file of no known format and one too large are rejected") {
    bench b;
    b.drop("letter.docx", "x");
    b.start();
    b.run();
    CHECK(read_file(b.rejected() / "reason.txt").find(".json, .xml and .csv") != std::string::npos);

    bench large;
    // Sparse: a gigabyte that takes no room.
    std::ofstream(large.where.outbox / "large.csv") << "CHILD,DOB";
    fs::resize_file(large.where.outbox / "large.csv", std::size_t{1024} * 1024 * 1024);
    large.start();
    large.run();
    CHECK(read_file(large.rejected() / "reason.txt").find("limit") != std::string::npos);
    CHECK(names_in(large.rejected()) == std::vector<std::string>{"file.csv", "reason.txt"});
}

TEST_CASE("a file still growing, a dotfile, a temporary file and a link are left alone") {
    bench b;
    b.drop(".hidden.json", good_json);
    b.drop("part.tmp", good_json);
    b.drop("held.json", good_json);
    b.drop("held.json.lock", "");
    b.config.quiet = std::chrono::milliseconds(600);
    fs::create_symlink("/etc/hostname", b.where.outbox / "link.json");
    b.start();
    b.broker.run_ready();
    for (int i = 0; i < 6; ++i) {
        b.drop("growing.json", std::string("{") + std::string(static_cast<std::size_t>(i), ' '));
        b.broker.run_for(b.config.poll);
    }
    CHECK(b.broker.submitted.empty());
    CHECK(names_in(b.where.rejected).empty());
    b.drop("growing.json", good_json);
    b.run();
    CHECK(b.broker.submitted.size() == 1);
    CHECK(
        names_in(b.where.outbox) ==
        std::vector<std::string>{
            ".hidden.json", "held.json", "held.json.lock", "link.json", "part.tmp"}
    );
    fs::remove(b.where.outbox / "held.json.lock");
    b.drop("held.json", std::string(" ") + good_json);
    b.run();
    CHECK(b.broker.submitted.size() == 2);
}

TEST_CASE("a sidecar is set aside with the file that is refused, under a name that says nothing") {
    bench b;
    b.start();
    b.drop("Asha.json.toml", "porpoise = \"s47\"\n");
    b.drop("Asha.json", good_json);
    b.run();
    CHECK(b.broker.submitted.empty());
    CHECK(names_in(b.where.outbox).empty());
    const auto rejected = names_in(b.where.rejected);
    REQUIRE(rejected.size() == 1);
    const auto kept = names_in(b.where.rejected / rejected[0]);
    CHECK(kept == std::vector<std::string>{"file.json", "reason.txt", "sidecar.toml"});
}

TEST_CASE("a refused concern comes back with the broker's reason") {
    bench b;
    b.broker.refuse_number = static_cast<std::uint32_t>(errc::no_route);
    b.drop("a.json", good_json);
    b.start();
    b.run();
    const auto reason = read_file(b.rejected() / "reason.txt");
    CHECK(reason.find("Where: desks") != std::string::npos);
    CHECK(reason.find("Address a desk") != std::string::npos);
    CHECK(read_file(b.rejected() / "file.json").find("INCIDENT_NEGLECT") != std::string::npos);
    CHECK(names_in(b.where.sent).empty());
}

TEST_CASE("a census return becomes a concern a child and a report without values") {
    bench b;
    b.drop(
        "cin.xml",
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children><Child><ChildIdentifiers><UPN>A123456789123</UPN></ChildIdentifiers>"
        "</Child><Child><ChildIdentifiers><Sex>2</Sex></ChildIdentifiers></Child></Children>"
        "</Message>"
    );
    b.start();
    b.run();
    CHECK(b.broker.submitted.size() == 2);
    int reports = 0;
    for (const auto& name : names_in(b.where.sent)) {
        if (name.find(".report.txt") == std::string::npos) continue;
        ++reports;
        const auto text = read_file(b.where.sent / name);
        CHECK(text.find("concerns 2, warnings 1") != std::string::npos);
        CHECK(text.find("A123456789123") == std::string::npos);
        struct stat info {};
        REQUIRE(::stat((b.where.sent / name).c_str(), &info) == 0);
        CHECK((info.st_mode & 0777U) == 0600U);
    }
    CHECK(reports == 1);
}

TEST_CASE("a census return that is cut or carries a document type is rejected with its line") {
    bench b;
    b.drop("cin.xml", "<Message>\n<!DOCTYPE x>");
    b.start();
    b.run();
    CHECK(read_file(b.rejected() / "reason.txt").find("line 2") != std::string::npos);
    CHECK(fs::exists(b.rejected() / "file.xml"));
}

TEST_CASE("once ends when all is answered and nothing more comes, and a limit ends it otherwise") {
    bench b;
    b.drop("a.json", good_json);
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    end_options end;
    end.once = true;
    b.start(end);
    b.run(10);
    CHECK(b.ended == 1);
    CHECK(b.broker.submitted.size() == 1);
    CHECK(b.broker.confirmed.size() == 1);

    bench away;
    away.broker.reachable = false;
    away.drop("a.json", good_json);
    end.time_limit = std::chrono::seconds(20);
    away.start(end);
    away.run(15);
    CHECK(away.ended == 0);
    away.run(10);
    CHECK(away.ended == 2);
}

TEST_CASE("until-received ends with the count") {
    bench b;
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    end_options end;
    end.until_received = 2;
    b.start(end);
    b.run(10);
    CHECK(b.ended == 0);
    b.broker.deliveries.push_back(make_delivery(6, "oakfield/dsl"));
    b.broker.cut();
    b.run(60);
    CHECK(b.ended == 1);
}

TEST_CASE("folders are closed to others, and a root that cannot be made says which") {
    bench b;
    ::chmod(b.where.inbox.c_str(), 0755);
    REQUIRE_OK(make_folders(b.config.folder));
    struct stat info {};
    REQUIRE(::stat(b.where.inbox.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0700U);
    const auto bad = make_folders("/proc/no-such-place/agent");
    REQUIRE_FAILS(bad);
    CHECK(bad.error().code == errc::storage_read_only);
    CHECK(bad.error().where == "agent");
}

TEST_CASE("compare writes a page of one concern and refuses to mix several") {
    scratch_folder folder;
    const auto concern = folder.path() / "c.json";
    write_file(concern, good_json);
    auto one = make_delivery(5, "northshire-council/front_door").notice();
    write_file(folder.path() / "5.pb", one.SerializeAsString());
    compare_options o;
    o.concern_file = concern.string();
    o.notice_folders = {folder.path().string()};
    o.out_file = (folder.path() / "demo.html").string();
    REQUIRE_OK(compare_command(o));
    CHECK(read_file(o.out_file).find("Front door, Northshire Council") != std::string::npos);
    one.set_concern_id("ffffffffffffffffffffffffffffffff");
    write_file(folder.path() / "6.pb", one.SerializeAsString());
    CHECK(compare_command(o).error().code == errc::usage);
    o.concern_id = one.concern_id();
    CHECK_OK(compare_command(o));
    o.concern_id = "0";
    CHECK(compare_command(o).error().code == errc::not_found);
}
