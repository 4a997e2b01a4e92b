// What is signed, and whether it was.
#include "example.hpp"

#include "support/result_text.hpp"

namespace cairn::signing {
namespace {

using namespace testing;

std::string signed_by(std::initializer_list<merkle::note_signer> keys) {
    std::string note;
    for (const auto& k : keys) note = *add_signature(note, example_statement(), k);
    return note;
}

result<std::vector<signer>>
checked(const std::string& note, const statement& s = example_statement()) {
    return check_signatures(note, s, *signers_of_file(signers_text()));
}

void refused(
    const std::string& note, const std::string& where, const statement& s = example_statement()
) {
    const auto out = checked(note, s);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == errc::policy_unsigned);
    CHECK(out.error().where == where);
}

} // namespace

TEST_CASE("the worked example comes out byte for byte") {
    const std::string note = signed_by({author(), officer()});
    CHECK(note == block_of_page("note"));
    const auto who = checked(note);
    REQUIRE(who);
    CHECK(
        *who ==
        std::vector<signer>{
            {part::author, "northshire.example/author-a"},
            {part::officer, "northshire.example/officer-b"}}
    );
}

TEST_CASE("both parts have signed, in whatever order, and others do not matter") {
    CHECK(checked(signed_by({officer(), author()})));
    CHECK(checked(signed_by({stranger(), officer(), author()})));
    refused(
        signed_by({author()}),
        "line 7, column 1: signed by northshire.example/author-a (author); no signature of an "
        "officer: cairn policy sign"
    );
    refused(
        signed_by({stranger()}),
        "line 7, column 1: signed by nobody who is trusted; no signature of an author: cairn "
        "policy sign"
    );
}

TEST_CASE("one key twice is one signature") {
    const std::string once = signed_by({author()});
    const std::string twice = once + once.substr(once.find("\n\n") + 2);
    refused(
        twice,
        "line 8, column 1: signed by northshire.example/author-a (author); no signature of an "
        "officer: cairn policy sign"
    );
    const auto again = add_signature(once, example_statement(), author());
    REQUIRE_FALSE(again);
    CHECK(again.error().where == "northshire.example/author-a has signed it already");
}

TEST_CASE("a signature by the wrong key under a trusted name is wrong, not unknown") {
    // Name and id of the officer, signed by a stranger.
    std::string note = signed_by({author(), officer()});
    const auto at = note.find("officer-b ") + 10;
    auto blob = *from_base64(note.substr(at, note.size() - at - 1));
    const std::string text = print_statement(example_statement());
    const std::string other = stranger().sign(text);
    const auto space = other.rfind(' ') + 1;
    const auto theirs = *from_base64(other.substr(space, other.size() - space - 1));
    note = note.substr(0, at) + to_base64(blob.substr(0, 4) + theirs.substr(4)) + "\n";
    refused(note, "line 7, column 1: the signature of northshire.example/officer-b is wrong");
}

TEST_CASE("signatures over other bytes say which line they are not for") {
    const std::string note = signed_by({author(), officer()});
    statement s = example_statement();
    s.text_digest = sha256("another text");
    refused(
        note, "line 3, column 1: the text was changed after it was signed; have it signed again", s
    );
    s = example_statement();
    s.version = "2026-12";
    refused(note, "line 2, column 1: the signatures are for another version of the text", s);
    s = example_statement();
    s.partnership = "southshire.example";
    refused(note, "line 1, column 1: the signatures are for another partnership", s);
    CHECK_FALSE(add_signature(note, s, stranger()));
}

TEST_CASE("any changed byte of a note is found") {
    const std::string note = signed_by({author(), officer()});
    for (std::size_t i = 0; i < note.size(); ++i) {
        for (const char flip : {'\x01', '\x20'}) {
            std::string other = note;
            other[i] = static_cast<char>(other[i] ^ flip);
            INFO(i);
            CHECK_FALSE(checked(other));
        }
    }
    for (std::size_t n = 0; n < note.size(); ++n) CHECK_FALSE(checked(note.substr(0, n)));
}

TEST_CASE("a checkpoint passes for no statement") {
    const std::string checkpoint =
        "northshire.example/policy\n17\n" + to_base64(view(sha256("x"))) + "\n";
    std::string note = checkpoint + "\n" + author().sign(checkpoint) + officer().sign(checkpoint);
    refused(note, "line 2, column 1: the signatures are for another version of the text");
}

} // namespace cairn::signing
