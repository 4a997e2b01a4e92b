#include "certs/authority_state.hpp"
#include "certs/build.hpp"
#include "certs/free_form.hpp"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace cairn::certs {

using build::extend;

namespace {

struct free_names {
    void operator()(GENERAL_NAMES* n) const { GENERAL_NAMES_free(n); }
};

// Takes ownership of nothing; the name is copied.
bool add_name(GENERAL_NAMES* names, int type, std::string_view text) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (name == nullptr || value == nullptr ||
        ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
        GENERAL_NAME_free(name);
        ASN1_STRING_free(value);
        return false;
    }
    GENERAL_NAME_set0_value(name, type, value);
    if (sk_GENERAL_NAME_push(names, name) > 0) return true;
    GENERAL_NAME_free(name);
    return false;
}

// Network order, 4 or 16 bytes; empty where the text is no address.
std::string address_bytes(const std::string& text) {
    std::array<char, 16> raw{};
    if (::inet_pton(AF_INET, text.c_str(), raw.data()) == 1) return {raw.data(), 4};
    if (::inet_pton(AF_INET6, text.c_str(), raw.data()) == 1) return {raw.data(), 16};
    return {};
}

bool add_names(X509* certificate, const detail::free_form& f) {
    const std::unique_ptr<GENERAL_NAMES, free_names> names{GENERAL_NAMES_new()};
    bool ok = names != nullptr;
    for (const std::string& uri : f.uris) ok = ok && add_name(names.get(), GEN_URI, uri);
    for (const std::string& dns : f.dns_names) ok = ok && add_name(names.get(), GEN_DNS, dns);
    for (const std::string& ip : f.ip_addresses) {
        ok = ok && add_name(names.get(), GEN_IPADD, address_bytes(ip));
    }
    if (!ok || sk_GENERAL_NAME_num(names.get()) == 0) return ok;
    return X509_add1_ext_i2d(
               certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT
           ) == 1;
}

bool add_usage(X509* certificate, const detail::free_form& f) {
    if (f.for_server && !extend(certificate, nullptr, NID_ext_key_usage, "serverAuth"))
        return false;
    if (f.for_client && !extend(certificate, nullptr, NID_ext_key_usage, "clientAuth"))
        return false;
    return true;
}

// RFC 1123 names, lower case; no wildcard: a server is named.
bool is_dns_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    std::size_t label = 0;
    char before = '.';
    for (const char c : text) {
        const bool ends = c == '.';
        if (ends && (label == 0 || before == '-')) return false;
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!ends && !plain && (c != '-' || label == 0)) return false;
        label = ends ? 0 : label + 1;
        if (label > 63) return false;
        before = c;
    }
    return before != '.' && before != '-';
}

status check_names(const certificate_order& order) {
    const bool server = order.who.kind == identity_kind::server;
    const bool named = !order.dns_names.empty() || !order.ip_addresses.empty();
    if (server != named) {
        return fail(errc::bad_value, server ? "server: a DNS or IP name is needed" : "names");
    }
    if (!std::all_of(order.dns_names.begin(), order.dns_names.end(), is_dns_name)) {
        return fail(errc::bad_value, "dns");
    }
    for (const std::string& ip : order.ip_addresses) {
        if (address_bytes(ip).empty()) return fail(errc::bad_value, "ip");
    }
    return {};
}

} // namespace

result<key_and_request> make_request(const identity& who, std::string_view partnership) {
    const result<std::string> uri = uri_of(who, partnership);
    if (!uri) return uri.error();
    const key_handle key = new_p256_key();
    const request_handle request{X509_REQ_new()};
    const name_handle name = new_name(partnership, std::string(word_of(who.kind)) + "/" + who.id);
    if (key == nullptr || request == nullptr || name == nullptr ||
        X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0) {
        return openssl_failure(errc::internal, "request");
    }
    result<std::string> key_pem = write_pem(key.get());
    if (!key_pem) return key_pem.error();
    result<std::string> request_pem = write_pem(request.get());
    if (!request_pem) return request_pem.error();
    return key_and_request{std::move(*key_pem), std::move(*request_pem)};
}

result<std::string> authority::issue(const certificate_order& order, random_source& random) const {
    const result<std::string> uri = uri_of(order.who, state_->partnership);
    if (!uri) return uri.error();
    CAIRN_TRY(build::check_span(order.valid));
    CAIRN_TRY(check_names(order));
    if (order.valid.until > state_->until) {
        return fail(errc::bad_value, "validity: outlives the authority");
    }
    const bool server = order.who.kind == identity_kind::server;
    const detail::free_form form{
        .request_pem = order.request_pem,
        .common_name = std::string(word_of(order.who.kind)) + "/" + order.who.id,
        .uris = {*uri},
        .dns_names = order.dns_names,
        .ip_addresses = order.ip_addresses,
        .for_server = server,
        .for_client = !server,
        .valid = order.valid,
    };
    return form.sign(*this, random);
}

result<std::string> detail::free_form::sign(const authority& by, random_source& random) const {
    const result<key_handle> key = build::key_of(request_pem);
    if (!key) return key.error();
    X509* issuer = by.state_->certificate.get();
    const certificate_handle owner{X509_new()};
    X509* c = owner.get();
    const name_handle name = new_name(by.state_->partnership, common_name);
    const bool ok = c != nullptr && name != nullptr && X509_set_version(c, X509_VERSION_3) == 1 &&
                    build::set_serial(c, random) && build::set_span(c, valid) &&
                    X509_set_subject_name(c, name.get()) == 1 &&
                    X509_set_issuer_name(c, X509_get_subject_name(issuer)) == 1 &&
                    X509_set_pubkey(c, key->get()) == 1 &&
                    extend(c, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    extend(c, issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_usage(c, *this) && extend(c, issuer, NID_subject_key_identifier, "hash") &&
                    extend(c, issuer, NID_authority_key_identifier, "keyid:always") &&
                    add_names(c, *this) && X509_sign(c, by.state_->key.get(), EVP_sha256()) > 0;
    if (!ok) return openssl_failure(errc::internal, "certificate");
    return write_pem(c);
}

} // namespace cairn::certs
