// The file that says whose signatures count.
#include "example.hpp"

#include "support/result_text.hpp"

namespace cairn::signing {
namespace {

using namespace testing;

void refused(const std::string& text, const std::string& where) {
    INFO(text);
    const auto out = signers_of_file(text);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == errc::bad_value);
    CHECK(out.error().where.substr(0, where.size()) == where);
}

} // namespace

TEST_CASE("a line a key, author or officer") {
    CHECK(signers_text() == block_of_page("signers"));
    const auto out = signers_of_file("# ours\n\n" + signers_text());
    REQUIRE(out);
    REQUIRE(out->size() == 2);
    CHECK((*out)[0].of == part::author);
    CHECK((*out)[0].key == author().verifier());
    CHECK((*out)[1].of == part::officer);
    CHECK((*out)[1].key == officer().verifier());
    // From an editor of another system, and without a last newline.
    std::string dos = signers_text();
    for (auto at = dos.find('\n'); at != std::string::npos; at = dos.find('\n', at + 2))
        dos.insert(at, "\r");
    CHECK(signers_of_file(dos.substr(0, dos.size() - 2)));
    CHECK(signers_of_file(signers_text() + print_signer(part::officer, stranger().verifier())));
}

TEST_CASE("what is wrong in the file is said with line, column and what to do") {
    const std::string one = print_signer(part::author, author().verifier());
    const std::string two = print_signer(part::officer, officer().verifier());
    refused("", "line 1, column 1: no key of an author; add a line \"author <verifier key>\"");
    refused(one, "line 2, column 1: no key of an officer; add a line");
    refused("writer" + one.substr(6) + two, "line 1, column 1: a line is author or officer");
    refused(one + "officer\n", "line 2, column 1: a line is author or officer");
    refused(one + "officer  no-key\n", "line 2, column 10: no verifier key: copy what");
    refused(one + two.substr(0, two.size() - 4) + "\n", "line 2, column 9: no verifier key");
    merkle::verifier_key witness = officer().verifier();
    witness.type = merkle::key_type::cosignature;
    refused(one + print_signer(part::officer, witness), "line 2, column 9: a witness's key");
}

TEST_CASE("nobody is author and officer, and no two keys have one name") {
    const std::string one = print_signer(part::author, author().verifier());
    refused(
        one + print_signer(part::officer, author().verifier()),
        "line 2, column 1: this key stands there already; author and officer are two people"
    );
    // The same key under another name is the same key.
    refused(
        one + print_signer(part::officer, example_key("northshire.example/other", 0).verifier()),
        "line 2, column 1: this key stands there already"
    );
    refused(
        one +
            print_signer(part::officer, example_key("northshire.example/author-a", 32).verifier()),
        "line 2, column 1: another key has this name"
    );
}

} // namespace cairn::signing
