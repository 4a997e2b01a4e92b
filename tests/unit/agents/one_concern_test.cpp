// A file is one concern under one key: dropped again, renamed, or read again after a kill.
#include "agents/apps/plain_agent.hpp"

#include "agent_bench.hpp"
#include "agents/apps/pickup.hpp"
#include "agents/core/uuid7.hpp"
#include "core/crypto.hpp"

using namespace cairn::agents;
using namespace cairn::agents::apps;
using namespace agents_test;
namespace fs = std::filesystem;

namespace {

// Puts a.json as an agent leaves it that is killed between journal and removal; gives its key.
std::string left_by_a_kill(bench& b) {
    b.drop("a.json", good_json);
    const auto picked =
        pick_up("a.json", good_json, {b.config.defaults, "", b.time.wall_now(), b.random});
    REQUIRE_OK(picked);
    auto rows = picked->rows;
    rows[0].source = cairn::to_hex(cairn::view(cairn::sha256(good_json)));
    REQUIRE_OK(b.store->append(rows));
    return rows[0].key;
}

} // namespace

TEST_CASE("a file with a key of its own keeps it, and the same key with other content is rejected"
) {
    bench b;
    const std::string with_key =
        std::string(R"({"key":"school-0001","concern":)") + good_json + "}";
    b.drop("a.json", with_key);
    b.start();
    b.run();
    CHECK(b.broker.submitted == std::vector<std::string>{"school-0001"});
    // Written differently, it is the same concern under the same key.
    b.drop("b.json", with_key + "\n");
    b.run();
    CHECK(b.broker.submitted.size() == 1);
    CHECK(names_in(b.where.rejected).empty());
    CHECK(b.duplicate_answer().find("school-0001; it was accepted") != std::string::npos);
    b.drop("c.json", R"({"key":"school-0001","concern":{"desks":["a/b"]}})");
    b.run();
    CHECK(b.broker.submitted.size() == 1);
    CHECK(read_file(b.rejected() / "reason.txt").find("new key") != std::string::npos);
}

TEST_CASE("a kill between journal and removal sends nothing twice") {
    bench b;
    const std::string key = left_by_a_kill(b);
    b.start();
    b.run();
    CHECK(b.broker.submitted == std::vector<std::string>{key});
    CHECK(names_in(b.where.outbox).empty());
}

TEST_CASE("a concern without a key has a UUIDv7 of the moment, the same one after a restart") {
    bench b;
    const auto open_journal = [&b] {
        b.store.reset();
        auto opened = open_sqlite_outbox(b.where.journal.string());
        REQUIRE_OK(opened);
        b.store = std::move(*opened);
    };
    open_journal();
    b.broker.answers = false;
    b.start();
    b.run();
    const auto before = b.time.wall_now();
    b.drop("a.json", good_json);
    b.run();
    REQUIRE(b.broker.submitted.size() == 1);
    const auto key = b.broker.submitted[0];
    INFO(key);
    // RFC 9562: version 7 and variant 10 in a text of lower-case hex.
    REQUIRE(key.size() == 36);
    for (std::size_t i = 0; i < key.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        CHECK((dash ? key[i] == '-' : std::string("0123456789abcdef").find(key[i]) != key.npos));
    }
    CHECK(key[14] == '7');
    CHECK(std::string("89ab").find(key[19]) != std::string::npos);
    const auto at = uuid7_time(key);
    REQUIRE(at);
    CHECK(*at >= before);
    CHECK(*at <= b.time.wall_now());

    b.agent->stop();
    b.agent.reset();
    b.broker.cut();
    b.broker.answers = true;
    b.time.advance(std::chrono::hours(24));
    open_journal();
    b.start();
    b.run(60);
    CHECK(b.broker.submitted == std::vector<std::string>{key, key});
    CHECK(b.broker.requests[0] == b.broker.requests[1]);
    CHECK(fs::exists(b.where.sent / (key + ".tlog-proof")));
}

TEST_CASE("the same file twice is one concern and an honest answer") {
    bench b;
    b.drop("a.json", good_json);
    b.start();
    b.run();
    REQUIRE(b.broker.submitted.size() == 1);
    CHECK(b.duplicate_answer().empty());
    b.drop("Asha again.json", good_json);
    b.run();
    CHECK(b.broker.submitted.size() == 1);
    CHECK(names_in(b.where.outbox).empty());
    CHECK(
        b.duplicate_answer().find(b.broker.submitted[0] + "; it was accepted") != std::string::npos
    );
    CHECK(b.duplicate_answer().find("nothing was sent again") != std::string::npos);
    CHECK(b.log.find("duplicate") != std::string::npos);
    CHECK(b.log.find("Asha") == std::string::npos);
}

TEST_CASE("the same file with another sidecar is another concern") {
    bench b;
    b.start();
    for (const char* purpose : {"cin17", "early_help", "cin17"}) {
        b.drop("a.json.toml", std::string("purpose = \"") + purpose + "\"\n");
        b.drop("a.json", good_json);
        b.run();
        CHECK(names_in(b.where.outbox).empty());
    }
    CHECK(b.broker.submitted.size() == 2);
    CHECK(b.duplicate_answer().find("it was accepted") != std::string::npos);
}

TEST_CASE("the same file while the first still waits says that it is not answered yet") {
    bench b;
    b.broker.reachable = false;
    b.drop("a.json", good_json);
    b.start();
    b.run();
    b.drop("b.json", good_json);
    b.run();
    CHECK(b.duplicate_answer().find("not answered yet") != std::string::npos);
    b.broker.reachable = true;
    b.run(120);
    CHECK(b.broker.submitted.size() == 1);
}

TEST_CASE("the same file after a refusal is tried anew") {
    bench b;
    b.broker.refuse_number = static_cast<std::uint32_t>(errc::no_route);
    b.drop("a.json", good_json);
    b.start();
    b.run();
    CHECK(b.broker.submitted.size() == 1);
    b.broker.refuse_number = 0;
    b.drop("a.json", good_json);
    b.run();
    CHECK(b.broker.submitted.size() == 2);
    CHECK(b.duplicate_answer().empty());
}

TEST_CASE("a file renamed in flight is one concern") {
    bench b;
    const std::string key = left_by_a_kill(b);
    // As it is when the name changes between reading and removing.
    fs::rename(b.where.outbox / "a.json", b.where.outbox / "b.json");
    b.start();
    b.run();
    CHECK(b.broker.submitted == std::vector<std::string>{key});
    CHECK(names_in(b.where.outbox).empty());
    CHECK(b.duplicate_answer().empty());
}

TEST_CASE("a kill between the answer and the receipt loses neither") {
    bench b;
    v1::PublishResponse answer;
    answer.mutable_accepted()->set_receipt("the receipt");
    submission row;
    row.key = "school-0001";
    row.request = "x";
    REQUIRE_OK(b.store->append({row}));
    REQUIRE_OK(b.store->settle(row.key, submission_state::accepted, answer.SerializeAsString()));
    b.start();
    b.run();
    CHECK(read_file(b.where.sent / "school-0001.tlog-proof") == "the receipt");
    CHECK(b.broker.submitted.empty());
}
