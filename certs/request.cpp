#include "certs/request.hpp"

#include "certs/build.hpp"
#include "certs/handles.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace cairn::certs {
namespace {

struct free_parts {
    void operator()(STACK_OF(X509_EXTENSION) * all) const {
        sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    }
    void operator()(BASIC_CONSTRAINTS* b) const { BASIC_CONSTRAINTS_free(b); }
    void operator()(GENERAL_NAMES* n) const { GENERAL_NAMES_free(n); }
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    void operator()(unsigned char* der) const { OPENSSL_free(der); }
};
template <class T>
using owned = std::unique_ptr<T, free_parts>;

failure invalid(std::string_view why) {
    return fail(errc::request_invalid, std::string(why));
}

status check_names(const STACK_OF(X509_EXTENSION) * all, std::string_view uri) {
    int found = -1;
    const owned<GENERAL_NAMES> names{
        static_cast<GENERAL_NAMES*>(X509V3_get_d2i(all, NID_subject_alt_name, &found, nullptr))};
    if (names == nullptr) {
        return found == -1 ? status{} : status{invalid("names: they cannot be read")};
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) return invalid("names: it asks for another kind of name");
        const ASN1_STRING* text = name->d.uniformResourceIdentifier;
        const std::string_view asked(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))
        );
        if (asked != uri) return invalid("names: it asks for another name");
    }
    return {};
}

status check_extensions(X509_REQ* request, std::string_view uri) {
    const owned<STACK_OF(X509_EXTENSION)> all{X509_REQ_get_extensions(request)};
    if (all == nullptr) return {};
    int found = -1;
    const owned<BASIC_CONSTRAINTS> basic{static_cast<BASIC_CONSTRAINTS*>(
        X509V3_get_d2i(all.get(), NID_basic_constraints, &found, nullptr)
    )};
    if (basic == nullptr && found != -1) return invalid("extensions: they cannot be read");
    if (basic != nullptr && basic->ca != 0) {
        return invalid("extensions: it asks to be an authority");
    }
    return check_names(all.get(), uri);
}

// Null for keys that hash by themselves.
const EVP_MD* digest_for(const EVP_PKEY* key) {
    const int id = EVP_PKEY_get_base_id(key);
    return id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448 ? nullptr : EVP_sha256();
}

const unsigned char* raw(bytes_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

result<bytes> key_asked_for(std::string_view request_pem, std::string_view uri) {
    const result<request_handle> request = read_request(request_pem);
    if (!request) return request.error();
    const result<key_handle> key = build::key_of(std::string(request_pem));
    if (!key) return key.error();
    CAIRN_TRY(check_extensions(request->get(), uri));
    unsigned char* der = nullptr;
    const int n = i2d_PUBKEY(key->get(), &der);
    if (n <= 0) return openssl_failure(errc::request_invalid, "key");
    const owned<unsigned char> owner{der};
    return bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(n));
}

std::string renewal_text(std::string_view request_pem) {
    std::string out = "cairn renewal v1\n";
    out.append(request_pem);
    return out;
}

result<bytes> sign_text(std::string_view key_pem, std::string_view text) {
    const result<key_handle> key = read_key(key_pem);
    if (!key) return key.error();
    const owned<EVP_MD_CTX> ctx{EVP_MD_CTX_new()};
    const EVP_MD* md = digest_for(key->get());
    std::size_t size = 0;
    if (ctx == nullptr || EVP_DigestSignInit(ctx.get(), nullptr, md, nullptr, key->get()) != 1 ||
        EVP_DigestSign(ctx.get(), nullptr, &size, raw(text), text.size()) != 1) {
        return openssl_failure(errc::certificate_malformed, "signature");
    }
    bytes out(size, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_DigestSign(ctx.get(), to, &size, raw(text), text.size()) != 1) {
        return openssl_failure(errc::certificate_malformed, "signature");
    }
    out.resize(size);
    return out;
}

status check_text(std::string_view certificate_pem, std::string_view text, bytes_view signature) {
    const result<certificate_handle> certificate = read_certificate(certificate_pem);
    if (!certificate) return certificate.error();
    EVP_PKEY* key = X509_get0_pubkey(certificate->get());
    const owned<EVP_MD_CTX> ctx{EVP_MD_CTX_new()};
    if (key == nullptr || ctx == nullptr ||
        EVP_DigestVerifyInit(ctx.get(), nullptr, digest_for(key), nullptr, key) != 1) {
        return openssl_failure(errc::certificate_malformed, "key");
    }
    const int good =
        EVP_DigestVerify(ctx.get(), raw(signature), signature.size(), raw(text), text.size());
    if (good != 1) return openssl_failure(errc::signature_invalid, "renewal");
    return {};
}

} // namespace cairn::certs
