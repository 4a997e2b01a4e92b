#include "agents/core/client.hpp"

#include "fake_broker.hpp"

#include <catch2/catch.hpp>

using namespace cairn::agents;
using namespace agents_test;

namespace {

constexpr const char* desk = "oakfield/dsl";

struct bench {
    bench() : broker(time), store(make_memory_outbox()) {}
    ~bench() {
        if (client) client->stop();
        broker.stop();
    }

    void start() {
        client_hooks hooks;
        hooks.store = [this](const std::string&, const delivery& d) -> status {
            if (store_fails > 0) {
                --store_fails;
                return fail(errc::storage_full, "inbox");
            }
            kept.push_back(d.position);
            return {};
        };
        hooks.settled = [this](const std::vector<std::string>& keys) {
            settled.insert(settled.end(), keys.begin(), keys.end());
        };
        hooks.log = [this](log_level, std::string_view what, std::string_view) {
            log.emplace_back(what);
        };
        auto made = make_agent_client(broker, {}, *store, time, random, {desk}, std::move(hooks));
        REQUIRE_OK(made);
        client = *made;
        client->start();
    }

    void queue(const std::string& key) {
        v1::SubmitRequest request;
        request.set_key(key);
        request.mutable_concern()->set_purpose(v1::PURPOSE_S47);
        submission row;
        row.key = key;
        row.request = request.SerializeAsString();
        REQUIRE_OK(store->append({row}));
    }

    counting_random random;
    manual_clock time;
    fake_broker broker;
    std::unique_ptr<outbox_store> store;
    std::shared_ptr<agent_client> client;
    std::vector<std::uint64_t> kept;
    std::vector<std::string> settled;
    std::vector<std::string> log;
    int store_fails = 0;
};

} // namespace

TEST_CASE("a client sends the exact bytes of the outbox and settles the answer durably") {
    bench b;
    b.queue("key-0001");
    const auto sent = b.store->find("key-0001")->request;
    b.start();
    b.queue("key-0002");
    b.client->queued("key-0002");
    b.broker.run_for(std::chrono::seconds(1));
    CHECK(b.broker.submitted == std::vector<std::string>{"key-0001", "key-0002"});
    CHECK(b.broker.requests.at(0) == sent);
    CHECK(b.settled == std::vector<std::string>{"key-0001", "key-0002"});
    const auto row = b.store->find("key-0001");
    CHECK(row->state == submission_state::accepted);
    v1::PublishResponse answer;
    REQUIRE(answer.ParseFromString(row->answer));
    CHECK(answer.accepted().receipt().find("receipt of key-0001") != std::string::npos);
    CHECK(b.client->state().load.unanswered == 0);
}

TEST_CASE("a client stores, then confirms, and remembers both") {
    bench b;
    b.broker.deliveries = {make_delivery(5, desk), make_delivery(6, desk)};
    b.start();
    b.broker.run_for(std::chrono::seconds(1));
    CHECK(b.kept == std::vector<std::uint64_t>{5, 6});
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 6});
    CHECK(*b.store->last_stored(desk) == 6);
    CHECK(b.store->unconfirmed(desk)->empty());
    CHECK(b.client->state().notices_stored == 2);
}

TEST_CASE("a client whose broker is away keeps trying with growing waits, then delivers") {
    bench b;
    b.broker.reachable = false;
    b.queue("key-0001");
    b.start();
    b.broker.run_for(std::chrono::minutes(5));
    const int tries = b.broker.dials;
    CHECK(tries > 5);
    CHECK(tries < 30);
    CHECK(b.settled.empty());
    b.broker.reachable = true;
    b.broker.run_for(std::chrono::minutes(2));
    CHECK(b.settled == std::vector<std::string>{"key-0001"});
}

TEST_CASE("a client that loses its connection resumes after the last stored notice") {
    bench b;
    b.broker.deliveries = {make_delivery(5, desk)};
    b.start();
    b.broker.run_for(std::chrono::seconds(1));
    b.broker.deliveries.push_back(make_delivery(8, desk));
    b.broker.cut();
    b.broker.run_for(std::chrono::minutes(2));
    CHECK(b.kept == std::vector<std::uint64_t>{5, 8});
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 8});
}

TEST_CASE("a notice that cannot be stored is not confirmed and is fetched again") {
    bench b;
    b.store_fails = 2;
    b.broker.deliveries = {make_delivery(5, desk), make_delivery(6, desk)};
    b.start();
    b.broker.run_ready();
    CHECK(b.broker.confirmed.empty());
    b.broker.run_for(std::chrono::minutes(2));
    CHECK(b.kept == std::vector<std::uint64_t>{5, 6});
    CHECK(b.broker.confirmed == std::vector<std::uint64_t>{5, 6});
}

TEST_CASE("a refusal is settled as one, with the broker's words kept") {
    bench b;
    b.broker.refuse_number = static_cast<std::uint32_t>(errc::no_route);
    b.queue("key-0001");
    b.start();
    b.broker.run_for(std::chrono::seconds(1));
    const auto row = b.store->find("key-0001");
    CHECK(row->state == submission_state::refused);
    v1::PublishResponse answer;
    REQUIRE(answer.ParseFromString(row->answer));
    CHECK(answer.refused().where() == "desks");
}

TEST_CASE("a connection being made by outdated options is given up for one by the new ones") {
    bench b;
    b.queue("school-0001");
    const bool reachable = GENERATE(true, false);
    b.broker.reachable = reachable;
    b.start();
    REQUIRE(b.broker.dials == 1);
    transport::dial_options renewed;
    renewed.host = "renewed";
    b.client->redial(renewed);
    b.broker.reachable = true;
    b.broker.run_ready();
    CHECK(b.broker.dials == 2);
    CHECK(b.broker.last_host == "renewed");
    CHECK(b.broker.closed == (reachable ? 1 : 0));
    CHECK(b.log == std::vector<std::string>{"connected"});
    b.broker.run_for(std::chrono::minutes(1));
    CHECK(b.settled == std::vector<std::string>{"school-0001"});
    CHECK(b.broker.dials == 2);
}

TEST_CASE("a client that was stopped does nothing more") {
    bench b;
    b.broker.reachable = false;
    b.start();
    b.broker.run_for(std::chrono::seconds(1));
    b.client->stop();
    const int tries = b.broker.dials;
    b.broker.run_for(std::chrono::minutes(5));
    CHECK(b.broker.dials == tries);
}
