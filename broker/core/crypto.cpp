#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crypto.hpp"

#include "core/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstring>
#include <memory>

namespace cairn {
namespace {

const unsigned char* raw(bytes_view v) {
    return reinterpret_cast<const unsigned char*>(v.data());
}
unsigned char* raw(bytes& v) {
    return reinterpret_cast<unsigned char*>(v.data());
}

struct free_md {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
    void operator()(EVP_CIPHER* c) const { EVP_CIPHER_free(c); }
    void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
};
template <class T>
using owned = std::unique_ptr<T, free_md>;

// Fetched algorithms and contexts are kept: looking them up costs more than the work.
const EVP_CIPHER* gcm_algorithm() {
    static const owned<EVP_CIPHER> c{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
    return c.get();
}

EVP_CIPHER_CTX* cipher_context() {
    thread_local owned<EVP_CIPHER_CTX> ctx{EVP_CIPHER_CTX_new()};
    return ctx.get();
}

constexpr std::size_t tag_bytes = 16;

} // namespace

// A concern takes some five hundred digests of about one block each. Through EVP each costs three
// times the hashing itself, in look-ups and copies of the provider interface; these functions are
// the same code without it, deprecated in name since OpenSSL 3.0.
digest sha256(std::initializer_list<bytes_view> parts) {
    SHA256_CTX ctx;
    digest out{};
    bool ok = SHA256_Init(&ctx) == 1;
    for (const bytes_view part : parts) {
        ok = ok && SHA256_Update(&ctx, part.data(), part.size()) == 1;
    }
    ok = ok && SHA256_Final(out.data(), &ctx) == 1;
    CAIRN_ASSERT(ok, "SHA-256 is not available");
    return out;
}

digest hmac_sha256(const key256& key, std::initializer_list<bytes_view> parts) {
    // RFC 2104: a 32-byte key is padded to the block of 64.
    std::array<char, 64> inner{};
    std::array<char, 64> outer{};
    inner.fill(0x36);
    outer.fill(0x5c);
    for (std::size_t i = 0; i < key.size(); ++i) {
        inner[i] = static_cast<char>(inner[i] ^ static_cast<char>(key[i]));
        outer[i] = static_cast<char>(outer[i] ^ static_cast<char>(key[i]));
    }
    SHA256_CTX ctx;
    digest mid{};
    bool ok = SHA256_Init(&ctx) == 1 && SHA256_Update(&ctx, inner.data(), inner.size()) == 1;
    for (const bytes_view part : parts) {
        ok = ok && SHA256_Update(&ctx, part.data(), part.size()) == 1;
    }
    ok = ok && SHA256_Final(mid.data(), &ctx) == 1;
    CAIRN_ASSERT(ok, "SHA-256 is not available");
    // Half of the key is in it.
    wipe(&ctx, sizeof ctx);
    const digest out = sha256({bytes_view{outer.data(), outer.size()}, view(mid)});
    wipe(inner.data(), inner.size());
    wipe(outer.data(), outer.size());
    return out;
}

key256 derive_key(const key256& master, std::string_view use) {
    // RFC 5869 section 2.3 with L = 32: T(1) = HMAC(PRK, info | 0x01).
    const digest t = hmac_sha256(master, {use, bytes_view{"\x01", 1}});
    key256 out{};
    std::memcpy(out.data(), t.data(), out.size());
    return out;
}

bytes seal(const key256& key, const nonce96& nonce, bytes_view plain, bytes_view associated) {
    EVP_CIPHER_CTX* ctx = cipher_context();
    bytes out(plain.size() + tag_bytes, '\0');
    int n = 0;
    bool ok = EVP_EncryptInit_ex2(ctx, gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1;
    if (!associated.empty()) {
        ok = ok && EVP_EncryptUpdate(
                       ctx, nullptr, &n, raw(associated), static_cast<int>(associated.size())
                   ) == 1;
    }
    ok =
        ok && EVP_EncryptUpdate(ctx, raw(out), &n, raw(plain), static_cast<int>(plain.size())) == 1;
    ok = ok && EVP_EncryptFinal_ex(ctx, raw(out) + plain.size(), &n) == 1;
    ok = ok && EVP_CIPHER_CTX_ctrl(
                   ctx, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_bytes), raw(out) + plain.size()
               ) == 1;
    CAIRN_ASSERT(ok, "AES-256-GCM failed");
    return out;
}

result<bytes>
open(const key256& key, const nonce96& nonce, bytes_view sealed, bytes_view associated) {
    if (sealed.size() < tag_bytes) return fail(errc::sealed_data_damaged, {}, "shorter than a tag");
    EVP_CIPHER_CTX* ctx = cipher_context();
    const bytes_view body = sealed.substr(0, sealed.size() - tag_bytes);
    bytes tag(sealed.substr(body.size()));
    bytes out(body.size(), '\0');
    int n = 0;
    bool ok = EVP_DecryptInit_ex2(ctx, gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1;
    if (!associated.empty()) {
        ok = ok && EVP_DecryptUpdate(
                       ctx, nullptr, &n, raw(associated), static_cast<int>(associated.size())
                   ) == 1;
    }
    ok = ok && EVP_DecryptUpdate(ctx, raw(out), &n, raw(body), static_cast<int>(body.size())) == 1;
    ok = ok &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_bytes), tag.data()) ==
             1;
    std::array<unsigned char, 16> rest{};
    ok = ok && EVP_DecryptFinal_ex(ctx, rest.data(), &n) == 1;
    if (!ok) {
        wipe(out.data(), out.size());
        return fail(errc::sealed_data_damaged, {}, "the tag does not fit");
    }
    return out;
}

nonce96 counter_nonce(std::uint64_t counter) {
    nonce96 out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[4 + i] = static_cast<std::uint8_t>(counter >> (56 - 8 * i));
    }
    return out;
}

