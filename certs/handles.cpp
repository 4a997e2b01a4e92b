#include "certs/handles.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>

namespace cairn::certs {
namespace {

struct free_bio {
    void operator()(BIO* b) const { BIO_free(b); }
};
using bio_handle = std::unique_ptr<BIO, free_bio>;

bio_handle reading(std::string_view pem) {
    return bio_handle{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

// Without this OpenSSL asks on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

template <class T, class Read>
result<handle<T>> read_pem(std::string_view pem, Read read, errc code, const char* what) {
    constexpr std::size_t pem_bytes_max = 1024 * 1024;
    if (pem.empty() || pem.size() > pem_bytes_max) return fail(code, what, "empty or over 1 MiB");
    const bio_handle in = reading(pem);
    handle<T> out{in == nullptr ? nullptr : read(in.get(), nullptr, &no_password, nullptr)};
    if (out == nullptr) return openssl_failure(code, what);
    return out;
}

template <class Write>
result<std::string> to_pem(const BIO_METHOD* memory, Write write) {
    const bio_handle out{BIO_new(memory)};
    if (out == nullptr || write(out.get()) != 1) return openssl_failure(errc::internal, "PEM");
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(n));
}

bool add_entry(X509_NAME* name, const char* field, std::string_view text) {
    const auto* raw = reinterpret_cast<const unsigned char*>(text.data());
    const int n = static_cast<int>(text.size());
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, raw, n, -1, 0) == 1;
}

} // namespace

void free_handle::operator()(asn1_string_st* p) const {
    ASN1_STRING_free(p);
}
void free_handle::operator()(evp_pkey_st* p) const {
    EVP_PKEY_free(p);
}
void free_handle::operator()(x509_st* p) const {
    X509_free(p);
}
void free_handle::operator()(X509_crl_st* p) const {
    X509_CRL_free(p);
}
void free_handle::operator()(X509_name_st* p) const {
    X509_NAME_free(p);
}
void free_handle::operator()(X509_req_st* p) const {
    X509_REQ_free(p);
}

result<key_handle> read_key(std::string_view pem) {
    return read_pem<EVP_PKEY>(pem, &PEM_read_bio_PrivateKey, errc::certificate_malformed, "key");
}

result<certificate_handle> read_certificate(std::string_view pem) {
    return read_pem<X509>(pem, &PEM_read_bio_X509, errc::certificate_malformed, "certificate");
}

result<crl_handle> read_crl(std::string_view pem) {
    return read_pem<X509_CRL>(pem, &PEM_read_bio_X509_CRL, errc::certificate_malformed, "CRL");
}

result<request_handle> read_request(std::string_view pem) {
    return read_pem<X509_REQ>(pem, &PEM_read_bio_X509_REQ, errc::request_invalid, "request");
}

result<std::string> write_pem(evp_pkey_st* key) {
    // Memory that OpenSSL overwrites when it gives it back.
    return to_pem(BIO_s_secmem(), [&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

result<std::string> write_pem(x509_st* certificate) {
    return to_pem(BIO_s_mem(), [&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

result<std::string> write_pem(X509_crl_st* crl) {
    return to_pem(BIO_s_mem(), [&](BIO* out) { return PEM_write_bio_X509_CRL(out, crl); });
}

result<std::string> write_pem(X509_req_st* request) {
    return to_pem(BIO_s_mem(), [&](BIO* out) { return PEM_write_bio_X509_REQ(out, request); });
}

key_handle new_p256_key() {
    return key_handle{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
}

name_handle new_name(std::string_view organisation, std::string_view common) {
    name_handle out{X509_NAME_new()};
    if (out == nullptr || !add_entry(out.get(), "O", organisation) ||
        !add_entry(out.get(), "CN", common)) {
        return nullptr;
    }
    return out;
}

std::string text_of(const X509_name_st* name) {
    const bio_handle out{BIO_new(BIO_s_mem())};
    constexpr unsigned long flags =
        XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return {};
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(n)};
}

asn1_handle to_asn1(wall_time t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    return asn1_handle{ASN1_TIME_set(nullptr, static_cast<std::time_t>(seconds))};
}

wall_time from_asn1(const asn1_string_st* t) {
    std::tm parts{};
    if (t == nullptr || ASN1_TIME_to_tm(t, &parts) != 1) return {};
    using namespace std::chrono;
    const sys_days day = year{parts.tm_year + 1900} /
                         month{static_cast<unsigned>(parts.tm_mon + 1)} /
                         std::chrono::day{static_cast<unsigned>(parts.tm_mday)};
    return day + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string openssl_errors() {
    std::string out;
    while (const unsigned long code = ERR_get_error()) {
        char text[256];
        ERR_error_string_n(code, text, sizeof text);
        if (!out.empty()) out += "; ";
        out += text;
    }
    return out;
}

failure openssl_failure(errc code, std::string where) {
    return fail(code, std::move(where), openssl_errors());
}

} // namespace cairn::certs
