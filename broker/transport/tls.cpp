#include "transport/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <vector>

namespace cairn::transport {
namespace {

template <auto Free>
struct freer {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};
using bio_ptr = std::unique_ptr<BIO, freer<BIO_free_all>>;
using x509_ptr = std::unique_ptr<X509, freer<X509_free>>;
using crl_ptr = std::unique_ptr<X509_CRL, freer<X509_CRL_free>>;
using pkey_ptr = std::unique_ptr<EVP_PKEY, freer<EVP_PKEY_free>>;
using ctx_ptr = std::unique_ptr<SSL_CTX, freer<SSL_CTX_free>>;

constexpr const char* suites_12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* groups = "X25519:P-256:P-384";

// The newest entry of OpenSSL's queue in its own words; empties the queue.
std::string openssl_words() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no detail";
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

failure bad(std::string_view part, std::string_view why) {
    return fail(
        errc::config_bad_value, std::string(part) + ": " + std::string(why), openssl_words()
    );
}

// A daemon must not ask the terminal for a pass phrase.
int no_pass_phrase(char*, int, int, void*) {
    return 0;
}

bio_ptr read_only(const std::string& pem) {
    return bio_ptr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<x509_ptr> read_certificates(const std::string& pem) {
    std::vector<x509_ptr> out;
    const auto in = read_only(pem);
    while (X509* one = PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr)) {
        out.emplace_back(one);
    }
    // The end of the text is an error to PEM_read too; anything else is a damaged block.
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (at_end)
        ERR_clear_error();
    else
        out.clear();
    return out;
}

status use_identity(SSL_CTX* ctx, const tls_files& files) {
    const auto chain = read_certificates(files.certificate_pem);
    if (chain.empty()) return bad("certificate", "no certificate in PEM form");
    if (SSL_CTX_use_certificate(ctx, chain.front().get()) != 1) {
        return bad("certificate", "not usable for TLS");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (SSL_CTX_add1_chain_cert(ctx, chain[i].get()) != 1) {
            return bad("certificate", "its chain is not usable");
        }
    }
    const auto in = read_only(files.key_pem);
    const pkey_ptr key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, nullptr));
    if (!key) return bad("key", "no unencrypted private key in PEM form");
    if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        return bad("key", "does not belong to the certificate");
    }
    return {};
}

// Whose signature the list bears decides whether it means anything here.
bool signed_by_one_of(X509_CRL* crl, const std::vector<x509_ptr>& authorities) {
    for (const auto& authority : authorities) {
        if (X509_CRL_verify(crl, X509_get0_pubkey(authority.get())) == 1) return true;
    }
    return false;
}

status use_revocations(
    X509_STORE* store, const std::string& pem, const std::vector<x509_ptr>& authorities
) {
    const auto in = read_only(pem);
    std::size_t found = 0;
    for (;;) {
        const crl_ptr crl(PEM_read_bio_X509_CRL(in.get(), nullptr, no_pass_phrase, nullptr));
        if (!crl) break;
        if (!signed_by_one_of(crl.get(), authorities)) {
            return bad("revocation list", "not signed by the authority");
        }
        if (X509_STORE_add_crl(store, crl.get()) != 1) {
            return bad("revocation list", "not usable");
        }
        ++found;
    }
    if (found == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        return bad("revocation list", "no list in PEM form");
    }
    ERR_clear_error();
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return {};
}

// Trusts this authority and no other: the system's store is never loaded.
status use_authority(SSL_CTX* ctx, const tls_files& files, bool announce) {
    const auto authorities = read_certificates(files.authority_pem);
    if (authorities.empty()) return bad("authority", "no certificate in PEM form");
    X509_STORE* store = SSL_CTX_get_cert_store(ctx);
    for (const auto& authority : authorities) {
        if (X509_check_ca(authority.get()) == 0) return bad("authority", "not an authority");
        if (X509_STORE_add_cert(store, authority.get()) != 1) {
            return bad("authority", "not usable");
        }
        // Browsers offer only certificates of an authority named here.
        if (announce && SSL_CTX_add_client_CA(ctx, authority.get()) != 1) {
            return bad("authority", "not usable");
        }
    }
    if (!files.crl_pem.empty()) CAIRN_TRY(use_revocations(store, files.crl_pem, authorities));
    return {};
}

using octet = unsigned char;

int choose_protocol(SSL*, const octet** out, octet* n, const octet* in, unsigned in_size, void*) {
    static constexpr unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char* chosen = nullptr;
    const int how = SSL_select_next_proto(
        &chosen, n, ours, static_cast<unsigned>(sizeof ours - 1), in, in_size
    );
    *out = chosen;
    return how == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

result<ctx_ptr> common_context(const SSL_METHOD* method, const tls_files& files) {
    ctx_ptr ctx(SSL_CTX_new(method));
    if (!ctx) return fail(errc::internal, {}, openssl_words());
    SSL_CTX_set_min_proto_version(ctx.get(), files.allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(ctx.get(), TLS1_3_VERSION);
    SSL_CTX_set_security_level(ctx.get(), 2);
    SSL_CTX_set_options(
        ctx.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
    );
    SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_OFF);
    // A resumed session would skip the certificate check that revocation relies on.
    SSL_CTX_set_num_tickets(ctx.get(), 0);
    // Idle connections are the rule here: give their 34 KiB of record buffers back.
    SSL_CTX_set_mode(ctx.get(), SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set1_groups_list(ctx.get(), groups) != 1 ||
        SSL_CTX_set_cipher_list(ctx.get(), suites_12) != 1) {
        return fail(errc::internal, {}, openssl_words());
    }
    return ctx;
}

std::shared_ptr<boost::asio::ssl::context> wrap(ctx_ptr ctx) {
    return std::make_shared<boost::asio::ssl::context>(ctx.release());
}

} // namespace

result<std::shared_ptr<boost::asio::ssl::context>> server_context(const tls_files& files) {
    ERR_clear_error();
    auto ctx = common_context(TLS_server_method(), files);
    if (!ctx) return ctx.error();
    CAIRN_TRY(use_identity(ctx->get(), files));
    CAIRN_TRY(use_authority(ctx->get(), files, true));
    SSL_CTX_set_options(ctx->get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_verify(ctx->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // A server's certificate must not log in as an agency.
    SSL_CTX_set_purpose(ctx->get(), X509_PURPOSE_SSL_CLIENT);
    SSL_CTX_set_alpn_select_cb(ctx->get(), choose_protocol, nullptr);
    return wrap(std::move(*ctx));
}

result<std::shared_ptr<boost::asio::ssl::context>> client_context(const tls_files& files) {
    ERR_clear_error();
    auto ctx = common_context(TLS_client_method(), files);
    if (!ctx) return ctx.error();
    // Without an identity a client can still learn that the broker wants one.
    if (!files.certificate_pem.empty()) CAIRN_TRY(use_identity(ctx->get(), files));
    CAIRN_TRY(use_authority(ctx->get(), files, false));
    SSL_CTX_set_verify(ctx->get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_purpose(ctx->get(), X509_PURPOSE_SSL_SERVER);
    static constexpr unsigned char ours[] = "\x02h2";
    SSL_CTX_set_alpn_protos(ctx->get(), ours, static_cast<unsigned>(sizeof ours - 1));
    return wrap(std::move(*ctx));
}

} // namespace cairn::transport
