// The worked examples of docs/formats/keys.md and ledger.md are what the code does.
#include "core/crypto.hpp"
#include "ledger/effects.hpp"
#include "ledger/schema.hpp"
#include "ledger/stored.hpp"
#include "merkle/checkpoint.hpp"
#include "support/paths.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/fixture.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace cairn;
using namespace cairn::ledger;

namespace {

std::string page(const std::string& name) {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/docs/formats/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

key256 filled(std::uint8_t with) {
    key256 k{};
    k.fill(with);
    return k;
}

bytes_view view_of(const key256& k) {
    return {reinterpret_cast<const char*>(k.data()), k.size()};
}

// Hex as the pages break it: lines of 64 digits.
bool shows(const std::string& text, bytes_view raw) {
    std::string flat;
    for (const char c : text) {
        if (c != '\n' && c != ' ') flat.push_back(c);
    }
    const bool found = flat.find(to_hex(raw)) != std::string::npos;
    if (!found) UNSCOPED_INFO("the page should show " << to_hex(raw));
    return found;
}

// What SQLite says of the connection, not what was asked of it.
std::string asked(sql::database& db, const char* text) {
    sql::query q(db, text);
    return q.row() ? std::string(q.blob(0)) : "nothing";
}

using named_settings = std::vector<std::pair<const char*, std::string>>;

void check_settings(sql::database& db, const named_settings& own) {
    named_settings all{
        {"PRAGMA synchronous", "2"},
        {"PRAGMA secure_delete", "1"},
        {"PRAGMA foreign_keys", "1"},
        {"PRAGMA trusted_schema", "0"},
        {"PRAGMA cell_size_check", "1"},
        {"PRAGMA temp_store", "2"},
        {"PRAGMA mmap_size", "0"},
        {"PRAGMA page_size", "4096"},
        {"PRAGMA auto_vacuum", "0"},
    };
    all.insert(all.end(), own.begin(), own.end());
    for (const auto& [text, value] : all) {
        INFO(text);
        CHECK(asked(db, text) == value);
    }
}

bool shows_line(const std::string& text, const std::string& line) {
    const bool found = text.find("    " + line + "\n") != std::string::npos;
    if (!found) UNSCOPED_INFO("the page should show " << line);
    return found;
}

} // namespace

TEST_CASE("the page on keys shows what the code wraps and seals") {
    const std::string text = page("keys.md");
    const bytes id = bytes("\1\2\3", 3) + bytes(13, '\0');
    const key256 wrap = derive_key(filled(7), "cairn slots v1 " + id + bytes(16, '\5'));
    CHECK(shows(text, view_of(wrap)));
    bytes place = id;
    put_u64(place, 1);
    CHECK(shows(text, seal(wrap, counter_nonce(1), view_of(filled(9)), place)));
    CHECK(shows(text, seal_part({1, filled(9)}, 1, "plain")));
}

TEST_CASE("the page on the ledger shows what the code writes into its columns") {
    const std::string text = page("ledger.md");
    CHECK(text.find(std::to_string(position::at(2026, 17).value)) != std::string::npos);
    CHECK(shows(text, encode(layout{300, {{2, 200, false, 3'600'000'000}, {3, 250, true, 0}}})));
    CHECK(shows(text, encode_numbers(std::vector<std::uint32_t>{2, 4, 6})));
    const key256 key = derive_key(filled(7), "cairn hash v1 submission");
    CHECK(shows(text, submission_hash(key, "oakfield", "a-key-of-oakfield")));
    const key256 body = derive_key(filled(7), "cairn hash v1 body");
    CHECK(shows(
        text,
        view(hmac_sha256(
            body,
            {"\x0a\x03"
             "abc"}
        ))
    ));
    const bytes parties = encode_numbers(std::vector<std::uint32_t>{2, 4, 6});
    const bytes places = encode(layout{300, {{2, 200, false, 3'600'000'000}, {3, 250, true, 0}}});
    record_columns row;
    row.at = position::at(2026, 17);
    row.recorded_us = 1;
    row.kind = record_kind::concern;
    row.slot = 5;
    row.flags = 1;
    row.sender = 2;
    row.concern_kind = 3;
    row.parties = parties;
    row.layout = places;
    row.id = "a";
    row.thread = "a";
    row.reply = "b";
    CHECK(shows(text, guard_of(derive_key(filled(7), "cairn hash v1 record"), row)));
    ed25519_private log_key;
    log_key.seed = filled(9);
    const merkle::verifier_key pinned{
        "northshire.example", merkle::key_type::ed25519, public_of(log_key)};
    CHECK(shows_line(text, merkle::print_vkey(pinned)));
    for (const char* origin : {"northshire.example/2026", "northshire.example/2027"}) {
        CHECK(shows_line(text, merkle::print_vkey(*merkle::key_of_year(pinned, origin))));
    }
}

TEST_CASE("a connection to ledger.db or keys.db has every setting that its page names") {
    const test::temporary_folder folder;
    REQUIRE(create_ledger_file(ledger_file(folder.path(), {})));
    REQUIRE(create_keys_file(keys_file(folder.path(), {})));
    const auto writer = open_writer(ledger_file(folder.path(), {}));
    REQUIRE(writer);
    check_settings(
        **writer,
        {{"PRAGMA journal_mode", "wal"},
         {"PRAGMA wal_autocheckpoint", "0"},
         {"PRAGMA journal_size_limit", "67108864"},
         {"PRAGMA cache_size", "-32768"}}
    );
    const auto reader = open_reader(ledger_file(folder.path(), {}));
    REQUIRE(reader);
    check_settings(
        **reader,
        {{"PRAGMA query_only", "1"},
         {"PRAGMA wal_autocheckpoint", "0"},
         {"PRAGMA cache_size", "-4096"}}
    );
    const auto keys = open_keys(keys_file(folder.path(), {}));
    REQUIRE(keys);
    check_settings(
        **keys,
        {{"PRAGMA locking_mode", "exclusive"},
         {"PRAGMA journal_mode", "truncate"},
         {"PRAGMA cache_size", "-1024"}}
    );
}

TEST_CASE("a setting that a file cannot take stops whoever opens it") {
    const test::temporary_folder folder;
    const sql::file f = ledger_file(folder.path(), {});
    {
        const auto other = sql::database::open(f, sql::access::create);
        REQUIRE(other);
        REQUIRE((*other)->exec("PRAGMA page_size = 8192; CREATE TABLE meta(id); "
                               "PRAGMA application_id = 0x4341524E; PRAGMA user_version = 1"));
    }
    for (const auto opened : {open_writer, open_reader}) {
        const auto refused = opened(f);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::storage_failed);
        CHECK(refused.error().where == "ledger.db");
        CHECK(
            refused.error().detail ==
            "SQLite did not take a setting: PRAGMA page_size is 8192, not 4096"
        );
    }
}
