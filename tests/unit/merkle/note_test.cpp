#include "merkle/note.hpp"

#include "core/limits.hpp"
#include "merkle/text.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/tessera_log.hpp"

#include <catch2/catch.hpp>

namespace cairn::merkle {
namespace {

const std::string dash = "\xe2\x80\x94 ";

const std::string spec_vkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string spec_text = "This is an example message.\n";
const std::string spec_line =
    dash + "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3m"
           "FXmRKuwHjG1Yu72IneyaQM=\n";

const std::string go_vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const std::string go_note =
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n" + dash +
    "sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPW"
    "L+o3GeoWwOoAw=\n";

std::vector<verifier_key> keys(std::initializer_list<std::string_view> texts) {
    std::vector<verifier_key> out;
    for (const std::string_view t : texts) out.push_back(parse_vkey(t).value());
    return out;
}

result<std::vector<good_signature>>
verify_text(std::string_view text, const std::vector<verifier_key>& with) {
    const auto parsed = parse_note(text);
    if (!parsed) return parsed.error();
    return verify_note(*parsed, with);
}

note_signer signer_of(const std::string& name, char fill, key_type type = key_type::ed25519) {
    ed25519_private key;
    key.seed.fill(static_cast<std::uint8_t>(fill));
    return {name, key, type};
}

TEST_CASE("the example of the signed-note specification verifies") {
    const auto good = verify_text(spec_text + "\n" + spec_line, keys({spec_vkey}));
    REQUIRE(good);
    REQUIRE(good->size() == 1);
    CHECK(good->front().key.name == "example.com/foo");
    CHECK(good->front().key.id() == 0x530d903a);
    CHECK(good->front().posix_seconds == 0);
}

TEST_CASE("a tree head of the Go checksum database verifies") {
    CHECK(verify_text(go_note, keys({go_vkey})));
    std::string changed = go_note;
    changed[changed.find("6476701")] = '7';
    CHECK(verify_text(changed, keys({go_vkey})).error().code == errc::signature_invalid);
}

TEST_CASE("verifier keys print as they were read") {
    for (const std::string& text : {spec_vkey, go_vkey, std::string(tessera::vkey)}) {
        CHECK(print_vkey(parse_vkey(text).value()) == text);
    }
}

TEST_CASE("a verifier key that is not whole is refused with the cause") {
    const auto cause = [](std::string text) {
        const auto r = parse_vkey(text);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::bad_value);
        CHECK(r.error().where == "verifier key");
        return r.error().detail;
    };
    CHECK(cause("") == "not of the form name+id+key");
    CHECK(cause("name+530d903a") == "not of the form name+id+key");
    CHECK(cause(spec_vkey.substr(15)) == "the name is empty or has a space");
    CHECK(cause("a b" + spec_vkey.substr(15)) == "the name is empty or has a space");
    std::string id = spec_vkey;
    id[20] = 'f';
    CHECK(cause(id) == "the key id does not fit name and key");
    CHECK(cause("other" + spec_vkey.substr(15)) == "the key id does not fit name and key");
    CHECK(cause("example.com/foo+530d90+AekyeR") == "the key id is not 8 hexadecimal digits");
    CHECK(cause(spec_vkey.substr(0, 60)) == "the key is not base64 of 33 bytes");
    CHECK(cause(spec_vkey + "\n") == "the key is not base64 of 33 bytes");
    CHECK(
        cause("a+00000000+" + to_base64("\x06" + bytes(32, 'k'))) ==
        "the key's type is neither 1 (Ed25519) nor 4 (cosignature)"
    );
}

TEST_CASE("a witness's cosignature over the test log's head is made byte for byte") {
    const std::string body =
        "example.com/log/testdata\n15\n" + std::string(tessera::roots.at(15)) + "\n";
    const note_signer witness(
        "Wit1",
        tessera::seed_of("AeadRiG7XM4XiieCHzD8lxysXMwcViy5nYsoXURWGrlE"),
        key_type::cosignature
    );
    CHECK(
        print_vkey(witness.verifier()) ==
        "Wit1+9b3fb2d5+BFhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk"
    );
    const std::string line = witness.cosign(body, 1700000000);
    CHECK(
        line == dash +
                    "Wit1 mz+y1QAAAABlU/EAYEDMPd8Ge7XzsHcNU+F3AzavfsuzhRT3gC4BORiySViMAWQq5znn5g+"
                    "ruu+iDztzMS3EeF6xr4ug+O66ORoSAw==\n"
    );
    const auto good = verify_text(body + "\n" + line, {witness.verifier()});
    REQUIRE(good);
    CHECK(good->front().posix_seconds == 1700000000);
    // The same seed under type 1 has another id.
    CHECK(signer_of("Wit1", 0).verifier().id() != witness.verifier().id());
}

TEST_CASE("a third party's cosignature verifies and binds its time") {
    const std::string text =
        "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n";
    const std::string line =
        dash +
        "witness.example.org uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZ"
        "q4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n";
    const auto with =
        keys({"witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"});
    const auto good = verify_text(text + "\n" + line, with);
    REQUIRE(good);
    CHECK(good->front().posix_seconds == 1767139200);
    std::string later = line;
    later[later.find("VGeA")] = 'W';
    CHECK(verify_text(text + "\n" + later, with).error().code == errc::signature_invalid);
}

TEST_CASE("signatures by others are ignored, however many of them come first") {
    const note_signer known = signer_of("known", 1);
    std::string text = "hello\n\n";
    for (char i = 0; i < 20; ++i) text += signer_of("other" + std::to_string(i), i).sign("hello\n");
    CHECK(verify_text(text, {known.verifier()}).error().where == "no signature by a key given");
    text += known.sign("hello\n");
    const auto good = verify_text(text, {known.verifier()});
    REQUIRE(good);
    CHECK(good->size() == 1);
}

TEST_CASE("one wrong signature by a known key rejects the note though another is good") {
    const note_signer a = signer_of("a", 1);
    const note_signer b = signer_of("b", 2);
    const std::vector<verifier_key> both = {a.verifier(), b.verifier()};
    CHECK(verify_text("x\n\n" + a.sign("x\n") + b.sign("x\n"), both).value().size() == 2);
    const auto r = verify_text("x\n\n" + a.sign("x\n") + b.sign("y\n"), both);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::signature_invalid);
    CHECK(r.error().where == "signature by b");
    // Who does not know b is content with a.
    CHECK(verify_text("x\n\n" + a.sign("x\n") + b.sign("y\n"), {a.verifier()}));
    // A wrong repetition is no repetition.
    CHECK_FALSE(verify_text("x\n\n" + a.sign("x\n") + a.sign("y\n"), {a.verifier()}));
    CHECK(verify_text("x\n\n" + a.sign("x\n") + a.sign("x\n"), {a.verifier()}).value().size() == 1);
}

