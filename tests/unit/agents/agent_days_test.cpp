// What happens to an agent over its days: recalls, a broker that is away, hooks, replies, clocks.
#include "agent_bench.hpp"
#include "agents/apps/status_page.hpp"

using namespace agents_test;

TEST_CASE("a recall takes the notice out of the inbox before it is confirmed, and says what remains"
) {
    bench b;
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    b.start();
    b.run();
    REQUIRE(fs::exists(b.where.inbox / "5.json"));
    // What other profiles write beside goes with it; another notice does not.
    write_file(b.where.inbox / "5.fhir.json", "x");
    write_file(b.where.inbox / "55.json", "x");
    auto recall = make_delivery(7, "oakfield/dsl");
    recall.mutable_notice()->set_kind(v1::CONCERN_KIND_RECALL);
    recall.mutable_notice()->set_concern_id("ffffffffffffffffffffffffffffffff");
    recall.mutable_notice()->mutable_content()->set_in_reply_to("0123456789abcdef0123456789abcdef");
    recall.mutable_notice()->mutable_content()->mutable_recall()->set_reason("wrong child");
    b.broker.deliveries.push_back(recall);
    b.broker.cut();
    b.run(60);
    CHECK(
        names_in(b.where.inbox) == std::vector<std::string>{"55.json", "7.html", "7.json", "7.pb"}
    );
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 7});
    const auto page = read_file(b.where.recalled / "5.html");
    CHECK(page.find("recalled by its sender") != std::string::npos);
    CHECK(page.find("notice 7") != std::string::npos);
    CHECK(page.find("0123456789abcdef0123456789abcdef") != std::string::npos);
    for (const auto& name : names_in(b.where.recalled)) {
        const auto text = read_file(b.where.recalled / name);
        CHECK(text.find("summary 5") == std::string::npos);
        CHECK(text.find("wrong child") == std::string::npos);
    }
}

TEST_CASE("a recall that cannot be obeyed is not confirmed") {
    bench b;
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    b.start();
    b.run();
    auto recall = make_delivery(7, "oakfield/dsl");
    recall.mutable_notice()->set_kind(v1::CONCERN_KIND_RECALL);
    recall.mutable_notice()->set_concern_id("ffffffffffffffffffffffffffffffff");
    recall.mutable_notice()->mutable_content()->set_in_reply_to("0123456789abcdef0123456789abcdef");
    b.broker.deliveries.push_back(recall);
    fs::remove(b.where.recalled);
    write_file(b.where.recalled, "a file where the folder should be");
    b.broker.cut();
    b.run(60);
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5});
    CHECK(fs::exists(b.where.inbox / "5.json"));
    fs::remove(b.where.recalled);
    b.run(120);
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 7});
    CHECK_FALSE(fs::exists(b.where.inbox / "5.json"));
}

TEST_CASE("an agent whose broker is away for days keeps what is dropped and tells its users so") {
    bench b;
    b.broker.reachable = false;
    b.config.poll = std::chrono::seconds(60);
    b.drop("a.json", good_json);
    b.start();
    b.broker.run_for(std::chrono::hours(24 * 5));
    const auto page = read_file(b.where.root / "status.html");
    INFO(page);
    CHECK(page.find("Not connected to the broker for 5 days") != std::string::npos);
    CHECK(page.find("1 waiting, kept and sent when it is back") != std::string::npos);
    CHECK(page.find("In an emergency ring") != std::string::npos);
    CHECK(page.find("No connection to the broker") != std::string::npos);
    CHECK(page.find("closed port") != std::string::npos);
    CHECK(page.find("cairn check connect") != std::string::npos);
    const auto json = read_file(b.where.root / "status.json");
    CHECK(json.find("\"state\": \"critical\"") != std::string::npos);
    CHECK(json.find("\"concerns_waiting\": 1") != std::string::npos);
    CHECK(report_status(json, b.time.wall_now()).code == 2);
    // It begins once, however often it fails.
    std::size_t told = 0;
    for (auto at = b.log.find("problem broker"); at != std::string::npos;
         at = b.log.find("problem broker", at + 1))
        ++told;
    CHECK(told == 1);
    CHECK(b.broker.dials > 5 * 24 * 60 / 2);

    b.broker.reachable = true;
    b.broker.run_for(std::chrono::minutes(5));
    CHECK(b.broker.submitted.size() == 1);
    const auto after = read_file(b.where.root / "status.json");
    CHECK(after.find("\"state\": \"good\"") != std::string::npos);
    CHECK(b.log.find("problem_over broker") != std::string::npos);
    CHECK(report_status(after, b.time.wall_now()).code == 0);
    // The agent is not running any more when its status grows old.
    CHECK(report_status(after, b.time.wall_now() + std::chrono::minutes(10)).code == 2);
    CHECK(report_status("{}", b.time.wall_now()).code == 3);
}

