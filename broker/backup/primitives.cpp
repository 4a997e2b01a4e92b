#include "backup/primitives.hpp"

#include "core/assert.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

namespace cairn::backup {
namespace {

struct free_evp {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
    void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
    void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
    void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
};
template <class T>
using handle = std::unique_ptr<T, free_evp>;

const unsigned char* raw(bytes_view v) {
    return reinterpret_cast<const unsigned char*>(v.data());
}
unsigned char* raw(bytes& v) {
    return reinterpret_cast<unsigned char*>(v.data());
}

handle<EVP_PKEY> secret_key(const key256& secret) {
    return handle<EVP_PKEY>(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size())
    );
}

handle<EVP_CIPHER_CTX> chacha(const key256& key, const nonce96& nonce, bool encrypts) {
    handle<EVP_CIPHER_CTX> c(EVP_CIPHER_CTX_new());
    const int ok = EVP_CipherInit_ex2(
        c.get(), EVP_chacha20_poly1305(), key.data(), nonce.data(), encrypts ? 1 : 0, nullptr
    );
    CAIRN_ASSERT(ok == 1, "OpenSSL has ChaCha20-Poly1305");
    return c;
}

} // namespace

key256 x25519_point(const key256& secret) {
    const auto key = secret_key(secret);
    key256 out{};
    std::size_t size = out.size();
    const bool ok =
        key != nullptr && EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1;
    CAIRN_ASSERT(ok && size == out.size(), "every 32 bytes are a scalar");
    return out;
}

std::optional<key256> x25519(const key256& secret, const key256& point) {
    const auto own = secret_key(secret);
    const handle<EVP_PKEY> other(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size())
    );
    const handle<EVP_PKEY_CTX> c(EVP_PKEY_CTX_new(own.get(), nullptr));
    key256 out{};
    std::size_t size = out.size();
    // OpenSSL itself refuses a shared secret of zeros.
    const bool ok = other != nullptr && c != nullptr && EVP_PKEY_derive_init(c.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(c.get(), other.get()) == 1 &&
                    EVP_PKEY_derive(c.get(), out.data(), &size) == 1;
    const auto set = [](std::uint8_t b) { return b != 0; };
    if (!ok || std::none_of(out.begin(), out.end(), set)) return std::nullopt;
    return out;
}

key256 hkdf(bytes_view secret, bytes_view salt, std::string_view info) {
    const handle<EVP_KDF> kind(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const handle<EVP_KDF_CTX> c(EVP_KDF_CTX_new(kind.get()));
    bytes hash = "SHA256";
    bytes key(secret);
    bytes with(salt);
    bytes use(info);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), hash.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, with.data(), with.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, use.data(), use.size()),
        OSSL_PARAM_construct_end(),
    };
    key256 out{};
    const bool ok = c != nullptr && EVP_KDF_derive(c.get(), out.data(), out.size(), params) == 1;
    CAIRN_ASSERT(ok, "OpenSSL has HKDF");
    wipe(key.data(), key.size());
    return out;
}

bytes chacha_seal(const key256& key, const nonce96& nonce, bytes_view plain) {
    const auto c = chacha(key, nonce, true);
    bytes out(plain.size() + tag_bytes, '\0');
    int n = 0;
    int rest = 0;
    const int size = static_cast<int>(plain.size());
    bool ok = EVP_EncryptUpdate(c.get(), raw(out), &n, raw(plain), size) == 1;
    ok = ok && EVP_EncryptFinal_ex(c.get(), raw(out) + n, &rest) == 1;
    ok = ok &&
         EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, raw(out) + plain.size()) ==
             1;
    CAIRN_ASSERT(ok && n + rest == size, "encrypting in memory does not fail");
    return out;
}

std::optional<bytes> chacha_open(const key256& key, const nonce96& nonce, bytes_view sealed) {
    if (sealed.size() < tag_bytes) return std::nullopt;
    const bytes_view text = sealed.substr(0, sealed.size() - tag_bytes);
    bytes tag(sealed.substr(text.size()));
    const auto c = chacha(key, nonce, false);
    // One byte more, so that there is always somewhere to write to.
    bytes out(text.size() + 1, '\0');
    int n = 0;
    int rest = 0;
    bool ok =
        EVP_DecryptUpdate(c.get(), raw(out), &n, raw(text), static_cast<int>(text.size())) == 1;
    ok = ok && EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1;
    ok = ok && EVP_DecryptFinal_ex(c.get(), raw(out) + n, &rest) == 1;
    if (!ok) return std::nullopt;
    out.resize(text.size());
    return out;
}

} // namespace cairn::backup