TEST_CASE("a key of the same name but another id is another key") {
    const note_signer a = signer_of("a", 1);
    const note_signer namesake = signer_of("a", 2);
    CHECK_FALSE(verify_text("x\n\n" + namesake.sign("x\n"), {a.verifier()}));
    CHECK(verify_text("x\n\n" + namesake.sign("x\n") + a.sign("x\n"), {a.verifier()}));
}

TEST_CASE("the text ends at the last blank line") {
    const note_signer a = signer_of("a", 1);
    const std::string text = "one\n\ntwo\n\n\nthree\n";
    const auto parsed = parse_note(text + "\n" + a.sign(text));
    REQUIRE(parsed);
    CHECK(parsed->text == text);
    CHECK(verify_note(*parsed, std::vector{a.verifier()}));
}

TEST_CASE("a note that is not in the form is refused with the part named") {
    const std::string line = signer_of("a", 1).sign("x\n");
    const auto part = [](const std::string& in) {
        const auto r = parse_note(in);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::note_malformed);
        return r.error().where;
    };
    CHECK(part("") == "blank line");
    CHECK(part("x\n" + line) == "blank line");
    CHECK(part("x\n\n") == "no signature");
    CHECK(part("x\n\n" + line.substr(0, line.size() - 1)) == "last line");
    CHECK(part("x\n\n" + line + "y\n") == "signature 2");
    CHECK(part("x\n\n- a AAAAAAAA\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a\n") == "signature 1");
    CHECK(part("x\n\n" + dash + " AAAAAAAA\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a+b AAAAAAAA\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a b AAAAAAAA\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a\xc2\xa0ouml AAAAAAAA\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a AAAAAA==\n") == "signature 1");
    CHECK(part("x\n\n" + dash + "a AAAAAAA\n") == "signature 1");
    CHECK(part("x\ty\n\n" + line) == "text encoding");
    CHECK(part("x\r\n\n" + line) == "text encoding");
    CHECK(part(std::string("x\0y\n\n", 5) + line) == "text encoding");
    CHECK(part("x\xff\n\n" + line) == "text encoding");
    CHECK(part(std::string(limits::note_bytes, 'x') + "\n\n" + line) == "more than 1048576");
}

TEST_CASE("a hundred signatures are read and one more is refused") {
    const std::string line = dash + "a AAAAAAAA\n";
    std::string text = "x\n\n";
    for (std::size_t i = 0; i < limits::note_signatures; ++i) text += line;
    CHECK(parse_note(text).value().signatures.size() == 100);
    CHECK(parse_note(text + line).error().where == "more than 100 signatures");
}

TEST_CASE("only valid UTF-8 without control characters is a note's text") {
    CHECK(is_note_text("a\nb \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
    for (const std::string bad : {
             "\x80",             // a continuation alone
             "\xc3",             // cut
             "\xc3(",            // not a continuation
             "\xc0\xaf",         // overlong slash
             "\xe0\x80\xaf",     // overlong again
             "\xf0\x80\x80\xaf", // and again
             "\xed\xa0\x80",     // surrogate
             "\xf4\x90\x80\x80", // above U+10FFFF
             "\xf8\x88\x80\x80\x80",
             "\x1b",
         }) {
        CAPTURE(to_hex(bad));
        CHECK_FALSE(is_note_text("ok" + bad));
    }
}

TEST_CASE("a decimal number has one form") {
    CHECK(parse_decimal("0") == 0U);
    CHECK(parse_decimal("18446744073709551615") == ~std::uint64_t{0});
    for (const auto* bad :
         {"", "00", "01", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_decimal(bad));
    }
}

} // namespace
} // namespace cairn::merkle
