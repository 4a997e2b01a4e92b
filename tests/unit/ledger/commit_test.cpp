#include "core/limits.hpp"
#include "merkle/receipt.hpp"
#include "unit/ledger/fixture.hpp"

#include "support/result_text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

const std::string police = "northshire-police/mash";
const std::string front_door = "northshire-council/front_door";

struct fresh {
    temporary_folder folder;
    bench_ledger l{options_for(folder.path())};
    fresh() { REQUIRE(l.create()); }
};

merkle::verifier_key key_of(cairn::ledger::ledger& l, std::uint32_t year) {
    return *merkle::parse_vkey(l.vkey(year));
}

// A text put in force; without one, a refusal.
void record_policy(bench_ledger& l, const std::string& text) {
    v1::RecordBody body;
    body.mutable_policy()->set_text(text);
    auto d = l.draft_of(record_kind::policy, body, "northshire");
    d.changes = policy_effect{sha256(text), text};
    REQUIRE(l.put(std::move(d)));
    l.run();
    REQUIRE(l.last());
}

} // namespace

TEST_CASE("an accepted concern answers with a receipt that verifies without the broker") {
    fresh f;
    const concern_spec c;
    const auto r = f.l.send(c);
    REQUIRE(r);
    CHECK_FALSE(r->repeated);
    CHECK(r->at == position::at(2026, 0));
    const auto key = key_of(*f.l, 2026);
    const auto ok = merkle::verify_receipt(r->receipt, {&key, 1}, bench_ledger::submitted_text(c));
    REQUIRE(ok);
    CHECK(ok->exact_checked);
    CHECK(ok->entry->party == "oakfield");
    CHECK(ok->origin == "northshire.example/2026");
    CHECK_FALSE(merkle::verify_receipt(r->receipt, {&key, 1}, "another body"));
}

TEST_CASE("a desk reads its notices in log order, exactly as sealed, until it confirms them") {
    fresh f;
    std::vector<std::uint64_t> at;
    for (const char* text : {"one", "two", "three"}) {
        concern_spec c;
        c.text = text;
        at.push_back(f.l.send(c)->at.value);
    }
    auto got = f.l->read().pending(police, 0, 10);
    REQUIRE(got);
    REQUIRE(got->size() == 3);
    CHECK((*got)[0].notice == bench_ledger::notice_text(police, "one"));
    CHECK((*got)[2].position == at[2]);
    CHECK((*got)[0].acknowledge_by_us == (*got)[0].recorded_at_us + 3'600'000'000);
    CHECK(f.l->read().pending(police, at[1], 10)->size() == 1);
    CHECK(f.l->read().pending(police, 0, 2)->size() == 2);
    CHECK(f.l->read().pending("oakfield/dsl", 0, 10)->empty());
    // Bounded in bytes too: the one that reaches the bound is the last.
    CHECK(f.l->read().pending(police, 0, 10, 1)->size() == 1);
    const std::size_t first = bench_ledger::notice_text(police, "one").size();
    CHECK(f.l->read().pending(police, 0, 10, first)->size() == 1);
    CHECK(f.l->read().pending(police, 0, 10, first + 1)->size() == 2);

    REQUIRE(f.l.confirm(police, {at[0], at[2]}));
    f.l.run();
    REQUIRE(f.l.last());
    CHECK(f.l.last()->confirmed == 2);
    got = f.l->read().pending(police, 0, 10);
    REQUIRE(got->size() == 1);
    CHECK((*got)[0].position == at[1]);
    CHECK(f.l->read().pending(front_door, 0, 10)->size() == 3);
    CHECK(f.l->read().notice(police, at[0])->state == notice_state::confirmed);
}

TEST_CASE(
    "a repeat under the same key answers the same bytes, in the batch, later and after a start"
) {
    fresh f;
    concern_spec c;
    c.key = "the-same-key";
    REQUIRE(f.l.submit(c));
    REQUIRE(f.l.submit(c));
    f.l.run();
    const auto first = *f.l.outcomes[0];
    const auto in_batch = *f.l.outcomes[1];
    REQUIRE(first);
    REQUIRE(in_batch);
    CHECK_FALSE(first->repeated);
    f.l.time.us += 1'000'000;
    REQUIRE(f.l.send({}));
    const auto later = f.l.send(c);
    REQUIRE(f.l.open());
    const auto after_start = f.l.send(c);
    for (const auto* r : {&in_batch, &later, &after_start}) {
        REQUIRE(*r);
        CHECK((*r)->repeated);
        CHECK((*r)->receipt == first->receipt);
        CHECK((*r)->at == first->at);
        CHECK((*r)->concern_id == first->concern_id);
        CHECK((*r)->thread == first->thread);
        CHECK((*r)->recorded_at_us == first->recorded_at_us);
    }
    CHECK(f.l->current_head().size == 2);
    CHECK(*f.l->read().proof(first->at, "oakfield") == first->receipt);
}

TEST_CASE("another body under the same key is refused, in the batch and later, and costs its "
          "neighbours nothing") {
    fresh f;
    concern_spec c;
    c.key = "the-same-key";
    concern_spec other = c;
    other.text = "another body";
    REQUIRE(f.l.submit(c));
    REQUIRE(f.l.submit(other));
    REQUIRE(f.l.submit({}));
    f.l.run();
    REQUIRE(*f.l.outcomes[0]);
    REQUIRE_FALSE(*f.l.outcomes[1]);
    CHECK(f.l.outcomes[1]->error().code == errc::key_reused);
    REQUIRE(*f.l.outcomes[2]);
    CHECK((*f.l.outcomes[2])->at.index() == 1);
    const auto again = f.l.send(other);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::key_reused);
    // The scope is the agency: another may use the same key.
    other.sender = "millbrook";
    CHECK(f.l.send(other));
    CHECK(f.l->read().verify_all());
}

