#include "ledger/verify.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/fixture.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

const std::string police = "northshire-police/mash";
const std::string front_door = "northshire-council/front_door";

// Most keys are in the tables, some in memory.
options small_index(const std::string& folder) {
    options o = options_for(folder);
    o.index_keys = 20;
    return o;
}

struct fresh {
    temporary_folder folder;
    bench_ledger l{small_index(folder.path())};
    fresh() { REQUIRE(l.create()); }

    std::uint64_t send(const std::string& text = "text") {
        concern_spec c;
        c.text = text;
        const auto r = l.send(c);
        REQUIRE(r);
        return r->at.value;
    }
    result<committed> confirm(const std::string& desk, std::vector<std::uint64_t> positions) {
        REQUIRE(l.confirm(desk, std::move(positions)));
        l.run();
        return l.last();
    }
    result<committed> give_back(const std::string& desk, std::uint64_t position) {
        REQUIRE(l.give_back(desk, position, 2));
        l.run();
        return l.last();
    }
    desk_state state(const std::string& id, const std::string& desk) {
        const auto c = l->read().concern(id);
        REQUIRE(c);
        for (const auto& d : c->desks) {
            if (d.desk == desk) return d;
        }
        FAIL("no such desk");
        return {};
    }
};

void conserve(bench_ledger& l) {
    const auto counts = l->read().counts(l.time.us);
    REQUIRE(counts);
    for (const auto& c : *counts) {
        INFO(c.desk);
        CHECK(c.routed == c.confirmed + c.returned + c.withdrawn + c.expired + c.pending);
    }
}

} // namespace

TEST_CASE("a confirm counts repeats again and makes no difference the second time") {
    fresh f;
    const auto a = f.send();
    const auto b = f.send();
    CHECK(f.confirm(police, {a})->confirmed == 1);
    CHECK(f.confirm(police, {a, b, b})->confirmed == 3);
    CHECK(f.confirm(police, {a, b})->confirmed == 2);
    const auto counts = f.l->read().counts(f.l.time.us);
    for (const auto& c : *counts) CHECK(c.confirmed == (c.desk == police ? 2 : 0));
    conserve(f.l);
}

TEST_CASE("a confirm of a position that is not the desk's changes nothing at all") {
    fresh f;
    const auto a = f.send();
    for (const std::uint64_t bad : {a + 1, std::uint64_t{0}, ~std::uint64_t{0}}) {
        const auto r = f.confirm(police, {a, bad});
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::unknown_position);
    }
    CHECK(f.confirm("oakfield/dsl", {a}).error().code == errc::unknown_position);
    CHECK(f.confirm("never-seen/mash", {a}).error().code == errc::unknown_position);
    CHECK(f.l->read().pending(police, 0, 10)->size() == 1);
    CHECK(f.l->current_head().size == 1);
    conserve(f.l);
    REQUIRE(f.l->read().verify_all());
}

TEST_CASE("several desks' confirms of one batch stand or fall each for itself") {
    fresh f;
    const auto a = f.send();
    REQUIRE(f.l.confirm(police, {a, a + 7}));
    REQUIRE(f.l.confirm(front_door, {a}));
    f.l.run();
    CHECK_FALSE(*f.l.outcomes[1]);
    CHECK(*f.l.outcomes[2]);
    CHECK(f.l->read().pending(police, 0, 10)->size() == 1);
    CHECK(f.l->read().pending(front_door, 0, 10)->empty());
}

TEST_CASE("a notice can be returned before and after it was confirmed, once") {
    fresh f;
    const auto a = f.send();
    const auto b = f.send();
    REQUIRE(f.confirm(police, {b}));
    REQUIRE(f.give_back(police, a));
    REQUIRE(f.give_back(police, b));
    CHECK(f.give_back(police, a).error().code == errc::already_settled);
    CHECK(f.confirm(police, {a}).error().code == errc::already_settled);
    CHECK(f.give_back(police, a + 99).error().code == errc::unknown_position);
    CHECK(f.l->read().notice(police, a)->state == notice_state::returned);
    CHECK(f.l->read().pending(police, 0, 10)->empty());
    conserve(f.l);
}

