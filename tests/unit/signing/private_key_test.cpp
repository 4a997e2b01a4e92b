// A signing key in its file.
#include "example.hpp"

#include "support/result_text.hpp"

namespace cairn::signing {
namespace {

using namespace testing;

// Of the seed 00 to 1f, computed by a program that shares no code.
const std::string stored = "PRIVATE+KEY+northshire.example/author-a+fd1e636f+"
                           "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n";

std::string refusal_of(const std::string& text) {
    const auto key = parse_private_key(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == errc::bad_value);
    // Nothing of a key in a message.
    CHECK(key.error().where.find("AQAB") == std::string::npos);
    return key.error().where;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

} // namespace

TEST_CASE("a key is written as sumdb/note writes it, and read again") {
    ed25519_private key;
    std::iota(key.seed.begin(), key.seed.end(), std::uint8_t{0});
    CHECK(print_private_key("northshire.example/author-a", key) == stored);
    const auto read = parse_private_key(stored);
    REQUIRE(read);
    CHECK(read->verifier() == author().verifier());
    CHECK(read->sign("a text\n") == author().sign("a text\n"));
}

TEST_CASE("what is no key is refused without a word of what is in it") {
    CHECK(refusal_of("") == "line 1, column 1: no signing key: it begins with PRIVATE+KEY+");
    CHECK(
        refusal_of(merkle::print_vkey(author().verifier())).find("begins with") != std::string::npos
    );
    CHECK(refusal_of("PRIVATE+KEY+a/b+00000000").find("a part is missing") != std::string::npos);
    CHECK(
        refusal_of(replaced(stored, "northshire.example/", "")).find("<partnership>/<who>") !=
        std::string::npos
    );
    CHECK(refusal_of(replaced(stored, "AQAB", "BAAB")).find("no Ed25519 key") != std::string::npos);
    CHECK(
        refusal_of(stored.substr(0, stored.size() - 3)).find("no Ed25519 key") != std::string::npos
    );
    // Another character of name, id or seed: the id tells.
    for (const auto& [from, to] :
         {std::pair{"author-a", "author-b"}, {"fd1e", "fd1f"}, {"HB0e", "HB0f"}}) {
        if (stored.find(from) == std::string::npos) continue;
        CHECK(
            refusal_of(replaced(stored, from, to)).find("id is that of another") !=
            std::string::npos
        );
    }
}

TEST_CASE("a signer's name says for which partnership") {
    for (const char* good : {"northshire.example/officer-2026", "a/b", "a/b/c"})
        CHECK(is_signer_name(good));
    for (const char* bad :
         {"", "officer", "/officer", "northshire.example/", "a/b c", "a/b+c", "a/\xc3\xa9"})
        CHECK_FALSE(is_signer_name(bad));
    CHECK_FALSE(is_signer_name("a/" + std::string(200, 'b')));
    CHECK(partnership_of("northshire.example/policy/jane") == "northshire.example");
}

} // namespace cairn::signing