TEST_CASE("the key of a refused concern is free again") {
    fresh f;
    concern_spec c;
    c.key = "refused-first";
    c.acknowledges = true;
    c.in_reply_to = f.l.id_of("nobody's");
    const auto r = f.l.send(c);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::reply_unknown);
    c.acknowledges = false;
    CHECK_FALSE(f.l.send(c)->repeated);
}

TEST_CASE("a draft that cannot be is refused alone, and nothing of it is stored") {
    fresh f;
    concern_spec twice;
    twice.desks = {police, police};
    REQUIRE(f.l.submit(twice));
    auto crowd = f.l.draft_of(concern_spec{});
    crowd->parties.resize(129, crowd->parties[0]);
    REQUIRE(f.l.put(std::move(*crowd)));
    auto keyless = f.l.draft_of(concern_spec{});
    keyless->key_slot = 0;
    REQUIRE(f.l.put(std::move(*keyless)));
    concern_spec same_id;
    same_id.id = f.l.id_of("twins");
    REQUIRE(f.l.submit(same_id));
    REQUIRE(f.l.submit(same_id));
    f.l.run();
    CHECK(f.l.outcomes[0]->error().code == errc::bad_value);
    CHECK(f.l.outcomes[1]->error().code == errc::too_many);
    CHECK(f.l.outcomes[2]->error().code == errc::internal);
    REQUIRE(*f.l.outcomes[3]);
    CHECK(f.l.outcomes[4]->error().code == errc::bad_value);
    CHECK(f.l->current_head().size == 1);
    CHECK(f.l->read().verify_all());
}

TEST_CASE("completions come in the order of the queue, urgent ones first, then the hook, once") {
    fresh f;
    std::vector<std::string> seen;
    f.l->after_commit([&] { seen.emplace_back("hook"); });
    const auto put = [&](const std::string& name, bool urgent) {
        auto d = f.l.draft_of(concern_spec{});
        d->urgent = urgent;
        d->done = [&seen, name](const result<committed>& r) {
            seen.push_back(r ? name : "failed");
        };
        REQUIRE(f.l->append(std::move(*d)));
    };
    put("a", false);
    put("b", false);
    put("now", true);
    CHECK(f.l->run_once());
    CHECK(seen == std::vector<std::string>{"now", "a", "b", "hook"});
    CHECK_FALSE(f.l->run_once());
    CHECK(seen.size() == 4);
    CHECK(f.l->counters().commits == 1);
    CHECK(f.l->counters().records == 3);
    CHECK(f.l->counters().notices == 6);
}