TEST_CASE("an acknowledgement meets the obligation of the sender's own desks only") {
    fresh f;
    const auto first = f.l.send({});
    f.l.time.us += 60'000'000;
    concern_spec ack;
    ack.sender = "northshire-police";
    ack.acknowledges = true;
    ack.acknowledged = {police, front_door};
    ack.in_reply_to = first->concern_id;
    ack.thread = first->thread;
    ack.desks = {"oakfield/dsl"};
    REQUIRE(f.l.send(ack));
    CHECK(f.state(first->concern_id, police).acknowledged_at_us == f.l.time.us);
    CHECK(f.state(first->concern_id, front_door).acknowledged_at_us == 0);
    // The first time stands.
    const auto at = f.l.time.us.load();
    f.l.time.us += 60'000'000;
    REQUIRE(f.l.send(ack));
    CHECK(f.state(first->concern_id, police).acknowledged_at_us == at);

    f.l.time.us += 7'200'000'000;
    const auto counts = f.l->read().counts(f.l.time.us);
    for (const auto& c : *counts) {
        if (c.desk == police) CHECK(c.overdue == 0);
        if (c.desk == front_door) CHECK(c.overdue == 1);
    }
}

TEST_CASE("an acknowledgement for one desk leaves what another desk of the agency owes") {
    fresh f;
    concern_spec c;
    c.desks = {police, "northshire-police/ppu"};
    const auto first = f.l.send(c);
    REQUIRE(first);
    concern_spec ack;
    ack.sender = "northshire-police";
    ack.acknowledges = true;
    ack.acknowledged = {police};
    ack.in_reply_to = first->concern_id;
    ack.thread = first->thread;
    ack.desks = {"oakfield/dsl"};
    REQUIRE(f.l.send(ack));
    CHECK(f.state(first->concern_id, police).acknowledged_at_us != 0);
    CHECK(f.state(first->concern_id, "northshire-police/ppu").acknowledged_at_us == 0);
    REQUIRE(f.l->read().verify_all());
    f.l.close();
    seeded_random random{3};
    CHECK(rebuild_state(small_index(f.folder.path()), random));
}

TEST_CASE("nobody but its sender withdraws a concern") {
    fresh f;
    const auto first = f.l.send({});
    REQUIRE(first);
    const auto before = f.l->current_head().size;
    for (const char* other : {"northshire-police", "northshire-council", "never-seen"}) {
        concern_spec recall;
        recall.sender = other;
        recall.withdraws = first->concern_id;
        recall.in_reply_to = first->concern_id;
        const auto r = f.l.send(recall);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::kind_not_allowed);
    }
    CHECK(f.l->current_head().size == before);
    CHECK(f.state(first->concern_id, police).state == notice_state::pending);
    CHECK(f.state(first->concern_id, front_door).state == notice_state::pending);
    conserve(f.l);
}

TEST_CASE("a recall withdraws what is pending and leaves what was confirmed") {
    fresh f;
    const auto first = f.l.send({});
    REQUIRE(f.confirm(police, {first->at.value}));
    concern_spec recall;
    recall.withdraws = first->concern_id;
    REQUIRE(f.l.send(recall));
    CHECK(f.state(first->concern_id, police).state == notice_state::confirmed);
    CHECK(f.state(first->concern_id, front_door).state == notice_state::withdrawn);
    CHECK(f.confirm(front_door, {first->at.value}).error().code == errc::already_settled);
    // Its own notices wait.
    CHECK(f.l->read().pending(front_door, 0, 10)->size() == 1);
    recall.withdraws = f.l.id_of("nobody's");
    CHECK(f.l.send(recall).error().code == errc::reply_unknown);
    conserve(f.l);
}

