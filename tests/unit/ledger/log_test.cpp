#include "core/limits.hpp"
#include "ledger/stored.hpp"
#include "ledger/verify.hpp"
#include "merkle/leaf.hpp"
#include "merkle/receipt.hpp"
#include "merkle/tlog_proof.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/script.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sqlite3.h>
#include <sstream>

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

std::vector<merkle::verifier_key> keys_of(bench_ledger& l, std::uint32_t year) {
    return {*merkle::parse_vkey(l->vkey(year))};
}

merkle::tree_head head_of(const std::string& note) {
    return merkle::parse_checkpoint(merkle::parse_note(note)->text)->head();
}

} // namespace

TEST_CASE("every party can be given a proof of its own part and learns nothing of the others") {
    fresh f;
    const auto r = f.l.send({});
    for (const auto& desk : {police, front_door}) {
        const auto proof = f.l->read().proof(r->at, desk);
        REQUIRE(proof);
        const auto v = merkle::verify_receipt(
            *proof, keys_of(f.l, 2026), bench_ledger::notice_text(desk, concern_spec{}.text)
        );
        REQUIRE(v);
        CHECK(v->entry->party == desk);
        const auto extra = *merkle::parse_tlog_proof(*proof)->extra;
        for (const std::string other : {"oakfield", "northshire-police", "northshire-council"}) {
            if (desk.find(other) == 0) continue;
            CHECK(extra.find(other) == std::string::npos);
        }
    }
    const auto bare = f.l->read().proof(r->at, "");
    REQUIRE(bare);
    CHECK_FALSE(merkle::verify_receipt(*bare, keys_of(f.l, 2026))->entry);
    CHECK(f.l->read().proof(r->at, "millbrook").error().code == errc::not_found);
    CHECK(f.l->read().proof(position::at(2026, 9), "").error().code == errc::not_found);
}

TEST_CASE("an agency's entries form a chain without gaps, through years and starts") {
    fresh f;
    std::vector<position> at;
    for (int i = 0; i < 12; ++i) {
        at.push_back(f.l.send({})->at);
        f.l.time.us += 40LL * 24 * 3600 * 1'000'000;
        if (i % 5 == 4) REQUIRE(f.l.open());
    }
    CHECK(at.front().year() == 2026);
    CHECK(at.back().year() == 2027);
    std::uint64_t seq = 0;
    digest previous{};
    for (const auto& p : at) {
        const auto proof = f.l->read().proof(p, police);
        const auto v = merkle::verify_receipt(*proof, keys_of(f.l, p.year()));
        REQUIRE(v);
        CHECK(v->entry->agency_seq == ++seq);
        CHECK(v->entry->previous == previous);
        previous = merkle::entry_hash(merkle::encode(*v->entry));
    }
}

TEST_CASE("a new year begins a new log under its own name, and the old one keeps its proofs") {
    fresh f;
    // 2026-12-31T23:59:59.5Z
    f.l.time.us = 1'798'761'599'500'000;
    const auto last = f.l.send({});
    f.l.time.us += 1'000'000;
    const auto first = f.l.send({});
    CHECK(last->at == position::at(2026, 0));
    CHECK(first->at == position::at(2027, 0));
    CHECK(f.l->current_head().year == 2027);
    CHECK(f.l->current_head().size == 1);
    CHECK(
        merkle::verify_receipt(last->receipt, keys_of(f.l, 2026))->origin ==
        "northshire.example/2026"
    );
    CHECK(
        merkle::verify_receipt(first->receipt, keys_of(f.l, 2027))->origin ==
        "northshire.example/2027"
    );
    CHECK_FALSE(merkle::verify_receipt(first->receipt, keys_of(f.l, 2026)));
    // The key pinned when the partnership was made, without a year, holds for both.
    auto pinned = keys_of(f.l, 2026);
    pinned[0].name = "northshire.example";
    for (const auto& receipt : {last->receipt, first->receipt}) {
        CHECK(merkle::verify_receipt(receipt, pinned));
    }
    CHECK(
        merkle::print_vkey(*merkle::key_of_year(pinned[0], "northshire.example/2027")) ==
        f.l->vkey(2027)
    );
    CHECK(f.l->read().pending(police, 0, 10)->size() == 2);
    CHECK(f.l->read().pending(police, last->at.value, 10)->size() == 1);
    REQUIRE(f.l.open());
    CHECK(f.l->read().verify_all());
    CHECK(*f.l->read().proof(last->at, "oakfield") == last->receipt);
    CHECK(f.l.send({})->at == position::at(2027, 1));
}

