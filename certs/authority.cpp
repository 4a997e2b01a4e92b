#include "certs/authority.hpp"

#include "certs/authority_state.hpp"
#include "certs/build.hpp"
#include "certs/files.hpp"
#include "core/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

namespace cairn::certs {

using build::extend;

namespace {

std::string authority_name(std::string_view partnership) {
    return "Cairn authority of " + std::string(partnership);
}

} // namespace

authority::authority(std::unique_ptr<state> s) : state_(std::move(s)) {}
authority::authority(authority&&) noexcept = default;
authority& authority::operator=(authority&&) noexcept = default;
authority::~authority() = default;

const std::string& authority::partnership() const {
    return state_->partnership;
}
const std::string& authority::certificate_pem() const {
    return state_->pem;
}

result<authority>
authority::make(std::string_view partnership, const validity& valid, random_source& random) {
    if (!is_partnership(partnership)) {
        return fail(errc::bad_value, "partnership: a-z, 0-9, hyphen and dot, 2 to 40");
    }
    CAIRN_TRY(build::check_span(valid));
    auto s = std::make_unique<state>();
    s->partnership = partnership;
    s->key = new_p256_key();
    s->certificate.reset(X509_new());
    X509* c = s->certificate.get();
    const name_handle name = new_name(partnership, authority_name(partnership));
    // pathlen 0: it signs the partnership's certificates and no further authority.
    const bool ok = s->key != nullptr && c != nullptr && name != nullptr &&
                    X509_set_version(c, X509_VERSION_3) == 1 && build::set_serial(c, random) &&
                    build::set_span(c, valid) && X509_set_subject_name(c, name.get()) == 1 &&
                    X509_set_issuer_name(c, name.get()) == 1 &&
                    X509_set_pubkey(c, s->key.get()) == 1 &&
                    extend(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    extend(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    extend(c, c, NID_subject_key_identifier, "hash") &&
                    X509_sign(c, s->key.get(), EVP_sha256()) > 0;
    if (!ok) return openssl_failure(errc::internal, "authority");
    result<std::string> pem = write_pem(c);
    if (!pem) return pem.error();
    s->pem = std::move(*pem);
    s->until = from_asn1(X509_get0_notAfter(c));
    return authority{std::move(s)};
}

result<authority> authority::load(const std::filesystem::path& folder) {
    result<std::string> key_pem = read_secret(folder / key_file);
    if (!key_pem) return key_pem.error();
    result<key_handle> key = read_key(*key_pem);
    wipe(key_pem->data(), key_pem->size());
    if (!key) return key.error();
    result<std::string> pem = read_file(folder / certificate_file);
    if (!pem) return pem.error();
    result<certificate_handle> certificate = read_certificate(*pem);
    if (!certificate) return certificate.error();
    X509* c = certificate->get();
    if (X509_check_private_key(c, key->get()) != 1 || X509_check_ca(c) != 1) {
        return openssl_failure(errc::certificate_malformed, (folder / certificate_file).string());
    }
    auto s = std::make_unique<state>();
    const X509_NAME* subject = X509_get_subject_name(c);
    std::array<char, 128> organisation{};
    X509_NAME_get_text_by_NID(
        subject, NID_organizationName, organisation.data(), static_cast<int>(organisation.size())
    );
    s->partnership = organisation.data();
    if (!is_partnership(s->partnership)) {
        return fail(errc::certificate_malformed, (folder / certificate_file).string(), "no O");
    }
    s->key = std::move(*key);
    s->certificate = std::move(*certificate);
    s->pem = std::move(*pem);
    s->until = from_asn1(X509_get0_notAfter(c));
    return authority{std::move(s)};
}

status authority::save(const std::filesystem::path& folder) const {
    CAIRN_TRY(make_private_folder(folder));
    std::error_code ec;
    // Both asked before either is written, so that a refusal leaves the folder as it was.
    for (const char* name : {key_file, certificate_file}) {
        if (std::filesystem::exists(folder / name, ec)) {
            return fail(errc::file_exists, (folder / name).string());
        }
    }
    result<std::string> key_pem = write_pem(state_->key.get());
    if (!key_pem) return key_pem.error();
    const status written = write_file(folder / key_file, *key_pem, reach::secret, existing::keep);
    wipe(key_pem->data(), key_pem->size());
    CAIRN_TRY(written);
    return write_file(folder / certificate_file, state_->pem, reach::open, existing::keep);
}

} // namespace cairn::certs
