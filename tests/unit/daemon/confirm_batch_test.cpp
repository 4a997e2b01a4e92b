#include "world.hpp"

#include "daemon/confirm_batch.hpp"
#include "daemon/services.hpp"

#include <algorithm>

namespace cairn::daemon {
namespace {

using testing::agency_caller;
using testing::fake_ledger;

const std::string mash = "northshire-police/mash";
const std::string named = "northshire-health/named";

struct bench {
    testing::fake_runtime rt;
    counters count;
    delivery_hub hub{rt};
    confirm_batches batches{rt, hub, count};
    // What each call was told, in order: "a 2" or "b unknown_position".
    std::vector<std::string> told;

    void
    ask(const std::string& name, const std::string& desk, std::vector<std::uint64_t> positions) {
        batches.add(agency_caller("who"), desk, std::move(positions), [this, name](const auto& r) {
            told.push_back(
                name + " " + (r ? std::to_string(*r) : std::string(describe(r.error().code).symbol))
            );
        });
    }
    // Positions of the n-th record that the ledger was given.
    [[nodiscard]] std::vector<std::uint64_t> record(std::size_t n) const {
        REQUIRE(n < rt.ledger_.taken.size());
        const auto& d = rt.ledger_.taken[n];
        CHECK(d.kind == ledger::record_kind::confirm);
        const auto* effect = std::get_if<ledger::confirm_effect>(&d.changes);
        REQUIRE(effect != nullptr);
        const auto body = fake_ledger::body_of(d).confirm();
        CHECK(body.desk() == effect->desk);
        CHECK(std::equal(
            effect->positions.begin(),
            effect->positions.end(),
            body.positions().begin(),
            body.positions().end()
        ));
        return effect->positions;
    }
    // The ledger knows every position but this one.
    void unknown(std::uint64_t bad) {
        rt.ledger_.judge = [bad](const ledger::draft& d) -> result<ledger::committed> {
            const auto& p = std::get<ledger::confirm_effect>(d.changes).positions;
            if (std::find(p.begin(), p.end(), bad) != p.end()) return fail(errc::unknown_position);
            return ledger::committed{};
        };
    }
};

using positions = std::vector<std::uint64_t>;
using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a confirmation is answered after its record is on disk, not before") {
    bench b;
    b.ask("a", mash, {1, 2});
    CHECK(b.told.empty());
    CHECK(b.count.confirmed == 0);
    b.rt.ledger_.run_all();
    CHECK(b.told == lines{"a 2"});
    CHECK(b.record(0) == positions{1, 2});
    CHECK(b.count.confirmed == 2);
}

TEST_CASE("what comes in while a desk's record is under way goes into one record together") {
    bench b;
    b.ask("a", mash, {1});
    b.ask("b", mash, {2, 3});
    b.ask("c", mash, {4});
    CHECK(b.rt.ledger_.queued() == 1);
    REQUIRE(b.rt.ledger_.run_once());
    CHECK(b.told == lines{"a 1"});
    CHECK(b.rt.ledger_.queued() == 1);
    b.rt.ledger_.run_all();
    CHECK(b.told == lines{"a 1", "b 2", "c 1"});
    CHECK(b.rt.ledger_.taken.size() == 2);
    CHECK(b.record(1) == positions{2, 3, 4});
    // Then the desk is idle: the next one starts by itself.
    b.ask("d", mash, {5});
    CHECK(b.rt.ledger_.queued() == 1);
}

TEST_CASE("desks do not wait for one another") {
    bench b;
    b.ask("a", mash, {1});
    b.ask("b", named, {1});
    CHECK(b.rt.ledger_.queued() == 2);
    b.rt.ledger_.run_all();
    CHECK(std::get<ledger::confirm_effect>(b.rt.ledger_.taken[0].changes).desk == mash);
    CHECK(std::get<ledger::confirm_effect>(b.rt.ledger_.taken[1].changes).desk == named);
}

TEST_CASE("a bad position fails its own call and no other that shared the record") {
    bench b;
    b.unknown(99);
    b.ask("first", mash, {1});
    b.ask("good", mash, {2});
    b.ask("bad", mash, {3, 99});
    b.ask("fine", mash, {4});
    REQUIRE(b.rt.ledger_.run_once());
    // Comes in while the shared record is under way: not drawn into the trials.
    b.ask("late", mash, {5});
    b.ask("later", mash, {6});
    b.rt.ledger_.run_all();
    CHECK(
        b.told == lines{"first 1", "good 1", "bad unknown_position", "fine 1", "late 1", "later 1"}
    );
    CHECK(b.record(1) == positions{2, 3, 99, 4});
    CHECK(b.record(2) == positions{2});
    CHECK(b.record(3) == positions{3, 99});
    CHECK(b.record(4) == positions{4});
    CHECK(b.record(5) == positions{5, 6});
    CHECK(b.count.confirmed == 5);
}

TEST_CASE("a bad position alone fails at once, without a second try") {
    bench b;
    b.unknown(99);
    b.ask("bad", mash, {99});
    b.rt.ledger_.run_all();
    CHECK(b.told == lines{"bad unknown_position"});
    CHECK(b.rt.ledger_.taken.size() == 1);
    CHECK(b.count.confirmed == 0);
}

TEST_CASE("a broker with too much to do says so to every call, and the desk is not stuck") {
    bench b;
    const bool queue_full = GENERATE(true, false);
    b.ask("a", mash, {1});
    b.ask("b", mash, {2});
    b.ask("c", mash, {3});
    if (queue_full)
        b.rt.ledger_.refuses = fail(errc::overloaded);
    else
        b.rt.ledger_.out_of_keys = true;
    b.rt.ledger_.run_all();
    CHECK(b.told == lines{"a 1", "b overloaded", "c overloaded"});
    b.rt.ledger_.refuses.reset();
    b.rt.ledger_.out_of_keys = false;
    b.ask("again", mash, {2, 3});
    b.rt.ledger_.run_all();
    CHECK(b.told.back() == "again 2");
}

TEST_CASE("a record the disk did not take fails all that shared it, untried one by one") {
    bench b;
    b.ask("a", mash, {1});
    b.ask("b", mash, {2});
    b.ask("c", mash, {3});
    b.rt.ledger_.judge = [](const ledger::draft&) -> result<ledger::committed> {
        return fail(errc::storage_failed);
    };
    b.rt.ledger_.run_all();
    CHECK(b.told == lines{"a storage_failed", "b storage_failed", "c storage_failed"});
    CHECK(b.rt.ledger_.taken.size() == 2);
}

} // namespace cairn::daemon
