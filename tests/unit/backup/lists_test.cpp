// Heads that somebody kept, and the list of erasures.
#include "backup/erased.hpp"
#include "backup/heads.hpp"
#include "backup/manifest.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/tlog_proof.hpp"
#include "unit/backup/fixture.hpp"

using namespace cairn;
using namespace cairn::backup;

TEST_CASE("a checkpoint and a receipt show the same head, another key's show none") {
    ed25519_private key;
    key.seed.fill(9);
    const merkle::note_signer signer(
        merkle::origin_of("northshire.example", 2026), key, merkle::key_type::ed25519
    );
    const digest root = sha256("root");
    const std::string note =
        merkle::sign_checkpoint(signer, {"northshire.example/2026", 41, root, {}});
    const auto own = public_of(key);
    for (const std::string& text : {note, merkle::print_tlog_proof({}, 3, {}, note)}) {
        const auto head = read_head(text, "northshire.example", own);
        REQUIRE(head);
        CHECK(head->year == 2026);
        CHECK(head->size == 41);
        CHECK(head->root == root);
    }
    CHECK_FALSE(read_head(note, "southshire.example", own));
    key.seed.fill(8);
    CHECK_FALSE(read_head(note, "northshire.example", public_of(key)));
    CHECK_FALSE(read_head("nothing", "northshire.example", own));
}

TEST_CASE("the list of erasures reads back, and each bad line is named") {
    const erased_list l{
        bytes(32, 'a'),
        {{ledger::position::at(2026, 17), sha256("a")}, {ledger::position::at(2027, 0), {}}}};
    const std::string text = print_erased(l);
    const auto back = parse_erased(text);
    REQUIRE(back);
    CHECK(back->ledger_id == l.ledger_id);
    CHECK(back->records == l.records);
    const auto line = [](const std::string& bad) { return parse_erased(bad).error().where; };
    CHECK(line("") == "line 1");
    CHECK(line("cairn-erased-2 aa\n") == "line 1");
    for (const char* bad : {"2026/17", "2026 17", "2026/17 abc", "x", "2026/17 "}) {
        CHECK(line("cairn-erased-1 aa\n" + std::string(bad) + "\n") == "line 2");
    }
}

TEST_CASE("a manifest reads back, and nothing else is taken for one") {
    manifest m;
    m.kind = archive_kind::keys;
    m.partnership = "northshire.example";
    m.taken_us = 5;
    m.members = {{"data/keys.db", 9, "ff"}};
    const std::string text = print_manifest(m);
    const auto back = parse_manifest(text);
    REQUIRE(back);
    CHECK(print_manifest(*back) == text);
    for (const char* bad : {"", "[]", "{}", "{\"format\": 1}", "{\"format\":\"cairn-backup-2\"}"}) {
        INFO(bad);
        REQUIRE_FALSE(parse_manifest(bad));
        CHECK(parse_manifest(bad).error().code == errc::sealed_data_damaged);
    }
}
