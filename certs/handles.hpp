// Owners of OpenSSL's objects and the conversions every file of this module needs. OpenSSL's types
// are declared, not included: its headers stay inside the .cpp files.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <memory>
#include <string>
#include <string_view>

struct asn1_string_st;
struct evp_pkey_st;
struct x509_st;
struct X509_crl_st;
struct X509_name_st;
struct X509_req_st;

namespace cairn::certs {

struct free_handle {
    void operator()(asn1_string_st* p) const;
    void operator()(evp_pkey_st* p) const;
    void operator()(x509_st* p) const;
    void operator()(X509_crl_st* p) const;
    void operator()(X509_name_st* p) const;
    void operator()(X509_req_st* p) const;
};
template <class T>
using handle = std::unique_ptr<T, free_handle>;
using key_handle = handle<evp_pkey_st>;
using certificate_handle = handle<x509_st>;
using crl_handle = handle<X509_crl_st>;
using request_handle = handle<X509_req_st>;
using name_handle = handle<X509_name_st>;
using asn1_handle = handle<asn1_string_st>;

// errc::certificate_malformed; PEM with a password is refused, never asked for.
result<key_handle> read_key(std::string_view pem);
result<certificate_handle> read_certificate(std::string_view pem);
result<crl_handle> read_crl(std::string_view pem);
// errc::request_invalid.
result<request_handle> read_request(std::string_view pem);

result<std::string> write_pem(evp_pkey_st* key);
result<std::string> write_pem(x509_st* certificate);
result<std::string> write_pem(X509_crl_st* crl);
result<std::string> write_pem(X509_req_st* request);

key_handle new_p256_key();
// O=<organisation>, CN=<common>; null where a text is longer than X.520 allows.
name_handle new_name(std::string_view organisation, std::string_view common);
// RFC 2253 with UTF-8 as it is.
std::string text_of(const X509_name_st* name);

// Whole seconds, as X.509 has them.
asn1_handle to_asn1(wall_time t);
// Epoch where the field is absent or broken.
wall_time from_asn1(const asn1_string_st* t);

// The thread's OpenSSL errors as text, emptied.
std::string openssl_errors();
failure openssl_failure(errc code, std::string where);

} // namespace cairn::certs