TEST_CASE("a full queue refuses, counts it, and serves again when it was drained") {
    temporary_folder folder;
    auto o = options_for(folder.path());
    o.slots_ahead = 8192;
    bench_ledger l(o);
    REQUIRE(l.create());
    std::size_t queued = 0;
    while (l.note("x")) ++queued;
    CHECK(queued == limits::queue_records);
    CHECK(l->counters().refused_full == 1);
    l.run();
    CHECK(l.note("y"));
    l.run();
    CHECK(l->current_head().size == limits::queue_records + 1);
}

TEST_CASE("a stopped ledger drains before its thread may end") {
    fresh f;
    REQUIRE(f.l.note("one"));
    f.l->stop();
    REQUIRE(f.l->wait());
    f.l.run();
    CHECK_FALSE(f.l->wait());
}

TEST_CASE("data keys run out for the moment and are made again") {
    fresh f;
    std::vector<std::uint64_t> slots;
    for (;;) {
        const auto k = f.l->take_key();
        if (!k) {
            CHECK(k.error().code == errc::overloaded);
            CHECK(k.error().retry_after_ms > 0);
            break;
        }
        slots.push_back(k->slot);
    }
    CHECK(slots.size() == 64);
    CHECK(std::adjacent_find(slots.begin(), slots.end(), std::greater_equal<>()) == slots.end());
    f.l->run_once();
    const auto next = f.l->take_key();
    REQUIRE(next);
    CHECK(next->slot == slots.back() + 1);
}

TEST_CASE("a registry change must be the next epoch, and its state is stored sealed") {
    fresh f;
    const auto change = [&](std::uint64_t epoch, const std::string& state) {
        v1::RecordBody body;
        body.mutable_registry()->set_epoch(epoch);
        auto d = f.l.draft_of(record_kind::registry, body, "northshire");
        d.changes = registry_effect{state, epoch};
        REQUIRE(f.l.put(std::move(d)));
        f.l.run();
        return f.l.last();
    };
    CHECK(f.l->read().registry()->empty());
    REQUIRE(change(1, "first state"));
    CHECK_FALSE(change(1, "again"));
    CHECK_FALSE(change(3, "a gap"));
    REQUIRE(f.l.open());
    CHECK_FALSE(change(1, "again"));
    REQUIRE(change(2, "second state"));
    CHECK(*f.l->read().registry() == "second state");
    CHECK(f.l->current_head().size == 2);
}

TEST_CASE("every policy that was in force can be read by its digest") {
    fresh f;
    CHECK(f.l->read().latest_policy().error().code == errc::policy_missing);
    record_policy(f.l, "policy one");
    record_policy(f.l, "policy two");
    CHECK(*f.l->read().latest_policy() == sha256("policy two"));
    CHECK(*f.l->read().policy_text(sha256("policy one")) == "policy one");
    CHECK(f.l->read().policy_text(sha256("three")).error().code == errc::policy_missing);
}

TEST_CASE("refusals since hide no policy that was in force, however many they are") {
    fresh f;
    record_policy(f.l, "policy one");
    for (int i = 0; i < 5; ++i) record_policy(f.l, "");
    CHECK(*f.l->read().latest_policy() == sha256("policy one"));
    const auto last = f.l->read().policy_records(policy_rows::texts, 1);
    REQUIRE(last);
    REQUIRE(last->size() == 1);
    CHECK(last->front() == position::at(last->front().year(), 0));
    CHECK(f.l->read().policy_records(policy_rows::every_record, 100)->size() == 6);
    CHECK(f.l->read().policy_records(policy_rows::every_record, 3)->front() > last->front());
}
