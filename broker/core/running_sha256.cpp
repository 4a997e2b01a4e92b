#include "core/running_sha256.hpp"

#include "core/assert.hpp"

#include <openssl/evp.h>

namespace cairn {

running_sha256::running_sha256()
    : context_(EVP_MD_CTX_new(), [](void* p) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(p)); }) {
    auto* c = static_cast<EVP_MD_CTX*>(context_.get());
    CAIRN_ASSERT(EVP_DigestInit_ex(c, EVP_sha256(), nullptr) == 1, "OpenSSL has SHA-256");
}

void running_sha256::add(bytes_view more) {
    auto* c = static_cast<EVP_MD_CTX*>(context_.get());
    CAIRN_ASSERT(EVP_DigestUpdate(c, more.data(), more.size()) == 1, "hashing does not fail");
}

digest running_sha256::finish() {
    digest out{};
    auto* c = static_cast<EVP_MD_CTX*>(context_.get());
    CAIRN_ASSERT(EVP_DigestFinal_ex(c, out.data(), nullptr) == 1, "hashing does not fail");
    return out;
}

} // namespace cairn
