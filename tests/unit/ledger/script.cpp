#include "unit/ledger/script.hpp"

#include "ledger/schema.hpp"
#include "ledger/verify.hpp"
#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"
#include "merkle/receipt.hpp"
#include "merkle/tlog_proof.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

namespace cairn::ledger::test {
namespace {

const std::string police = "northshire-police/mash";
const std::string front_door = "northshire-council/front_door";

bool queue_event(bench_ledger& l, const journal& j, std::size_t i) {
    const auto at = [&j](std::size_t k) { return j.answered.at(k).at.value; };
    concern_spec c;
    c.key = "script-key-" + std::to_string(i);
    c.text = "text of event " + std::to_string(i);
    switch (i) {
    case 5:
        return l.confirm(police, {at(0), at(1), at(2)});
    case 8:
        return l.give_back(front_door, at(1), 1);
    case 11:
        c.sender = "northshire-police";
        c.in_reply_to = j.answered.at(0).concern_id;
        c.thread = c.in_reply_to;
        c.acknowledges = true;
        c.acknowledged = {police};
        c.desks = {"oakfield/dsl"};
        return l.submit(c);
    case 13:
        c.withdraws = j.answered.at(3).concern_id;
        c.desks = {police};
        return l.submit(c);
    case 15:
        return l.confirm(front_door, {at(0), at(2), at(4)});
    case 17:
        return l.note("clock jumped");
    default:
        return l.submit(c);
    }
}

bool is_submission(std::size_t i) {
    return i != 5 && i != 8 && i != 15 && i != 17;
}

void note_head(bench_ledger& l, journal& j) {
    const head h = l->current_head();
    const auto [it, fresh] = j.heads.emplace(h.size, h.checkpoint);
    INFO("head of size " << h.size);
    if (!fresh) CHECK(it->second == h.checkpoint);
}

} // namespace

options options_on(const cairn::test::memory_disk& disk) {
    options o = options_for("/mem");
    o.vfs = disk.name();
    o.no_lock = true;
    o.slots_ahead = 24;
    o.index_keys = 4;
    return o;
}

bool run_script(bench_ledger& l, journal& j) {
    for (std::size_t i = 0; i < script_events; ++i) {
        const auto known = j.answered.find(i);
        if (known != j.answered.end() && !is_submission(i)) continue;
        l.time.us += script_step_us;
        if (!queue_event(l, j, i)) return false;
        l.run();
        const auto r = l.last();
        if (!r) {
            const bool room = r.error().code == errc::storage_full;
            const bool settled = r.error().code == errc::already_settled;
            INFO("event " << i);
            if (!room && !settled) CHECK(r.error().code == errc::storage_failed);
            if (!settled) return false;
            // It was done before the crash, though nobody heard of it.
            j.answered[i] = {};
            continue;
        }
        note_head(l, j);
        if (known == j.answered.end()) {
            j.answered[i] = *r;
            continue;
        }
        CHECK(r->repeated);
        CHECK(r->at == known->second.at);
        CHECK(r->receipt == known->second.receipt);
    }
    return true;
}

std::string integrity(const std::string& vfs, const std::string& path) {
    const auto db = sql::database::open({path, vfs}, sql::access::read_write);
    if (!db) return "cannot open: " + db.error().detail;
    const auto answer = (*db)->text("PRAGMA integrity_check");
    return answer ? *answer : answer.error().detail;
}

void check_survival(bench_ledger& l, const cairn::test::memory_disk& disk, const journal& j) {
    const auto size = l->current_head().size;
    const auto leaves = l->read().leaves(2026, 0, size);
    REQUIRE(leaves);
    REQUIRE(leaves->size() == size);
    merkle::frontier tree;
    std::map<std::uint64_t, digest> roots{{0, merkle::empty_root()}};
    for (const auto& leaf : *leaves) {
        tree.append(merkle::leaf_hash(leaf));
        roots[tree.size()] = tree.root();
    }
    for (const auto& [i, answer] : j.answered) {
        if (answer.receipt.empty()) continue;
        INFO("(a) event " << i);
        const auto extra = merkle::decode_extra(*merkle::parse_tlog_proof(answer.receipt)->extra);
        REQUIRE(answer.at.index() < size);
        CHECK((*leaves)[answer.at.index()] == extra->leaf);
    }
    for (const auto& [at, text] : j.heads) {
        if (text.empty()) continue;
        INFO("(b) head of size " << at);
        const auto head = merkle::parse_checkpoint(merkle::parse_note(text)->text);
        REQUIRE(head);
        REQUIRE(head->size <= size);
        CHECK(roots.at(head->size) == head->root);
    }
    INFO("(d)");
    CHECK(l->read().verify_all());
    l.close();
    seeded_random random{2};
    CHECK(rebuild_state(options_on(disk), random));
    INFO("(e)");
    CHECK(integrity(disk.name(), "/mem/ledger.db") == "ok");
    CHECK(integrity(disk.name(), "/mem/keys.db") == "ok");
}

} // namespace cairn::ledger::test
