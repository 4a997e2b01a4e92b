#include "merkle/checkpoint.hpp"

#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"
#include "unit/merkle/tessera_log.hpp"

#include <catch2/catch.hpp>

namespace cairn::merkle {
namespace {

using reference::digest_of_base64;

std::vector<verifier_key> tessera_keys() {
    return {parse_vkey(tessera::vkey).value()};
}

reference::stored_rows tessera_tree() {
    reference::stored_rows out;
    for (const std::string_view leaf : tessera::leaves) out.append(leaf_hash(leaf));
    return out;
}

TEST_CASE("the test log's roots come out at every published size") {
    frontier tree;
    for (std::size_t n = 0;; ++n) {
        CAPTURE(n);
        const auto at = tessera::roots.find(n);
        if (at != tessera::roots.end()) CHECK(tree.root() == digest_of_base64(at->second));
        if (n == tessera::leaves.size()) break;
        tree.append(leaf_hash(tessera::leaves[n]));
    }
}

TEST_CASE("signing the test log's head of size 15 gives the published bytes") {
    const note_signer signer = tessera::signer();
    CHECK(print_vkey(signer.verifier()) == tessera::vkey);
    const auto tree = tessera_tree();
    const std::string text =
        sign_checkpoint(signer, {std::string(tessera::origin), 15, tree.border().root(), {}});
    CHECK(text == tessera::checkpoint_15());
    const auto verified = verify_checkpoint(text, tessera_keys());
    REQUIRE(verified);
    CHECK(verified->head.size == 15);
    CHECK(verified->head.root == tree.border().root());
    CHECK(verified->log_name == tessera::origin);
}

TEST_CASE("a key pinned under the partnership's name holds for its years and nothing else") {
    const ed25519_private secret{[] {
        std::array<std::uint8_t, 32> seed{};
        seed.fill(9);
        return seed;
    }()};
    const verifier_key pinned{"northshire.example", key_type::ed25519, public_of(secret)};
    const auto head_of = [&](const std::string& origin) {
        const note_signer signer(origin, secret, key_type::ed25519);
        return sign_checkpoint(signer, {origin, 1, leaf_hash("one"), {}});
    };
    for (const char* good : {"northshire.example/2026", "northshire.example/2027"}) {
        INFO(good);
        const auto v = verify_checkpoint(head_of(good), {&pinned, 1});
        REQUIRE(v);
        CHECK(v->log_name == good);
        // The key id is the one any other verifier computes for this name.
        const auto yearly = key_of_year(pinned, good);
        REQUIRE(yearly);
        CHECK(yearly->id() == note_signer(good, secret, key_type::ed25519).verifier().id());
        CHECK(parse_vkey(print_vkey(*yearly)));
    }
    for (const char* bad :
         {"northshire.example/26",
          "northshire.example/02026",
          "northshire.example/0026",
          "northshire.example/2026/x",
          "northshire.example/year",
          "northshire.example2026",
          "southshire.example/2026",
          "x.northshire.example/2026"}) {
        INFO(bad);
        CHECK_FALSE(key_of_year(pinned, bad));
        CHECK_FALSE(verify_checkpoint(head_of(bad), {&pinned, 1}));
    }
    const verifier_key witness{"northshire.example", key_type::cosignature, public_of(secret)};
    CHECK_FALSE(key_of_year(witness, "northshire.example/2026"));
    // Another's key under the same name.
    ed25519_private other = secret;
    other.seed.fill(8);
    const verifier_key wrong{"northshire.example", key_type::ed25519, public_of(other)};
    CHECK_FALSE(verify_checkpoint(head_of("northshire.example/2026"), {&wrong, 1}));
}

TEST_CASE("the test log's published inclusion and consistency proofs come out") {
    const auto tree = tessera_tree();
    const digest root = tree.border().root();
    CHECK(
        to_hex(view(leaf_hash("five"))) ==
        "ccc29ae0e02a77b0f4578c1ac17493d79cf4262104929ac804f91fc4e7ac5af0"
    );
    const std::vector<digest> path = {
        digest_of_base64("yiM+eia4w1wsk/Ukx7kF56IQVkDW3MWUaUz/VtJu+yU="),
        digest_of_base64("nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg="),
        digest_of_base64("zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co="),
        digest_of_base64("5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks="),
    };
    CHECK(inclusion_proof(tree, 4, 15).value() == path);
    CHECK(verify_inclusion(leaf_hash("five"), 4, 15, path, root));
    const std::vector<digest> proof = {
        digest_of_base64("2Q0P5jSR+TdkwdXWyx+GbBWX0KZbNZkWzCjyTPSozsw="),
        digest_of_base64("ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs="),
        digest_of_base64("ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4="),
        digest_of_base64("zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co="),
        digest_of_base64("5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks="),
    };
    CHECK(consistency_proof(tree, 7, 15).value() == proof);
    CHECK(verify_consistency({7, digest_of_base64(tessera::roots.at(7))}, {15, root}, proof));
}

TEST_CASE("a checkpoint's text is read back, extension lines included") {
    const checkpoint c{"northshire/2026", 70000, leaf_hash("r"), {"extension one", "two"}};
    CHECK(parse_checkpoint(print_checkpoint(c)).value() == c);
    const checkpoint plain{"northshire/2026", 0, empty_root(), {}};
    CHECK(
        print_checkpoint(plain) ==
        "northshire/2026\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    );
    CHECK(parse_checkpoint(print_checkpoint(plain)).value() == plain);
}

TEST_CASE("a checkpoint that is not in the form is refused with the part named") {
    const std::string root = std::string(tessera::roots.at(15));
    const auto part = [](const std::string& text) {
        const auto r = parse_checkpoint(text);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::note_malformed);
        return r.error().where;
    };
    CHECK(part("") == "origin");
    CHECK(part("\n15\n" + root + "\n") == "origin");
    CHECK(part("o") == "origin");
    CHECK(part("o\n") == "size");
    CHECK(part("o\n015\n" + root + "\n") == "size");
    CHECK(part("o\n-1\n" + root + "\n") == "size");
    CHECK(part("o\n18446744073709551616\n" + root + "\n") == "size");
    CHECK(part("o\n15\n") == "root");
    CHECK(part("o\n15\n" + root) == "root");
    CHECK(part("o\n15\n\n") == "root");
    CHECK(part("o\n15\n" + root.substr(4) + "\n") == "root");
    CHECK(part("o\n15\n" + root + "\n\n") == "extension");
    CHECK(part("o\n15\n" + root + "\nx") == "extension");
}

TEST_CASE("a witness alone does not vouch for a head") {
    ed25519_private key;
    key.seed.fill(9);
    const note_signer witness("w", key, key_type::cosignature);
    const std::string text = tessera::checkpoint_15();
    const std::string body = text.substr(0, text.find("\n\n") + 1);
    const std::string cosigned = body + "\n" + witness.cosign(body, 5);
    const auto r = verify_checkpoint(cosigned, std::vector{witness.verifier()});
    REQUIRE_FALSE(r);
    CHECK(r.error().where == "no signature by the log itself");
    auto both = tessera_keys();
    both.push_back(witness.verifier());
    CHECK(verify_checkpoint(text + witness.cosign(body, 5), both).value().signatures.size() == 2);
}

TEST_CASE("every flipped bit of a checkpoint is rejected") {
    const std::string good = tessera::checkpoint_15();
    const auto with = tessera_keys();
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        std::string text = good;
        text[i / 8] = static_cast<char>(static_cast<unsigned char>(text[i / 8]) ^ (1U << (i % 8)));
        if (verify_checkpoint(text, with)) FAIL("bit " << i % 8 << " of byte " << i / 8);
    }
}

TEST_CASE("a tlog-proof prints in the C2SP form and is read back") {
    const std::vector<digest> path = {leaf_hash("a"), leaf_hash("b")};
    const std::string text = print_tlog_proof("xy", 42, path, tessera::checkpoint_15());
    CHECK(
        text == "c2sp.org/tlog-proof@v1\nextra eHk=\nindex 42\n" + to_base64(view(path[0])) + "\n" +
                    to_base64(view(path[1])) + "\n\n" + tessera::checkpoint_15()
    );
    const auto parsed = parse_tlog_proof(text);
    REQUIRE(parsed);
    CHECK(parsed->extra == "xy");
    CHECK(parsed->index == 42);
    CHECK(parsed->path == path);
    CHECK(parsed->note == tessera::checkpoint_15());
    const auto plain = parse_tlog_proof(print_tlog_proof({}, 0, {}, "n"));
    REQUIRE(plain);
    CHECK_FALSE(plain->extra);
    CHECK(plain->path.empty());
}

TEST_CASE("a tlog-proof that is not in the form is refused with the part named") {
    const std::string head = "c2sp.org/tlog-proof@v1\n";
    const std::string hash = to_base64(view(leaf_hash("a"))) + "\n";
    const auto part = [](const std::string& text) {
        const auto r = parse_tlog_proof(text);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == errc::note_malformed);
        return r.error().where;
    };
    CHECK(part("") == "header");
    CHECK(part("c2sp.org/tlog-proof@v2\nindex 0\n\nn") == "header");
    CHECK(part(head) == "index");
    CHECK(part(head + "extra eHk\nindex 0\n\nn") == "extra");
    CHECK(part(head + "extra eHk=\nextra eHk=\nindex 0\n\nn") == "index");
    CHECK(part(head + "index 00\n\nn") == "index");
    CHECK(part(head + "index\n\nn") == "index");
    CHECK(part(head + "index 1\n" + hash) == "path");
    CHECK(part(head + "index 1\nAAAA\n\nn") == "path");
    CHECK(part(head + "index 1\n" + hash + "\n") == "checkpoint");
    std::string deep = head + "index 1\n";
    for (std::size_t i = 0; i < path_hashes_max; ++i) deep += hash;
    CHECK(parse_tlog_proof(deep + "\nn"));
    CHECK(part(deep + hash + "\nn") == "path");
}

} // namespace
} // namespace cairn::merkle
