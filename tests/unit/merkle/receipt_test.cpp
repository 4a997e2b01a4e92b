#include "merkle/receipt.hpp"

#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"
#include "support/paths.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"
#include "unit/merkle/worked_example.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <sstream>

namespace cairn::merkle {
namespace {

const std::string page = CAIRN_SOURCE_DIR "/docs/formats/leaf.md";

std::vector<verifier_key> keys_of(const worked_example& e) {
    return {parse_vkey(e.vkey).value()};
}

// The receipt with its extra bytes changed, everything else kept.
template <class Change>
std::string with_extra(const worked_example& e, Change change) {
    const tlog_proof proof = parse_tlog_proof(e.receipt).value();
    receipt_extra extra = decode_extra(*proof.extra).value();
    change(extra);
    return print_tlog_proof(encode(extra), proof.index, proof.path, proof.note);
}

struct outcome {
    errc code;
    std::string where;
    bool operator==(const outcome&) const = default;
};

outcome outcome_of(
    const worked_example& e, const std::string& text, std::optional<bytes_view> exact = std::nullopt
) {
    const auto r = verify_receipt(text, keys_of(e), exact);
    REQUIRE_FALSE(r);
    return {r.error().code, r.error().where};
}

// The text of the page's fenced block that starts with this info word.
std::string block_of(const std::string& text, const std::string& info) {
    const std::string open = "```" + info + "\n";
    const std::size_t at = text.find(open);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + open.size();
    return text.substr(from, text.find("```", from) - from);
}

TEST_CASE("the numbers of docs/formats/leaf.md are those the product computes") {
    const worked_example e = make_worked_example();
    const auto computed = worked_values(e);
    const std::string text = reference::read_text(page);
    std::map<std::string, std::string> shown;
    std::istringstream lines(block_of(text, "vector"));
    for (std::string name, value; lines >> name >> value;) {
        INFO(name);
        CHECK(shown.emplace(name, value).second);
    }
    for (const auto& [name, value] : computed) {
        INFO(name);
        CHECK(shown[name] == value);
    }
    CHECK(shown.size() == computed.size());
    CHECK(block_of(text, "receipt") == e.receipt);
}

// Not run by itself: prints the page's two blocks, for the day a version 2 is written down.
TEST_CASE("print the numbers of docs/formats/leaf.md", "[.page]") {
    const worked_example e = make_worked_example();
    std::cout << "```vector\n";
    for (const auto& [name, value] : worked_values(e)) std::cout << name << " " << value << "\n";
    std::cout << "```\n```receipt\n" << e.receipt << "```\n";
}

TEST_CASE("a receipt verifies with nothing but the log's key") {
    const worked_example e = make_worked_example();
    const auto r = verify_receipt(e.receipt, keys_of(e));
    REQUIRE(r);
    CHECK(r->record == e.record);
    CHECK(r->index == 2);
    CHECK(r->size == 5);
    CHECK(r->origin == "northshire/2026");
    REQUIRE(r->entry);
    CHECK(r->entry->party == "oakfield");
    CHECK(r->entry->part == party_part::sender);
    CHECK_FALSE(r->exact_checked);
    CHECK(r->signatures.size() == 1);
}

TEST_CASE("a receipt verifies against the exact bytes and against no others") {
    const worked_example e = make_worked_example();
    const auto r = verify_receipt(e.receipt, keys_of(e), e.exact[0]);
    REQUIRE(r);
    CHECK(r->exact_checked);
    const outcome other{errc::proof_invalid, "exact bytes: not those the log committed to"};
    CHECK(outcome_of(e, e.receipt, e.exact[1]) == other);
    CHECK(outcome_of(e, e.receipt, "") == other);
}

TEST_CASE("each broken step of a receipt is named") {
    const worked_example e = make_worked_example();
    CHECK(outcome_of(e, "") == outcome{errc::note_malformed, "receipt text: header"});
    std::string text = e.receipt;
    text[text.find("2026\n5\n") + 5] = '6';
    CHECK(
        outcome_of(e, text) ==
        outcome{errc::signature_invalid, "checkpoint: signature by northshire/2026"}
    );
    text = with_extra(e, [](receipt_extra& x) { x.leaf[1] = '\x63'; });
    CHECK(outcome_of(e, text) == outcome{errc::proof_invalid, "leaf"});
    text = with_extra(e, [](receipt_extra& x) { x.leaf[2] = '\x63'; });
    CHECK(
        outcome_of(e, text) ==
        outcome{errc::proof_invalid, "inclusion: the path leads to another root"}
    );
    text = with_extra(e, [](receipt_extra& x) { x.own->entry[3] ^= 1; });
    CHECK(
        outcome_of(e, text) == outcome{errc::proof_invalid, "entry: the path leads to another root"}
    );
    text = with_extra(e, [](receipt_extra& x) { x.own->entry[0] = 9; });
    CHECK(outcome_of(e, text) == outcome{errc::proof_invalid, "entry: entry"});
    text = with_extra(e, [](receipt_extra& x) { x.own->index = 8; });
    CHECK(
        outcome_of(e, text) == outcome{errc::proof_invalid, "entry: the index is beyond the size"}
    );
    const tlog_proof proof = parse_tlog_proof(e.receipt).value();
    text = print_tlog_proof({}, proof.index, proof.path, proof.note);
    CHECK(outcome_of(e, text) == outcome{errc::note_malformed, "extra: missing"});
    text = print_tlog_proof("\2", proof.index, proof.path, proof.note);
    CHECK(outcome_of(e, text) == outcome{errc::note_malformed, "extra"});
    text = with_extra(e, [](receipt_extra& x) { x.own->randomness[0] ^= 1; });
    CHECK(
        outcome_of(e, text, e.exact[0]) ==
        outcome{errc::proof_invalid, "exact bytes: not those the log committed to"}
    );
}

TEST_CASE("a receipt that opens no entry proves the record and claims no more") {
    const worked_example e = make_worked_example();
    const std::string text = with_extra(e, [](receipt_extra& x) { x.own.reset(); });
    const auto r = verify_receipt(text, keys_of(e));
    REQUIRE(r);
    CHECK_FALSE(r->entry);
    CHECK(
        outcome_of(e, text, e.exact[0]) ==
        outcome{errc::proof_invalid, "exact bytes: this receipt opens no entry"}
    );
}

TEST_CASE("a log's key vouches for heads in its own name only") {
    const worked_example e = make_worked_example();
    const tlog_proof proof = parse_tlog_proof(e.receipt).value();
    checkpoint head = parse_checkpoint(parse_note(proof.note).value().text).value();
    head.origin = "southshire/2026";
    const std::string text = print_tlog_proof(
        *proof.extra, proof.index, proof.path, sign_checkpoint(worked_signer(), head)
    );
    CHECK(
        outcome_of(e, text) ==
        outcome{errc::signature_invalid, "checkpoint: the origin is not the key's name"}
    );
}

TEST_CASE("every flipped bit of a receipt's text is rejected when the exact bytes are at hand") {
    const worked_example e = make_worked_example();
    const auto with = keys_of(e);
    REQUIRE(verify_receipt(e.receipt, with, e.exact[0]));
    for (std::size_t i = 0; i < e.receipt.size() * 8; ++i) {
        std::string text = e.receipt;
        text[i / 8] = static_cast<char>(static_cast<unsigned char>(text[i / 8]) ^ (1U << (i % 8)));
        if (verify_receipt(text, with, e.exact[0])) {
            FAIL("bit " << i % 8 << " of byte " << i / 8);
        }
    }
}

TEST_CASE(
    "every flipped bit of a receipt's extra bytes is rejected, randomness with the exact bytes"
) {
    const worked_example e = make_worked_example();
    const auto with = keys_of(e);
    const tlog_proof proof = parse_tlog_proof(e.receipt).value();
    const std::size_t randomness_at = proof.extra->size() - 32;
    for (std::size_t i = 0; i < proof.extra->size() * 8; ++i) {
        bytes extra = *proof.extra;
        extra[i / 8] =
            static_cast<char>(static_cast<unsigned char>(extra[i / 8]) ^ (1U << (i % 8)));
        const std::string text = print_tlog_proof(extra, proof.index, proof.path, proof.note);
        // Without the exact bytes the randomness says nothing and nothing checks it.
        const bool needs_exact = i / 8 >= randomness_at;
        const auto exact = needs_exact ? std::optional<bytes_view>(e.exact[0]) : std::nullopt;
        if (verify_receipt(text, with, exact)) FAIL("bit " << i % 8 << " of byte " << i / 8);
    }
}

TEST_CASE("extra bytes are read back and have one form only") {
    const worked_example e = make_worked_example();
    const bytes good = *parse_tlog_proof(e.receipt).value().extra;
    const receipt_extra extra = decode_extra(good).value();
    CHECK(encode(extra) == good);
    for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(decode_extra(good.substr(0, n)));
    CHECK_FALSE(decode_extra(good + "x"));
    CHECK_FALSE(decode_extra('\2' + good.substr(1)));
    receipt_extra unopened{extra.leaf, std::nullopt};
    const bytes closed = encode(unopened);
    CHECK(decode_extra(closed).value() == unopened);
    // Nothing opened, yet an index or a randomness.
    for (const std::size_t at : {closed.size() - 1, closed.size() - 35}) {
        bytes odd = closed;
        odd[at] = 1;
        CHECK_FALSE(decode_extra(odd));
    }
}

} // namespace
} // namespace cairn::merkle
