#include "world.hpp"

#include "daemon/refusals.hpp"

namespace cairn::daemon {
namespace {

using namespace std::chrono_literals;
using testing::agency_caller;

struct bench {
    testing::fake_runtime rt;
    refusal_log log{rt};

    // What was recorded since the last time.
    std::vector<v1::RefusalRecord> recorded() {
        rt.ledger_.taken.clear();
        rt.ledger_.run_all();
        std::vector<v1::RefusalRecord> out;
        for (const auto& d : rt.ledger_.taken) {
            CHECK(d.kind == ledger::record_kind::refusal);
            out.push_back(testing::fake_ledger::body_of(d).refusal());
        }
        return out;
    }
};

} // namespace

TEST_CASE("a refusal is a record of who, why and how large, and nothing of what was said") {
    bench b;
    b.log.note(agency_caller("oakfield"), errc::purpose_not_allowed, 4711);
    b.rt.ledger_.run_all();
    REQUIRE(b.rt.ledger_.taken.size() == 1);
    const auto& d = b.rt.ledger_.taken[0];
    REQUIRE(d.parties.size() == 1);
    CHECK(d.parties[0].part == ledger::party::part_kind::actor);
    CHECK(d.parties[0].name == "oakfield");
    const auto body = testing::fake_ledger::body_of(d);
    CHECK(body.certificate() == std::string(64, 'c'));
    CHECK(body.refusal().agency() == "oakfield");
    CHECK(body.refusal().number() == static_cast<std::uint32_t>(errc::purpose_not_allowed));
    CHECK(body.refusal().size_bytes() == 4711);
    CHECK(body.refusal().count() == 1);
}

TEST_CASE("a flood of one refusal is a record a second that counts what it stands for") {
    bench b;
    const auto who = agency_caller("oakfield");
    b.log.note(who, errc::malformed, 1);
    CHECK(b.recorded().size() == 1);
    for (int i = 0; i < 500; ++i) b.log.note(who, errc::malformed, 1);
    b.rt.clock_.mono += 999'999'999ns;
    b.log.note(who, errc::malformed, 1);
    CHECK(b.recorded().empty());
    b.rt.clock_.mono += 1ns;
    b.log.note(who, errc::malformed, 1);
    const auto next = b.recorded();
    REQUIRE(next.size() == 1);
    CHECK(next[0].count() == 502);
    b.rt.clock_.mono += 10s;
    b.log.note(who, errc::malformed, 1);
    const auto later = b.recorded();
    REQUIRE(later.size() == 1);
    CHECK(later[0].count() == 1);
}

TEST_CASE("one agency's flood hides neither another agency's refusal nor another reason") {
    bench b;
    for (int i = 0; i < 5; ++i) {
        b.log.note(agency_caller("oakfield"), errc::malformed, 1);
        b.log.note(agency_caller("northshire-police"), errc::malformed, 1);
        b.log.note(agency_caller("oakfield"), errc::no_route, 1);
    }
    CHECK(b.recorded().size() == 3);
}

TEST_CASE("a refusal whose record is not taken harms nobody and is told to the operator") {
    bench b;
    b.rt.ledger_.refuses = fail(errc::overloaded);
    b.log.note(agency_caller("oakfield"), errc::malformed, 1);
    CHECK(b.rt.logged == std::vector<std::string>{"refusal_record_delayed malformed"});
    b.rt.ledger_.refuses.reset();
    b.rt.ledger_.out_of_keys = true;
    b.rt.clock_.mono += 1s;
    b.log.note(agency_caller("oakfield"), errc::malformed, 1);
    CHECK(b.rt.ledger_.queued() == 0);
}

TEST_CASE("a refusal whose record is not taken is counted into the next one") {
    bench b;
    const bool queue_full = GENERATE(true, false);
    if (queue_full)
        b.rt.ledger_.refuses = fail(errc::overloaded);
    else
        b.rt.ledger_.out_of_keys = true;
    b.log.note(agency_caller("oakfield"), errc::malformed, 1);
    b.rt.ledger_.refuses.reset();
    b.rt.ledger_.out_of_keys = false;
    b.rt.clock_.mono += 1s;
    b.log.note(agency_caller("oakfield"), errc::malformed, 1);
    const auto next = b.recorded();
    REQUIRE(next.size() == 1);
    CHECK(next[0].count() == 2);
}

} // namespace cairn::daemon