TEST_CASE("any two heads the log released are proved consistent") {
    fresh f;
    std::vector<merkle::tree_head> heads;
    for (int i = 0; i < 20; ++i) {
        for (int k = 0; k < i % 4 + 1; ++k) REQUIRE(f.l.submit({}));
        f.l.run();
        heads.push_back(head_of(f.l->current_head().checkpoint));
    }
    CHECK(*f.l->read().checkpoint(2026) == f.l->current_head().checkpoint);
    for (const auto& older : heads) {
        for (const auto& newer : heads) {
            const auto proof = f.l->read().consistency(2026, older.size, newer.size);
            if (older.size > newer.size) {
                CHECK_FALSE(proof);
                continue;
            }
            REQUIRE(proof);
            CHECK(merkle::verify_consistency(older, newer, *proof));
        }
    }
    CHECK_FALSE(f.l->read().consistency(2026, 1, heads.back().size + 1));
    CHECK(f.l->read().checkpoint(2025).error().code == errc::not_found);
}

TEST_CASE("records are found by concern, thread, agency, kind and time, in log order") {
    fresh f;
    const auto first = f.l.send({});
    f.l.time.us += 1'000'000;
    const auto between = f.l.time.us.load();
    concern_spec reply;
    reply.sender = "northshire-police";
    reply.desks = {"oakfield/dsl"};
    reply.thread = first->thread;
    reply.in_reply_to = first->concern_id;
    const auto second = f.l.send(reply);
    REQUIRE(f.l.confirm(police, {first->at.value}));
    f.l.run();
    concern_spec odd;
    odd.thread = "a thread of another form";
    const auto third = f.l.send(odd);

    const auto found = [&](const record_filter& q) {
        std::vector<std::uint64_t> out;
        const auto rows = f.l->read().search(q);
        REQUIRE(rows);
        for (const auto& r : *rows) out.push_back(r.at.index());
        return out;
    };
    using list = std::vector<std::uint64_t>;
    CHECK(found({}) == list{0, 1, 2, 3});
    record_filter q;
    q.concern_id = first->concern_id;
    CHECK(found(q) == list{0});
    q = {};
    q.thread = first->thread;
    CHECK(found(q) == list{0, 1});
    q.thread = odd.thread;
    CHECK(found(q) == list{3});
    q = {};
    q.agency = "northshire-council";
    CHECK(found(q) == list{0, 3});
    q = {};
    q.kinds = {record_kind::confirm};
    CHECK(found(q) == list{2});
    q = {};
    q.from_us = between;
    CHECK(found(q) == list{1, 2, 3});
    q.until_us = between;
    CHECK(found(q).empty());
    q = {};
    q.after = first->at.value;
    q.max = 2;
    CHECK(found(q) == list{1, 2});

    CHECK(f.l->read().concern(second->concern_id)->thread == first->thread);
    CHECK(f.l->read().concern(second->concern_id)->in_reply_to == first->concern_id);
    CHECK(f.l->read().concern(third->concern_id)->thread == odd.thread);
    CHECK(f.l->read().concern(f.l.id_of("nobody's")).error().code == errc::not_found);
    CHECK(f.l->read().concern("").error().code == errc::not_found);
    v1::RecordBody body;
    REQUIRE(body.ParseFromString(*f.l->read().body(first->at)));
    CHECK(body.concern().submitted() == bench_ledger::submitted_text({}));
}

