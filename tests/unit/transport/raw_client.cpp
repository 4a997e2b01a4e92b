#include "raw_client.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "gate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace cairn::test {

struct raw_client::state {
    int fd = -1;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    bool shook = false;

    ~state() {
        SSL_free(ssl);
        SSL_CTX_free(context);
        if (fd >= 0) ::close(fd);
    }
};

namespace {

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval bound{patience.count(), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* address = static_cast<const sockaddr*>(static_cast<const void*>(&to));
    if (::connect(fd, address, sizeof to) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

void use(SSL_CTX* context, const issued& identity) {
    BIO* c = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
    X509* certificate = PEM_read_bio_X509(c, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, certificate);
    X509_free(certificate);
    BIO_free(c);
    BIO* k = BIO_new_mem_buf(identity.key_pem.data(), -1);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(k, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context, key);
    EVP_PKEY_free(key);
    BIO_free(k);
}

} // namespace

raw_client::raw_client(const raw_options& options) : state_(std::make_unique<state>()) {
    // OpenSSL writes without MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    state_->fd = connect_to(options.port);
    if (options.plain || state_->fd < 0) return;
    state_->context = SSL_CTX_new(TLS_client_method());
    if (options.tls12_only) SSL_CTX_set_max_proto_version(state_->context, TLS1_2_VERSION);
    if (!options.suites12.empty()) {
        SSL_CTX_set_cipher_list(state_->context, options.suites12.c_str());
    }
    if (options.identity != nullptr) use(state_->context, *options.identity);
    state_->ssl = SSL_new(state_->context);
    if (!options.alpn.empty()) {
        const auto* names = reinterpret_cast<const unsigned char*>(options.alpn.data());
        SSL_set_alpn_protos(state_->ssl, names, static_cast<unsigned>(options.alpn.size()));
    }
    if (options.resume != nullptr) {
        SSL_SESSION* session = SSL_get1_session(options.resume->state_->ssl);
        SSL_set_session(state_->ssl, session);
        SSL_SESSION_free(session);
    }
    SSL_set_fd(state_->ssl, state_->fd);
    state_->shook = SSL_connect(state_->ssl) == 1;
    ERR_clear_error();
}

raw_client::~raw_client() = default;

bool raw_client::shook() const {
    return state_->shook;
}

std::string raw_client::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(state_->ssl, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string raw_client::server_sha256() const {
    X509* certificate = SSL_get1_peer_certificate(state_->ssl);
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    const bytes raw(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(certificate);
    return to_hex(view(sha256(raw)));
}

bool raw_client::send(const std::string& text) {
    const int size = static_cast<int>(text.size());
    if (state_->ssl != nullptr) return SSL_write(state_->ssl, text.data(), size) == size;
    return ::send(state_->fd, text.data(), text.size(), MSG_NOSIGNAL) == size;
}

std::string raw_client::read_until(const std::function<bool(const std::string&)>& enough) {
    std::string got;
    std::array<char, 16384> part{};
    while (!enough(got)) {
        const auto n = state_->ssl != nullptr
                           ? SSL_read(state_->ssl, part.data(), static_cast<int>(part.size()))
                           : ::recv(state_->fd, part.data(), part.size(), 0);
        if (n <= 0) {
            ended_ = errno != EAGAIN && errno != EWOULDBLOCK;
            if (n == 0) ended_ = true;
            ERR_clear_error();
            break;
        }
        got.append(part.data(), static_cast<std::size_t>(n));
    }
    return got;
}

std::string raw_client::read_until(const std::string& found) {
    return read_until([&](const std::string& got) { return got.find(found) != got.npos; });
}

std::string raw_client::read_all() {
    return read_until([](const std::string&) { return false; });
}

void raw_client::shut() {
    ::shutdown(state_->fd, SHUT_WR);
}

void raw_client::farewell() {
    SSL_shutdown(state_->ssl);
}

bool raw_client::was_told_farewell() const {
    return (SSL_get_shutdown(state_->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool raw_client::resumable() const {
    return SSL_SESSION_is_resumable(SSL_get_session(state_->ssl)) == 1;
}

bool raw_client::resumed() const {
    return SSL_session_reused(state_->ssl) == 1;
}

} // namespace cairn::test
