#include "certs/authority_state.hpp"
#include "core/bytes.hpp"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace cairn::certs {
namespace {

struct free_more {
    void operator()(BIGNUM* n) const { BN_free(n); }
    void operator()(X509_EXTENSION* e) const { X509_EXTENSION_free(e); }
    void operator()(X509_REVOKED* r) const { X509_REVOKED_free(r); }
};
template <class T>
using owned = std::unique_ptr<T, free_more>;

bool revoke(X509_CRL* crl, const revocation& r) {
    const std::optional<bytes> raw = from_hex(r.serial_hex);
    if (!raw || raw->empty() || raw->size() > 20) return false;
    const owned<BIGNUM> n{BN_bin2bn(
        reinterpret_cast<const unsigned char*>(raw->data()), static_cast<int>(raw->size()), nullptr
    )};
    const asn1_handle serial{n == nullptr ? nullptr : BN_to_ASN1_INTEGER(n.get(), nullptr)};
    const asn1_handle when = to_asn1(r.when);
    owned<X509_REVOKED> row{X509_REVOKED_new()};
    if (serial == nullptr || when == nullptr || row == nullptr ||
        X509_REVOKED_set_serialNumber(row.get(), serial.get()) != 1 ||
        X509_REVOKED_set_revocationDate(row.get(), when.get()) != 1 ||
        X509_CRL_add0_revoked(crl, row.get()) != 1) {
        return false;
    }
    static_cast<void>(row.release()); // the list owns it now
    return true;
}

bool set_number(X509_CRL* crl, std::uint64_t number) {
    const asn1_handle n{ASN1_INTEGER_new()};
    return n != nullptr && ASN1_INTEGER_set_uint64(n.get(), number) == 1 &&
           X509_CRL_add1_ext_i2d(crl, NID_crl_number, n.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

} // namespace

result<std::string> authority::make_crl(const crl_order& order) const {
    if (order.next_update <= order.this_update) {
        return fail(errc::bad_value, "CRL: ends before it begins");
    }
    const crl_handle crl{X509_CRL_new()};
    const asn1_handle from = to_asn1(order.this_update);
    const asn1_handle until = to_asn1(order.next_update);
    bool ok =
        crl != nullptr && from != nullptr && until != nullptr &&
        X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
        X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(state_->certificate.get())) ==
            1 &&
        X509_CRL_set1_lastUpdate(crl.get(), from.get()) == 1 &&
        X509_CRL_set1_nextUpdate(crl.get(), until.get()) == 1 &&
        set_number(crl.get(), order.number);
    if (!ok) return openssl_failure(errc::internal, "CRL");
    for (const revocation& r : order.revoked) {
        if (!revoke(crl.get(), r)) return fail(errc::bad_value, "serial");
    }
    X509V3_CTX ctx{};
    X509V3_set_ctx(&ctx, state_->certificate.get(), nullptr, nullptr, crl.get(), 0);
    const owned<X509_EXTENSION> akid{
        X509V3_EXT_conf_nid(nullptr, &ctx, NID_authority_key_identifier, "keyid:always")};
    ok = akid != nullptr && X509_CRL_add_ext(crl.get(), akid.get(), -1) == 1 &&
         X509_CRL_sort(crl.get()) == 1 &&
         X509_CRL_sign(crl.get(), state_->key.get(), EVP_sha256()) > 0;
    if (!ok) return openssl_failure(errc::internal, "CRL");
    return write_pem(crl.get());
}

} // namespace cairn::certs
