// The worked examples of docs/formats/keys.md and ledger.md are what the code does.
#include "core/crypto.hpp"
#include "ledger/effects.hpp"
#include "ledger/stored.hpp"
#include "merkle/checkpoint.hpp"
#include "support/result_text.hpp"

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
