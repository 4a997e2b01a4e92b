#include "merkle/receipt.hpp"
#include "unit/ledger/fixture.hpp"

#include "support/result_text.hpp"

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

merkle::verifier_key key_of(ledger::ledger& l, std::uint32_t year) {
    return *merkle::parse_vkey(l.vkey(year));
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
