#include "transport/tls_channel.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace cairn::transport {
namespace {

struct store_free {
    void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
};
struct x509_free {
    void operator()(X509* p) const { X509_free(p); }
};
using x509_ptr = std::unique_ptr<X509, x509_free>;

std::string one_line(const X509_NAME* name) {
    BIO* out = BIO_new(BIO_s_mem());
    if (out == nullptr) return {};
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
}

// Changes no verdict; a failed chain is not kept by OpenSSL, so its issuer is noted here.
int note_failure(int ok, X509_STORE_CTX* store) {
    if (ok == 1) return ok;
    const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, index));
    auto* channel = static_cast<tls_channel*>(SSL_get_app_data(ssl));
    const X509* at_fault = X509_STORE_CTX_get_current_cert(store);
    if (channel != nullptr && at_fault != nullptr) {
        channel->note_issuer(one_line(X509_get_issuer_name(at_fault)));
    }
    return ok;
}

// An alert is how the other end says why it refused.
const char* alert_words(int reason) {
    switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "wants a certificate and got none";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return "the certificate is of an authority it does not know";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return "the certificate has expired";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        return "the certificate was revoked";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        return "the certificate was not accepted";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        return "the certificate is bad";
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        return "the certificate is not for this use";
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
        return "the certificate's signature does not fit";
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return "access denied";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "no common version of TLS";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return "no common parameters of TLS";
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
        return "no common protocol above TLS";
    default:
        return nullptr;
    }
}

} // namespace

void tls_channel::ssl_free::operator()(ssl_st* s) const {
    SSL_free(s);
}

tls_channel::tls_channel(ssl_ctx_st* context, tls_role role, const std::string& expect_name)
    : ssl_(SSL_new(context)), role_(role), expect_name_(expect_name) {
    CAIRN_ASSERT(ssl_ != nullptr, "no memory for a TLS connection");
    SSL* ssl = ssl_.get();
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_app_data(ssl, this);
    SSL_set_verify(ssl, SSL_get_verify_mode(ssl), note_failure);
    if (role == tls_role::server) {
        SSL_set_accept_state(ssl);
        return;
    }
    SSL_set_connect_state(ssl);
    X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, expect_name.c_str()) != 1) {
        ERR_clear_error();
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(param, expect_name.data(), expect_name.size());
        // What SSL_set_tlsext_host_name expands to, without its C cast.
        std::string name = expect_name;
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }
}

tls_channel::~tls_channel() = default;

void tls_channel::feed(bytes_view in) {
    const int n = BIO_write(SSL_get_rbio(ssl_.get()), in.data(), static_cast<int>(in.size()));
    CAIRN_ASSERT(n == static_cast<int>(in.size()), "a memory BIO takes everything");
}

tls_progress tls_channel::handshake() {
    ERR_clear_error();
    return outcome(SSL_do_handshake(ssl_.get()));
}

tls_progress tls_channel::read(std::span<char> into, std::size_t& got) {
    ERR_clear_error();
    return outcome(SSL_read_ex(ssl_.get(), into.data(), into.size(), &got));
}

bool tls_channel::write(bytes_view plain) {
    ERR_clear_error();
    std::size_t done = 0;
    const int ok = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &done);
    return outcome(ok) == tls_progress::done && done == plain.size();
}

void tls_channel::close_notify() {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1 && !why_.where.size()) SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

void tls_channel::take_output(bytes& out) {
    BIO* bio = SSL_get_wbio(ssl_.get());
    const std::size_t pending = BIO_ctrl_pending(bio);
    if (pending == 0) return;
    // Read, not BIO_reset: that clears the whole buffer every time.
    const std::size_t before = out.size();
    out.resize(before + pending);
    const int n = BIO_read(bio, out.data() + before, static_cast<int>(pending));
    CAIRN_ASSERT(n == static_cast<int>(pending), "a memory BIO gives everything");
}

std::string_view tls_channel::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool tls_channel::passes(ssl_ctx_st* context) const {
    const x509_ptr certificate(SSL_get1_peer_certificate(ssl_.get()));
    if (!certificate) return true;
    const std::unique_ptr<X509_STORE_CTX, store_free> judge(X509_STORE_CTX_new());
    if (!judge) return false;
    STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get());
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    if (X509_STORE_CTX_init(judge.get(), store, certificate.get(), chain) != 1) return false;
    // What a handshake under this context would ask of the certificate.
    X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(judge.get()), SSL_CTX_get0_param(context));
    const bool good = X509_verify_cert(judge.get()) == 1;
    ERR_clear_error();
    return good;
}

session::peer tls_channel::peer() const {
    session::peer out;
    const x509_ptr certificate(SSL_get1_peer_certificate(ssl_.get()));
    if (!certificate) return out;
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    CAIRN_ASSERT(size > 0, "a verified certificate has an encoding");
    const bytes_view raw(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    out.certificate_sha256 = to_hex(view(sha256(raw)));
    OPENSSL_free(der);

    auto* names = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)
    );
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI) continue;
        const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
        // The whole length: a name with a zero byte inside must not compare as its front part.
        out.uris.emplace_back(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
            static_cast<std::size_t>(ASN1_STRING_length(uri))
        );
    }
    GENERAL_NAMES_free(names);
    return out;
}

tls_progress tls_channel::outcome(int returned) {
    if (returned == 1) return tls_progress::done;
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return tls_progress::more;
    case SSL_ERROR_ZERO_RETURN:
        return tls_progress::peer_gone;
    default:
        break;
    }
    const auto code = ERR_peek_error();
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    why_ = fail(errc::tls_failed, words(code), text.data());
    ERR_clear_error();
    return tls_progress::failed;
}

std::string tls_channel::words(unsigned long code) const {
    const bool client = role_ == tls_role::client;
    const std::string whose = client ? "the server's certificate" : "the client's certificate";
    const int reason = ERR_GET_REASON(code);
    if (const char* alert = alert_words(reason)) {
        return (client ? "refused by the broker: " : "refused by the client: ") +
               std::string(alert);
    }
    if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) return "no client certificate";
    if (reason != SSL_R_CERTIFICATE_VERIFY_FAILED) {
        const char* text = ERR_reason_error_string(code);
        return text != nullptr ? text : "the peer ended the handshake";
    }
    const long verdict = SSL_get_verify_result(ssl_.get());
    switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return whose + " has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return whose + " is not valid yet";
    case X509_V_ERR_CERT_REVOKED:
        return whose + " was revoked";
    case X509_V_ERR_INVALID_PURPOSE:
        return whose + " is not for this use";
    case X509_V_ERR_CRL_HAS_EXPIRED:
        return "the revocation list has expired";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        return "no revocation list of its authority";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return whose + " does not carry the name " + expect_name_;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return whose + " is of another authority (issuer: " + issuer_ + ")";
    default:
        return whose + ": " + X509_verify_cert_error_string(verdict);
    }
}

} // namespace cairn::transport
