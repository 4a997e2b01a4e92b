#include "certs/verify.hpp"

#include "certs/handles.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

namespace cairn::certs {
namespace {

struct free_store {
    void operator()(X509_STORE* s) const { X509_STORE_free(s); }
    void operator()(X509_STORE_CTX* c) const { X509_STORE_CTX_free(c); }
};

failure refusal(int code) {
    if (code == X509_V_ERR_CERT_REVOKED) return fail(errc::certificate_revoked);
    return fail(errc::tls_failed, "certificate", X509_verify_cert_error_string(code));
}

bool prepare(X509_STORE_CTX* ctx, X509_STORE* store, X509* certificate, const chain_question& q) {
    if (X509_STORE_CTX_init(ctx, store, certificate, nullptr) != 1) return false;
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(ctx);
    const int purpose = q.as == role::client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER;
    const auto at = std::chrono::floor<std::chrono::seconds>(q.at).time_since_epoch().count();
    X509_VERIFY_PARAM_set_time(rules, static_cast<std::time_t>(at));
    if (!q.crl_pem.empty()) X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK);
    return X509_VERIFY_PARAM_set_purpose(rules, purpose) == 1;
}

} // namespace

status verify_chain(const chain_question& question) {
    const result<certificate_handle> certificate = read_certificate(question.certificate_pem);
    if (!certificate) return certificate.error();
    const result<certificate_handle> root = read_certificate(question.authority_pem);
    if (!root) return root.error();
    const std::unique_ptr<X509_STORE, free_store> store{X509_STORE_new()};
    if (store == nullptr || X509_STORE_add_cert(store.get(), root->get()) != 1) {
        return openssl_failure(errc::internal, "store");
    }
    if (!question.crl_pem.empty()) {
        const result<crl_handle> crl = read_crl(question.crl_pem);
        if (!crl) return crl.error();
        if (X509_STORE_add_crl(store.get(), crl->get()) != 1) {
            return openssl_failure(errc::internal, "store");
        }
    }
    const std::unique_ptr<X509_STORE_CTX, free_store> ctx{X509_STORE_CTX_new()};
    if (ctx == nullptr || !prepare(ctx.get(), store.get(), certificate->get(), question)) {
        return openssl_failure(errc::internal, "store");
    }
    if (X509_verify_cert(ctx.get()) != 1) return refusal(X509_STORE_CTX_get_error(ctx.get()));
    return {};
}

} // namespace cairn::certs