signing_key::signing_key(const ed25519_private& key) {
    EVP_PKEY* made =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.seed.data(), key.seed.size());
    key_ = std::shared_ptr<void>(made, [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); });
    std::size_t n = public_.raw.size();
    CAIRN_ASSERT(
        made != nullptr && EVP_PKEY_get_raw_public_key(made, public_.raw.data(), &n) == 1,
        "Ed25519 is not available"
    );
}

std::array<std::uint8_t, 64> signing_key::sign(bytes_view message) const {
    const owned<EVP_MD_CTX> ctx{EVP_MD_CTX_new()};
    std::array<std::uint8_t, 64> out{};
    std::size_t n = out.size();
    auto* key = static_cast<EVP_PKEY*>(key_.get());
    const bool ok = ctx != nullptr &&
                    EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key) == 1 &&
                    EVP_DigestSign(ctx.get(), out.data(), &n, raw(message), message.size()) == 1;
    CAIRN_ASSERT(ok, "Ed25519 signing failed");
    return out;
}

ed25519_public public_of(const ed25519_private& key) {
    return signing_key(key).verifying();
}

std::array<std::uint8_t, 64> sign(const ed25519_private& key, bytes_view message) {
    return signing_key(key).sign(message);
}

bool verify(const ed25519_public& key, bytes_view message, bytes_view signature) {
    const owned<EVP_PKEY> k{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.raw.data(), key.raw.size())};
    const owned<EVP_MD_CTX> ctx{EVP_MD_CTX_new()};
    return k != nullptr && ctx != nullptr &&
           EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, k.get()) == 1 &&
           EVP_DigestVerify(
               ctx.get(), raw(signature), signature.size(), raw(message), message.size()
           ) == 1;
}

void wipe(void* data, std::size_t size) {
    OPENSSL_cleanse(data, size);
}

std::string random_id(random_source& random) {
    std::array<std::uint8_t, 16> id{};
    random.fill(id);
    return to_hex({reinterpret_cast<const char*>(id.data()), id.size()});
}

} // namespace cairn
