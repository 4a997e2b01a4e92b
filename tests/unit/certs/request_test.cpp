// What a request may ask for, and who signed a renewal.
#include "certs/request.hpp"

#include "certs/authority.hpp"
#include "core/system.hpp"
#include "fixture.hpp"

#include <catch2/catch.hpp>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

using namespace cairn;
using namespace cairn::certs;

namespace {

const std::string name = "spiffe://northshire.example/agency/oakfield";

// A request with these extensions, by a fresh key of this curve.
std::string
request_with(const std::vector<std::pair<int, std::string>>& wanted, const char* curve = "P-256") {
    EVP_PKEY* key = EVP_EC_gen(curve);
    X509_REQ* r = X509_REQ_new();
    STACK_OF(X509_EXTENSION)* all = sk_X509_EXTENSION_new_null();
    for (const auto& [nid, text] : wanted) {
        sk_X509_EXTENSION_push(all, X509V3_EXT_conf_nid(nullptr, nullptr, nid, text.c_str()));
    }
    X509_REQ_add_extensions(r, all);
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    X509_REQ_set_pubkey(r, key);
    X509_REQ_sign(r, key, EVP_sha256());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_REQ(out, r);
    char* data = nullptr;
    const long n = BIO_get_mem_data(out, &data);
    std::string pem(data, static_cast<std::size_t>(n));
    BIO_free(out);
    X509_REQ_free(r);
    EVP_PKEY_free(key);
    return pem;
}

std::string why(const std::string& pem) {
    const auto got = key_asked_for(pem, name);
    if (got) return "good";
    return got.error().code == errc::request_invalid ? got.error().where : "another code";
}

} // namespace

TEST_CASE("a request may ask for its own name and nothing that is never given") {
    CHECK(why(request_with({})) == "good");
    CHECK(why(request_with({{NID_subject_alt_name, "URI:" + name}})) == "good");
    CHECK(why(request_with({{NID_basic_constraints, "CA:FALSE"}})) == "good");
    CHECK(
        why(request_with({{NID_basic_constraints, "CA:TRUE"}})) ==
        "extensions: it asks to be an authority"
    );
    CHECK(
        why(request_with({{NID_subject_alt_name, "URI:spiffe://northshire.example/admin/ops"}})) ==
        "names: it asks for another name"
    );
    CHECK(
        why(request_with({{NID_subject_alt_name, "URI:" + name + ",DNS:broker.example"}})) ==
        "names: it asks for another kind of name"
    );
}

TEST_CASE("a request with a weak key, a signature of another or no end is refused") {
    CHECK(why(request_with({}, "P-192")) == "key");
    std::string torn = request_with({});
    // Within the signature, the last thing in it.
    const auto at = torn.rfind("\n-----END") - 12;
    torn[at] = torn[at] == 'A' ? 'B' : 'A';
    CHECK(why(torn) != "good");
    CHECK(why("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n") != "good");
    CHECK(why("") != "good");
}

TEST_CASE("a renewal is signed by the certificate's own key over these very bytes") {
    auto by = make_request({identity_kind::agency, "oakfield"}, "northshire.example");
    auto other = make_request({identity_kind::agency, "oakfield"}, "northshire.example");
    REQUIRE(by);
    REQUIRE(other);
    const auto home = test::northshire(system_random());
    certificate_order order;
    order.request_pem = by->request_pem;
    order.who = {identity_kind::agency, "oakfield"};
    order.valid = {test::moment, test::moment + 365 * test::one_day};
    const auto certificate = home.issue(order, system_random());
    REQUIRE(certificate);
    const std::string text = renewal_text(other->request_pem);
    const auto signature = sign_text(by->key_pem, text);
    REQUIRE(signature);
    CHECK(check_text(*certificate, text, *signature));
    CHECK_FALSE(check_text(*certificate, text + "\n", *signature));
    const auto forged = sign_text(other->key_pem, text);
    REQUIRE(forged);
    const auto refused = check_text(*certificate, text, *forged);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::signature_invalid);
    CHECK_FALSE(check_text(*certificate, text, ""));
}
