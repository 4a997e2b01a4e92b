// Published vectors: FIPS 180-4, RFC 4231, RFC 5869, RFC 8032, and the GCM specification's.
#include "core/crypto.hpp"

#include "core/running_sha256.hpp"
#include "core/system.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace cairn {
namespace {

bytes unhex(std::string_view text) {
    return from_hex(text).value();
}
std::string hex(const digest& d) {
    return to_hex(view(d));
}

// Shorter keys are padded with zeros, as RFC 2104 does itself up to the block of 64.
key256 key_of(bytes_view raw) {
    key256 out{};
    std::copy(raw.begin(), raw.end(), out.begin());
    return out;
}

nonce96 nonce_of(std::string_view hex_text) {
    const bytes raw = unhex(hex_text);
    nonce96 out{};
    std::copy(raw.begin(), raw.end(), out.begin());
    return out;
}

TEST_CASE("SHA-256 of pieces is that of the whole, wherever it is cut") {
    const bytes whole(1000, 'a');
    for (const std::size_t at : {0U, 1U, 63U, 64U, 65U, 999U, 1000U}) {
        running_sha256 pieces;
        pieces.add(bytes_view(whole).substr(0, at));
        pieces.add(bytes_view(whole).substr(at));
        CHECK(hex(pieces.finish()) == hex(sha256(whole)));
    }
}

TEST_CASE("SHA-256 gives the values of FIPS 180-4") {
    CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(
        hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    CHECK(
        hex(sha256(bytes(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

TEST_CASE("SHA-256 of parts is that of their concatenation") {
    CHECK(sha256({"a", "", "bc"}) == sha256("abc"));
    CHECK(sha256({}) == sha256(""));
}

TEST_CASE("HMAC gives the values of RFC 4231") {
    CHECK(
        hex(hmac_sha256(key_of(bytes(20, '\x0b')), {"Hi ", "There"})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    CHECK(
        hex(hmac_sha256(key_of("Jefe"), {"what do ya want for nothing?"})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    CHECK(
        hex(hmac_sha256(key_of(bytes(20, '\xaa')), {bytes(50, '\xdd')})) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    );
    CHECK(
        hex(hmac_sha256(
            key_of(unhex("0102030405060708090a0b0c0d0e0f10111213141516171819")), {bytes(50, '\xcd')}
        )) == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    );
}

TEST_CASE("a derived key is the expand step of RFC 5869") {
    const auto derived = [](std::string_view prk, std::string_view info) {
        return to_hex(view(derive_key(key_of(unhex(prk)), unhex(info))));
    };
    CHECK(
        derived(
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "f0f1f2f3f4f5f6f7f8f9"
        ) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    );
    CHECK(
        derived("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04", "") ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    );
    const key256 master = key_of("master");
    CHECK(derive_key(master, "a") != derive_key(master, "b"));
    CHECK(derive_key(master, "a") != derive_key(key_of("other"), "a"));
}

struct gcm_vector {
    std::string key;
    std::string nonce;
    std::string plain;
    std::string associated;
    std::string sealed;
};

const std::vector<gcm_vector> gcm_vectors = {
    {std::string(64, '0'), std::string(24, '0'), "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {std::string(64, '0'),
     std::string(24, '0'),
     std::string(32, '0'),
     "",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
     "49a6b525b16aedf5aa0de657ba637b39",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
     "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST_CASE("sealing gives the values of the GCM specification and opens again") {
    for (const gcm_vector& v : gcm_vectors) {
        const key256 key = key_of(unhex(v.key));
        const bytes sealed = seal(key, nonce_of(v.nonce), unhex(v.plain), unhex(v.associated));
        CHECK(to_hex(sealed) == v.sealed);
        const auto opened = open(key, nonce_of(v.nonce), sealed, unhex(v.associated));
        REQUIRE(opened);
        CHECK(to_hex(*opened) == v.plain);
    }
}

TEST_CASE("every flipped bit of sealed bytes, and every other context, is refused") {
    const key256 key = key_of("key");
    const nonce96 nonce = counter_nonce(1);
    const bytes sealed = seal(key, nonce, "plain", "context");
    REQUIRE(open(key, nonce, sealed, "context"));
    const auto refused = [](const result<bytes>& r) {
        return !r && r.error().code == errc::sealed_data_damaged;
    };
    for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
        bytes bad = sealed;
        bad[i / 8] = static_cast<char>(static_cast<unsigned char>(bad[i / 8]) ^ (1U << (i % 8)));
        CHECK(refused(open(key, nonce, bad, "context")));
    }
    for (std::size_t n = 0; n < sealed.size(); ++n) {
        CHECK(refused(open(key, nonce, sealed.substr(0, n), "context")));
    }
    CHECK(refused(open(key, nonce, sealed + "x", "context")));
    CHECK(refused(open(key, nonce, sealed, "contexT")));
    CHECK(refused(open(key, nonce, sealed, "")));
    CHECK(refused(open(key, counter_nonce(2), sealed, "context")));
    CHECK(refused(open(key_of("other"), nonce, sealed, "context")));
    // A refusal leaves nothing behind for the next call on this thread.
    CHECK(open(key, nonce, sealed, "context").value() == "plain");
}

TEST_CASE("counter nonces are big-endian and apart") {
    CHECK(counter_nonce(0x0102030405060708) == nonce_of("000000000102030405060708"));
    CHECK(counter_nonce(0) == nonce96{});
    CHECK(counter_nonce(1) != counter_nonce(256));
}

struct ed25519_vector {
    std::string seed;
    std::string public_key;
    std::string message;
    std::string signature;
};

const std::vector<ed25519_vector> ed25519_vectors = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
     "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
     "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
     "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST_CASE("Ed25519 gives the values of RFC 8032") {
    for (const ed25519_vector& v : ed25519_vectors) {
        const ed25519_private key{key_of(unhex(v.seed))};
        const ed25519_public pub = public_of(key);
        CHECK(to_hex(view(pub.raw)) == v.public_key);
        const auto signature = sign(key, unhex(v.message));
        const bytes_view raw(reinterpret_cast<const char*>(signature.data()), signature.size());
        CHECK(to_hex(raw) == v.signature);
        CHECK(verify(pub, unhex(v.message), raw));
    }
}

TEST_CASE("a signature verifies for its key, message and 64 bytes only") {
    const ed25519_private key{key_of("seed")};
    const ed25519_public pub = public_of(key);
    const auto made = sign(key, "message");
    const bytes good(reinterpret_cast<const char*>(made.data()), made.size());
    REQUIRE(verify(pub, "message", good));
    CHECK_FALSE(verify(pub, "messagE", good));
    CHECK_FALSE(verify(pub, "", good));
    CHECK_FALSE(verify(public_of({key_of("other")}), "message", good));
    CHECK_FALSE(verify(pub, "message", ""));
    CHECK_FALSE(verify(pub, "message", good.substr(0, 63)));
    CHECK_FALSE(verify(pub, "message", good + "x"));
    for (std::size_t i = 0; i < 512; ++i) {
        bytes bad = good;
        bad[i / 8] = static_cast<char>(static_cast<unsigned char>(bad[i / 8]) ^ (1U << (i % 8)));
        CHECK_FALSE(verify(pub, "message", bad));
    }
}

TEST_CASE("wiped bytes are zero") {
    key256 key = key_of("secret");
    wipe(key);
    CHECK(key == key256{});
}

class counting_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

TEST_CASE("an id is 16 random bytes in hexadecimal") {
    counting_random random;
    CHECK(random_id(random) == "000102030405060708090a0b0c0d0e0f");
    CHECK(random_id(random) == "101112131415161718191a1b1c1d1e1f");
}

TEST_CASE("the machine's random numbers do not repeat across the pool's refills") {
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) CHECK(seen.insert(random_id(system_random())).second);
    // Larger than the pool.
    std::vector<std::uint8_t> much(10'000);
    system_random().fill(much);
    CHECK(std::count(much.begin(), much.end(), std::uint8_t{0}) < 200);
}

} // namespace
} // namespace cairn