TEST_CASE("a correction that withdraws takes what said the same before it, and nothing else") {
    fresh f;
    const auto first = f.l.send({});
    const auto sends = [&](const result<committed>& to, bool withdraws) {
        concern_spec c;
        c.thread = first->thread;
        c.corrects = true;
        (withdraws ? c.withdraws : c.in_reply_to) = to->concern_id;
        return f.l.send(c);
    };
    const auto plain = sends(first, false);
    REQUIRE(f.confirm(police, {plain->at.value}));
    const auto again = sends(plain, false);
    concern_spec other;
    other.thread = first->thread;
    const auto news = f.l.send(other);
    const auto late = sends(again, true);
    REQUIRE(late);
    for (const auto* gone : {&first, &plain, &again}) {
        CHECK(f.state((*gone)->concern_id, front_door).state == notice_state::withdrawn);
    }
    CHECK(f.state(first->concern_id, police).state == notice_state::withdrawn);
    CHECK(f.state(plain->concern_id, police).state == notice_state::confirmed);
    CHECK(f.state(news->concern_id, police).state == notice_state::pending);
    CHECK(f.state(late->concern_id, police).state == notice_state::pending);
    // Whoever waits for them is to be told: each pending one, once.
    std::vector<std::pair<std::string, std::uint64_t>> told;
    for (const auto& w : late->withdrawn) told.emplace_back(w.desk, w.at.value);
    std::sort(told.begin(), told.end());
    CHECK(
        told ==
        std::vector<std::pair<std::string, std::uint64_t>>{
            {front_door, first->at.value},
            {front_door, plain->at.value},
            {front_door, again->at.value},
            {police, first->at.value},
            {police, again->at.value}}
    );
    conserve(f.l);
    f.l.close();
    seeded_random random{3};
    CHECK(rebuild_state(small_index(f.folder.path()), random));
}

TEST_CASE("the oldest pending notice is found however much was settled around it") {
    fresh f;
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 30; ++i) {
        all.push_back(f.send());
        f.l.time.us += 1'000'000;
    }
    std::vector<std::uint64_t> most(all.begin(), all.end());
    most.erase(most.begin() + 12);
    REQUIRE(f.confirm(police, most));
    const auto left = f.l->read().pending(police, 0, 10);
    REQUIRE(left->size() == 1);
    CHECK((*left)[0].position == all[12]);
    const auto counts = f.l->read().counts(f.l.time.us);
    for (const auto& c : *counts) {
        if (c.desk != police) continue;
        CHECK(c.pending == 1);
        CHECK(c.oldest_pending_us == (*left)[0].recorded_at_us);
    }
}

TEST_CASE("whatever is done in whatever order, nothing is lost and the state can be computed anew"
) {
    const std::uint64_t seed = GENERATE(11U, 12U, 13U, 14U);
    INFO("seed " << seed);
    std::mt19937_64 r(seed);
    fresh f;
    const std::vector<std::string> desks = {
        police, front_door, "oakfield/dsl", "northshire-police/lado"};
    std::vector<result<committed>> sent;
    std::vector<std::uint64_t> positions{1};
    for (int step = 0; step < 400; ++step) {
        const auto any = [&] { return positions[r() % positions.size()]; };
        f.l.time.us += static_cast<std::int64_t>(r() % 5'000'000) - 100'000;
        switch (r() % 8) {
        case 0:
        case 1:
            (void) f.l.confirm(desks[r() % desks.size()], {any()});
            break;
        case 2:
            (void) f.l.confirm(desks[r() % desks.size()], {any(), any(), any()});
            break;
        case 3:
            (void) f.l.give_back(desks[r() % desks.size()], any(), 1 + r() % 4);
            break;
        default: {
            concern_spec c;
            c.key = "random-" + std::to_string(r() % 300);
            c.text = std::to_string(r() % 4);
            c.desks.clear();
            for (const auto& d : desks) {
                if (r() % 2 == 0) c.desks.push_back(d);
            }
            if (!sent.empty() && r() % 4 == 0) {
                const auto& to = sent[r() % sent.size()];
                c.in_reply_to = to->concern_id;
                c.thread = to->thread;
                c.acknowledges = r() % 2 == 0;
                if (c.acknowledges) c.acknowledged = {desks[r() % desks.size()]};
                c.corrects = !c.acknowledges && r() % 2 == 0;
                const bool takes = !c.acknowledges && (!c.corrects || r() % 2 == 0);
                if (takes) c.withdraws = to->concern_id;
                c.sender = r() % 2 == 0 ? "northshire-police" : "oakfield";
            }
            (void) f.l.submit(c);
        }
        }
        if (r() % 4 != 0) continue;
        f.l.run();
        sent.clear();
        for (const auto& o : f.l.outcomes) {
            if (!*o || (*o)->concern_id.empty()) continue;
            sent.push_back(*o);
            positions.push_back((*o)->at.value);
        }
        if (step % 100 == 99) REQUIRE(f.l.open());
    }
    f.l.run();
    conserve(f.l);
    CHECK(f.l->read().verify_all());
    f.l.close();
    seeded_random random{seed};
    CHECK(rebuild_state(small_index(f.folder.path()), random));
}
