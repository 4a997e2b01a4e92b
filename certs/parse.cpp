#include "certs/parse.hpp"

#include "certs/handles.hpp"
#include "core/crypto.hpp"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <memory>

namespace cairn::certs {
namespace {

struct free_names {
    void operator()(GENERAL_NAMES* n) const { GENERAL_NAMES_free(n); }
    void operator()(BIGNUM* n) const { BN_free(n); }
    void operator()(char* n) const { OPENSSL_free(n); }
};

std::string text_of(const ASN1_STRING* s) {
    const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(s));
    return {data, static_cast<std::size_t>(ASN1_STRING_length(s))};
}

std::string address_text(const ASN1_STRING* s) {
    const int family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && ASN1_STRING_length(s) != 16) return "?";
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (::inet_ntop(family, ASN1_STRING_get0_data(s), out.data(), out.size()) == nullptr)
        return "?";
    return out.data();
}

std::string hex_of(const ASN1_INTEGER* serial) {
    const std::unique_ptr<BIGNUM, free_names> n{ASN1_INTEGER_to_BN(serial, nullptr)};
    if (n == nullptr) return {};
    std::string raw(static_cast<std::size_t>(BN_num_bytes(n.get())), '\0');
    BN_bn2bin(n.get(), reinterpret_cast<unsigned char*>(raw.data()));
    return to_hex(raw);
}

// False where the extension is there and cannot be read, or stands twice.
bool read_names(const X509* certificate, certificate_facts& out) {
    int found = -1;
    const std::unique_ptr<GENERAL_NAMES, free_names> names{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)
    )};
    if (names == nullptr) return found == -1;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_URI) out.uris.push_back(text_of(name->d.uniformResourceIdentifier));
        if (name->type == GEN_DNS) out.dns_names.push_back(text_of(name->d.dNSName));
        if (name->type == GEN_IPADD) out.ip_addresses.push_back(address_text(name->d.iPAddress));
    }
    return true;
}

result<certificate_facts> facts_of(X509* certificate) {
    certificate_facts out;
    if (!read_names(certificate, out)) {
        return openssl_failure(errc::certificate_malformed, "subject alternative names");
    }
    out.not_before = from_asn1(X509_get0_notBefore(certificate));
    out.not_after = from_asn1(X509_get0_notAfter(certificate));
    unsigned char* der = nullptr;
    const int n = i2d_X509(certificate, &der);
    if (n <= 0) return openssl_failure(errc::certificate_malformed, "certificate");
    const std::unique_ptr<char, free_names> owner{reinterpret_cast<char*>(der)};
    out.fingerprint = sha256({owner.get(), static_cast<std::size_t>(n)});
    out.serial_hex = hex_of(X509_get0_serialNumber(certificate));
    out.subject = certs::text_of(X509_get_subject_name(certificate));
    out.issuer = certs::text_of(X509_get_issuer_name(certificate));
    const std::uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0) {
        return openssl_failure(errc::certificate_malformed, "extensions");
    }
    out.is_authority = (flags & EXFLAG_CA) != 0;
    if ((flags & EXFLAG_XKUSAGE) != 0) {
        const std::uint32_t usage = X509_get_extended_key_usage(certificate);
        out.for_server = (usage & XKU_SSL_SERVER) != 0;
        out.for_client = (usage & XKU_SSL_CLIENT) != 0;
    }
    return out;
}

std::uint64_t number_of(const X509_CRL* crl) {
    const std::unique_ptr<ASN1_INTEGER, free_handle> n{
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
    std::uint64_t out = 0;
    if (n == nullptr || ASN1_INTEGER_get_uint64(&out, n.get()) != 1) return 0;
    return out;
}

} // namespace

result<certificate_facts> parse_certificate(std::string_view pem) {
    const result<certificate_handle> certificate = read_certificate(pem);
    if (!certificate) return certificate.error();
    return facts_of(certificate->get());
}

result<certificate_facts> parse_certificate_der(bytes_view der) {
    const auto* in = reinterpret_cast<const unsigned char*>(der.data());
    const unsigned char* const end = in + der.size();
    const certificate_handle certificate{d2i_X509(nullptr, &in, static_cast<long>(der.size()))};
    if (certificate == nullptr || in != end) {
        return openssl_failure(errc::certificate_malformed, "certificate");
    }
    return facts_of(certificate.get());
}

result<bool> same_key(std::string_view certificate_pem, std::string_view request_pem) {
    const result<certificate_handle> certificate = read_certificate(certificate_pem);
    if (!certificate) return certificate.error();
    const result<request_handle> request = read_request(request_pem);
    if (!request) return request.error();
    const EVP_PKEY* first = X509_get0_pubkey(certificate->get());
    const EVP_PKEY* second = X509_REQ_get0_pubkey(request->get());
    return first != nullptr && second != nullptr && EVP_PKEY_eq(first, second) == 1;
}

result<identity> identity_of(const certificate_facts& facts, std::string_view partnership) {
    if (facts.is_authority || facts.uris.size() != 1) return fail(errc::certificate_identity);
    return parse_uri(facts.uris.front(), partnership);
}

result<crl_facts> parse_crl(std::string_view crl_pem, std::string_view authority_pem) {
    const result<crl_handle> crl = read_crl(crl_pem);
    if (!crl) return crl.error();
    const result<certificate_handle> authority = read_certificate(authority_pem);
    if (!authority) return authority.error();
    if (X509_CRL_verify(crl->get(), X509_get0_pubkey(authority->get())) != 1) {
        return openssl_failure(errc::signature_invalid, "CRL");
    }
    crl_facts out;
    out.issuer = certs::text_of(X509_CRL_get_issuer(crl->get()));
    out.number = number_of(crl->get());
    out.this_update = from_asn1(X509_CRL_get0_lastUpdate(crl->get()));
    out.next_update = from_asn1(X509_CRL_get0_nextUpdate(crl->get()));
    STACK_OF(X509_REVOKED)* rows = X509_CRL_get_REVOKED(crl->get());
    for (int i = 0; i < sk_X509_REVOKED_num(rows); ++i) {
        const X509_REVOKED* row = sk_X509_REVOKED_value(rows, i);
        out.serials.push_back(hex_of(X509_REVOKED_get0_serialNumber(row)));
    }
    return out;
}

} // namespace cairn::certs
