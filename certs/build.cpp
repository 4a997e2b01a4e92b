#include "certs/build.hpp"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

namespace cairn::certs::build {
namespace {

struct free_more {
    void operator()(BIGNUM* n) const { BN_free(n); }
    void operator()(X509_EXTENSION* e) const { X509_EXTENSION_free(e); }
};
template <class T>
using owned = std::unique_ptr<T, free_more>;

} // namespace

bool set_serial(X509* certificate, random_source& random) {
    std::array<std::uint8_t, 16> raw{};
    random.fill(raw);
    const owned<BIGNUM> n{BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr)};
    return n != nullptr &&
           BN_to_ASN1_INTEGER(n.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_span(X509* certificate, const validity& valid) {
    const asn1_handle from = to_asn1(valid.from);
    const asn1_handle until = to_asn1(valid.until);
    return from != nullptr && until != nullptr &&
           X509_set1_notBefore(certificate, from.get()) == 1 &&
           X509_set1_notAfter(certificate, until.get()) == 1;
}

bool extend(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX ctx{};
    X509V3_set_ctx(&ctx, issuer, certificate, nullptr, nullptr, 0);
    const owned<X509_EXTENSION> e{X509V3_EXT_conf_nid(nullptr, &ctx, nid, value)};
    return e != nullptr && X509_add_ext(certificate, e.get(), -1) == 1;
}

status check_span(const validity& valid) {
    if (valid.until <= valid.from) return fail(errc::bad_value, "validity: ends before it begins");
    return {};
}

result<key_handle> key_of(const std::string& request_pem) {
    const result<request_handle> request = read_request(request_pem);
    if (!request) return request.error();
    key_handle key{X509_REQ_get_pubkey(request->get())};
    if (key == nullptr) return openssl_failure(errc::request_invalid, "key");
    if (X509_REQ_verify(request->get(), key.get()) != 1) {
        return openssl_failure(errc::request_invalid, "signature");
    }
    if (EVP_PKEY_get_security_bits(key.get()) < 128) return fail(errc::request_invalid, "key");
    return key;
}

} // namespace cairn::certs::build
