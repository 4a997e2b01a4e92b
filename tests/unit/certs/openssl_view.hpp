// Reads certificates by OpenSSL's own calls, not by the code under test.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace cairn::test {

struct openssl_free {
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
    void operator()(AUTHORITY_KEYID* p) const { AUTHORITY_KEYID_free(p); }
};
template <class T>
using openssl_owned = std::unique_ptr<T, openssl_free>;

inline openssl_owned<X509> x509_of(const std::string& pem) {
    const openssl_owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    openssl_owned<X509> out{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
    REQUIRE(out != nullptr);
    return out;
}

inline openssl_owned<EVP_PKEY> key_of(const std::string& pem) {
    const openssl_owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    openssl_owned<EVP_PKEY> out{PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
    REQUIRE(out != nullptr);
    return out;
}

// The text `openssl x509 -text` prints for one extension, "critical," before it where it is.
inline std::string extension(X509* certificate, int nid) {
    const int at = X509_get_ext_by_NID(certificate, nid, -1);
    if (at < 0) return "absent";
    REQUIRE(X509_get_ext_by_NID(certificate, nid, at) == -1);
    X509_EXTENSION* e = X509_get_ext(certificate, at);
    const openssl_owned<BIO> out{BIO_new(BIO_s_mem())};
    REQUIRE(X509V3_EXT_print(out.get(), e, 0, 0) == 1);
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    const std::string text(data, static_cast<std::size_t>(n));
    return X509_EXTENSION_get_critical(e) == 1 ? "critical," + text : text;
}

} // namespace cairn::test