TEST_CASE("a clock that is behind the broker's is told, and nothing is lost") {
    bench b;
    auto late = make_delivery(5, "oakfield/dsl");
    late.set_recorded_at_us(to_us(b.time.wall_now() + std::chrono::hours(1)));
    b.broker.deliveries = {late};
    b.start();
    b.run();
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5});
    CHECK(read_file(b.where.root / "status.html").find("minutes behind") != std::string::npos);
}

TEST_CASE("a clock an hour off, either way, is told by a receipt until one says that it is right") {
    for (const auto& [broker_ahead, words] :
         {std::pair(std::chrono::hours(-1), "this machine is 60 minutes ahead"),
          std::pair(std::chrono::hours(1), "this machine is 60 minutes behind")}) {
        bench b;
        b.start();
        b.run();
        CHECK(report_status(read_file(b.where.root / "status.json"), b.time.wall_now()).code == 0);
        b.broker.clock_ahead = broker_ahead;
        b.drop("a.json", good_json);
        b.run(20);
        REQUIRE(b.broker.submitted.size() == 1);
        const auto json = read_file(b.where.root / "status.json");
        INFO(json);
        CHECK(json.find("\"symbol\": \"clock_off\"") != std::string::npos);
        CHECK(json.find(words) != std::string::npos);
        CHECK(json.find("\"state\": \"warning\"") != std::string::npos);
        const auto page = read_file(b.where.root / "status.html");
        CHECK(page.find(words) != std::string::npos);
        CHECK(page.find("take its time from a time server") != std::string::npos);
        CHECK(report_status(json, b.time.wall_now()).code == 1);
        CHECK(b.log.find("problem clock clock_off\n") != std::string::npos);
        // The concern is accepted all the same.
        CHECK(names_in(b.where.sent).size() == 2);

        b.broker.clock_ahead = std::chrono::microseconds(0);
        b.drop("b.json", std::string(good_json) + "\n");
        b.drop("b.json.toml", "purpose = \"cin17\"\n");
        b.run(20);
        REQUIRE(b.broker.submitted.size() == 2);
        CHECK(b.log.find("problem_over clock\n") != std::string::npos);
        CHECK(report_status(read_file(b.where.root / "status.json"), b.time.wall_now()).code == 0);
    }
}

TEST_CASE("a concern that waited for the broker says nothing of the clocks when it is answered") {
    bench b;
    b.broker.reachable = false;
    b.drop("a.json", good_json);
    b.start();
    b.run();
    // As when the answer of an earlier life was lost: the receipt says when it was first recorded.
    b.broker.clock_ahead = std::chrono::hours(-1);
    b.broker.reachable = true;
    b.run(120);
    REQUIRE(b.broker.submitted.size() == 1);
    CHECK(b.log.find("clock") == std::string::npos);
}

namespace {

void age(const fs::path& path, std::chrono::hours by, cairn::wall_time now) {
    write_file(path, "x");
    fs::last_write_time(path, fs::file_time_type::clock::from_sys(now - by));
}

} // namespace

TEST_CASE("a running agent deletes by the days of agent.toml, each hour, and logs how many") {
    using std::chrono::hours;
    const auto config = parse_config(
        "[broker]\nhost = \"x\"\nport = 1\n"
        "[tls]\ncertificate = \"c\"\nkey = \"k\"\nauthority = \"a\"\n"
        "[agent]\nfolder = \"f\"\n"
        "[keep]\ninbox_days = 7\nsent_days = 3\nrejected_days = 0\nrecalled_days = 2\n",
        "/base"
    );
    REQUIRE_OK(config);
    bench b;
    b.config.keep = config->keep;
    b.config.poll = std::chrono::seconds(60);
    const auto now = b.time.wall_now();
    const auto old_receipt = b.where.sent / "old.json";
    const auto old_notice = b.where.inbox / "5.json";
    const auto old_recall = b.where.recalled / "4.json";
    age(b.where.rejected / "kept.json", hours(24 * 3000), now);
    age(b.where.inbox / "6.json", hours(24 * 3), now);
    age(old_receipt, hours(24 * 4), now);
    age(old_notice, hours(24 * 6), now);
    age(old_recall, hours(24 * 1), now);
    b.start();
    b.run();
    CHECK_FALSE(fs::exists(old_receipt));
    CHECK(b.log.find("retention deleted 1\n") != std::string::npos);
    b.broker.run_for(hours(23));
    CHECK(fs::exists(old_notice));
    CHECK(fs::exists(old_recall));
    b.broker.run_for(hours(2));
    CHECK_FALSE(fs::exists(old_notice));
    CHECK_FALSE(fs::exists(old_recall));
    CHECK(fs::exists(b.where.inbox / "6.json"));
    CHECK(fs::exists(b.where.rejected / "kept.json"));
    CHECK(b.log.find("retention deleted 2\n") != std::string::npos);
}