TEST_CASE("concerns are walked in log order with their bodies, in parts that are bounded") {
    fresh f;
    const auto first = f.l.send({});
    f.l.time.us += 1'000'000;
    const auto between = f.l.time.us.load();
    const auto second = f.l.send({});
    REQUIRE(f.l.confirm(police, {first->at.value}));
    f.l.run();
    const auto third = f.l.send({});
    const auto walk = [&f](const concern_span& span) {
        auto part = f.l->read().concerns(span);
        REQUIRE(part);
        return std::move(*part);
    };
    const auto all = walk({});
    CHECK(all.over);
    REQUIRE(all.concerns.size() == 3);
    CHECK(all.concerns[0].at == first->at);
    CHECK(all.concerns[2].at == third->at);
    CHECK(all.reached == third->at.value);
    for (const auto& c : all.concerns) {
        REQUIRE(c.body);
        CHECK(*c.body == *f.l->read().body(c.at));
        record_filter one;
        one.after = c.at.value - 1;
        one.max = 1;
        const auto row = f.l->read().search(one);
        CHECK(c.policy == merkle::decode_leaf(row->front().leaf)->policy_digest);
    }
    CHECK(walk({first->at.value, 0, 0}).concerns.size() == 2);
    CHECK(walk({third->at.value, 0, 0}).concerns.empty());
    CHECK(walk({0, between, 0}).concerns.size() == 2);
    CHECK(walk({0, 0, between}).concerns.size() == 1);
    CHECK(walk({second->at.value, between, between}).concerns.empty());
    // One more than a part holds, from where it ended.
    for (std::size_t n = 0; n < limits::part_concerns - 2; ++n) (void) f.l.send({});
    const auto part = walk({});
    CHECK(!part.over);
    CHECK(part.concerns.size() == limits::part_concerns);
    CHECK(part.reached == part.concerns.back().at.value);
    const auto rest = walk({part.reached, 0, 0});
    CHECK(rest.over);
    CHECK(rest.concerns.size() == 1);
}

TEST_CASE(
    "a part of the walk ends with the concern that fills it, and passes over what is no concern"
) {
    fresh f;
    concern_spec big;
    big.text = std::string(1'000'000, 'x');
    for (int n = 0; n < 6; ++n) REQUIRE(f.l.send(big));
    const auto part = f.l->read().concerns({});
    REQUIRE(part);
    CHECK(!part->over);
    CHECK(part->concerns.size() >= 1);
    CHECK(part->concerns.size() < 6);
    std::size_t seen = part->concerns.size();
    for (auto next = part; !next->over; seen += next->concerns.size()) {
        next = f.l->read().concerns({next->reached, 0, 0});
        REQUIRE(next);
    }
    CHECK(seen == 6);
}

TEST_CASE("an erased concern has its place in the walk and no body") {
    fresh f;
    const auto first = f.l.send({});
    const auto second = f.l.send({});
    f.l.close();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(f.folder.file("ledger.db").c_str(), &db) == SQLITE_OK);
    const std::string erase = "DELETE FROM payload WHERE pos = " + std::to_string(first->at.value);
    REQUIRE(sqlite3_exec(db, erase.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    REQUIRE(f.l.open());
    const auto part = f.l->read().concerns({});
    REQUIRE(part);
    REQUIRE(part->concerns.size() == 2);
    CHECK(!part->concerns[0].body);
    CHECK(part->concerns[1].body);
    CHECK(part->concerns[1].at == second->at);
}

TEST_CASE("nothing a concern says can be read in any file of the folder") {
    fresh f;
    const std::string canary = "canary: Quillfeather, 07700 900123";
    for (int i = 0; i < 40; ++i) {
        concern_spec c;
        c.text = canary;
        c.key = "canary-key-" + std::to_string(i);
        REQUIRE(f.l.send(c));
    }
    v1::RecordBody body;
    body.mutable_registry()->set_epoch(1);
    auto d = f.l.draft_of(record_kind::registry, body, "northshire");
    d.changes = registry_effect{"telephone " + canary, 1};
    REQUIRE(f.l.put(std::move(d)));
    f.l.run();
    const auto look = [&] {
        int files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(f.folder.path())) {
            std::ifstream in(entry.path(), std::ios::binary);
            std::stringstream text;
            text << in.rdbuf();
            INFO(entry.path());
            CHECK(text.str().find("Quillfeather") == std::string::npos);
            CHECK(text.str().find("07700 900123") == std::string::npos);
            // Neither what was sent nor under which key.
            CHECK(text.str().find("canary-key") == std::string::npos);
            ++files;
        }
        CHECK(files >= 3);
    };
    look();
    f.l.close();
    look();
}