namespace {

// Takes what it is told to take; the test says how each ends.
struct scripted_hook final : hook {
    done_function done;
    std::vector<notice_event>* told;
    std::size_t* room;
    bool tell(notice_event e) override {
        if (*room == 0) return false;
        --*room;
        told->push_back(std::move(e));
        return true;
    }
    void stop() override {}
};

} // namespace

TEST_CASE("an event for a notice is told until it is taken, through a restart, and blocks nothing"
) {
    bench b;
    std::vector<notice_event> told;
    std::size_t room = 1;
    hook::done_function done;
    b.config.hook.url = "http://127.0.0.1:1/";
    b.hooks = [&](hook_options, hook::done_function d) -> result<std::unique_ptr<hook>> {
        done = d;
        auto made = std::make_unique<scripted_hook>();
        made->told = &told;
        made->room = &room;
        return std::unique_ptr<hook>(std::move(made));
    };
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl"), make_delivery(6, "oakfield/dsl")};
    b.start();
    b.run();
    // One hangs; both notices are confirmed all the same.
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 6});
    REQUIRE(told.size() == 1);
    CHECK(told[0].position == 5);
    CHECK(told[0].type == "cairn.notice.received");
    CHECK(told[0].concern_id == "0123456789abcdef0123456789abcdef");
    room = 1;
    done(told[0], fail(errc::hook_failed, "address: no answer in time"));
    b.run();
    REQUIRE(told.size() == 2);
    CHECK(told[1].position == 6);
    CHECK(
        read_file(b.where.root / "status.html").find("address: no answer in time") !=
        std::string::npos
    );
    done(told[1], status());
    room = 9;
    b.run(20);
    // Told again under the same id, after a pause.
    REQUIRE(told.size() == 3);
    CHECK(told[2].id == told[0].id);
    CHECK(told[2].tries == 1);
    // Killed while it runs: the next life tells it again.
    b.agent->stop();
    told.clear();
    b.agent.reset();
    b.start();
    b.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].position == 5);
    done(told[0], status());
    b.run(120);
    CHECK(told.size() == 1);
    CHECK(*b.book->events_waiting() == 0);
}

TEST_CASE("replies of the agency's own system are sent once, whatever it does with its file") {
    bench b;
    const auto file = b.folder.path() / "replies.csv";
    b.config.replies.file = file.string();
    b.config.replies.words = {
        {"read", v1::Outcome::DECISION_UNSPECIFIED}, {"closed", v1::Outcome::DECISION_NFA}};
    b.broker.deliveries = {make_delivery(5, "oakfield/dsl")};
    b.start();
    b.run();
    const std::string heads = "reference,status,text\r\n";
    const std::string id = "0123456789ABCDEF0123456789ABCDEF";
    write_file(file, heads + id + ",Read,\r\n" + id + ",Clo");
    b.run();
    REQUIRE(b.broker.requests.size() == 1);
    v1::SubmitRequest sent;
    REQUIRE(sent.ParseFromString(b.broker.requests[0]));
    CHECK(sent.concern().has_acknowledgement());
    CHECK(sent.concern().in_reply_to() == "0123456789abcdef0123456789abcdef");
    CHECK(sent.concern().acting().role() == "dsl");
    write_file(file, heads + id + ",closed,seen at home\r\n" + id + ",Read,\r\n" + "f,Read,\r\n");
    b.run();
    REQUIRE(b.broker.requests.size() == 2);
    REQUIRE(sent.ParseFromString(b.broker.requests[1]));
    CHECK(sent.concern().outcome().decision() == v1::Outcome::DECISION_NFA);
    CHECK(sent.concern().outcome().reason() == "seen at home");
    CHECK(
        read_file(b.where.root / "replies-errors.txt").find("line 4: reference is no") !=
        std::string::npos
    );
    CHECK(read_file(b.where.root / "status.html").find("line 4") != std::string::npos);
    // Written anew, in another order, after a restart: nothing is sent again.
    write_file(file, heads + id + ",read,\r\n" + id + ",closed,seen at home\r\n");
    b.agent->stop();
    b.start();
    b.run();
    CHECK(b.broker.requests.size() == 2);
    CHECK_FALSE(fs::exists(b.where.root / "replies-errors.txt"));
    CHECK((*b.book->find("oakfield/dsl", 5))->acknowledged);
}
