#include "certs/parse.hpp"

#include "certs/free_form.hpp"
#include "unit/certs/fixture.hpp"
#include "unit/certs/openssl_view.hpp"

#include <array>
#include <set>

using namespace cairn;
using namespace cairn::test;
using certs::identity;
using certs::identity_kind;

namespace {

std::string signed_with(std::vector<std::string> uris) {
    seeded_random random(31);
    const certs::authority a = northshire(random);
    const certs::detail::free_form form{
        .request_pem = certs::make_request({identity_kind::agency, "oakfield"}, realm)->request_pem,
        .common_name = "agency/oakfield",
        .uris = std::move(uris),
        .dns_names = {"a.example"},
        .ip_addresses = {},
        .for_server = false,
        .for_client = true,
        .valid = {moment, moment + one_day},
    };
    const auto pem = form.sign(a, random);
    REQUIRE(pem);
    return *pem;
}

certs::certificate_facts facts_with(std::vector<std::string> uris) {
    auto out = certs::parse_certificate(signed_with(std::move(uris)));
    REQUIRE(out);
    return *out;
}

const std::string good_uri = "spiffe://northshire.example/agency/oakfield";

} // namespace

TEST_CASE("a certificate's facts are those OpenSSL prints") {
    seeded_random random(30);
    certificate_set set(realm, moment, random);
    const auto facts = certs::parse_certificate(set.server().certificate_pem);
    REQUIRE(facts);
    CHECK(facts->uris == std::vector<std::string>{"spiffe://northshire.example/server/broker"});
    CHECK(facts->dns_names == std::vector<std::string>{"localhost"});
    CHECK(facts->ip_addresses == std::vector<std::string>{"127.0.0.1", "::1"});
    CHECK(facts->not_before == moment - one_day);
    CHECK(facts->not_after == moment + 365 * one_day);
    CHECK(facts->issuer == "CN=Cairn authority of northshire.example,O=northshire.example");
    CHECK(facts->subject == "CN=server/broker,O=northshire.example");
    CHECK(!facts->is_authority);
    CHECK(facts->for_server);
    CHECK(!facts->for_client);

    const auto c = x509_of(set.server().certificate_pem);
    std::array<unsigned char, 32> expected{};
    unsigned n = 0;
    REQUIRE(X509_digest(c.get(), EVP_sha256(), expected.data(), &n) == 1);
    CHECK(facts->fingerprint == expected);

    unsigned char* der = nullptr;
    const int size = i2d_X509(c.get(), &der);
    const std::string raw(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    CHECK(certs::parse_certificate_der(raw)->fingerprint == expected);
    CHECK(!certs::parse_certificate_der(raw + "x"));
    CHECK(!certs::parse_certificate_der(raw.substr(0, raw.size() - 1)));
}

TEST_CASE("an authority's certificate is known as one and is nobody") {
    seeded_random random(32);
    const certs::authority a = northshire(random);
    auto facts = certs::parse_certificate(a.certificate_pem());
    REQUIRE(facts);
    CHECK(facts->is_authority);
    CHECK(!facts->for_client);
    facts->uris = {good_uri};
    CHECK(certs::identity_of(*facts, realm).error().code == errc::certificate_identity);
}

TEST_CASE("exactly one URI name makes an identity") {
    CHECK(
        certs::identity_of(facts_with({good_uri}), realm).value() ==
        identity{identity_kind::agency, "oakfield"}
    );
    const auto bad = GENERATE(values<std::vector<std::string>>({
        {},
        {"spiffe://northshire.example/agency/oakfield", "spiffe://northshire.example/agency/other"},
        {"spiffe://northshire.example/agency/oakfield",
         "spiffe://northshire.example/agency/oakfield"},
        {"spiffe://northshire.example/agency/oakfield", "https://oakfield.example/"},
        {"spiffe://southshire.example/agency/oakfield"},
        {"spiffe://northshire.example/agency/Oakfield"},
        {"https://oakfield.example/"},
    }));
    const auto facts = facts_with(bad);
    CHECK(facts.uris == bad);
    const auto got = certs::identity_of(facts, realm);
    REQUIRE(!got);
    CHECK(got.error().code == errc::certificate_identity);
}

TEST_CASE("a URI name with a zero byte is kept whole and refused") {
    const std::string trick = good_uri + std::string("\0.evil", 6);
    const auto facts = facts_with({trick});
    REQUIRE(facts.uris == std::vector<std::string>{trick});
    CHECK(!certs::identity_of(facts, realm));
}

TEST_CASE("text that is no certificate is a failure value") {
    const std::string whole = signed_with({good_uri});
    const std::string text = GENERATE_COPY(
        as<std::string>{},
        "",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        whole.substr(0, whole.size() / 2),
        std::string(2 * 1024 * 1024, 'x')
    );
    const auto got = certs::parse_certificate(text);
    REQUIRE(!got);
    CHECK(got.error().code == errc::certificate_malformed);
}

TEST_CASE("any one byte changed gives a failure or another fingerprint, never a crash") {
    const std::string pem = signed_with({good_uri});
    const auto c = x509_of(pem);
    unsigned char* der = nullptr;
    const int size = i2d_X509(c.get(), &der);
    const std::string raw(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    const digest whole = certs::parse_certificate_der(raw)->fingerprint;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        std::string changed = raw;
        changed[i] = static_cast<char>(changed[i] ^ 0x41);
        const auto got = certs::parse_certificate_der(changed);
        if (got) CHECK(got->fingerprint != whole);
    }
}

TEST_CASE("a revocation list names serials and is the authority's own") {
    seeded_random random(33);
    const certs::authority a = northshire(random);
    const certs::authority impostor = northshire(random);
    const std::array rows{
        certs::revocation{"0a0b", moment},
        certs::revocation{"ffeeddccbbaa99887766554433221100", moment}};
    const auto crl = a.make_crl(
        {.revoked = rows, .number = 7, .this_update = moment, .next_update = moment + one_day}
    );
    REQUIRE(crl);
    const auto facts = certs::parse_crl(*crl, a.certificate_pem());
    REQUIRE(facts);
    CHECK(facts->number == 7);
    CHECK(facts->this_update == moment);
    CHECK(facts->next_update == moment + one_day);
    CHECK(facts->issuer == "CN=Cairn authority of northshire.example,O=northshire.example");
    CHECK(
        std::set<std::string>(facts->serials.begin(), facts->serials.end()) ==
        std::set<std::string>{"0a0b", "ffeeddccbbaa99887766554433221100"}
    );

    CHECK(
        certs::parse_crl(*crl, impostor.certificate_pem()).error().code == errc::signature_invalid
    );
    CHECK(certs::parse_crl("", a.certificate_pem()).error().code == errc::certificate_malformed);
    CHECK(certs::parse_crl(a.certificate_pem(), a.certificate_pem()).has_error());
}

TEST_CASE("an empty revocation list is a list") {
    seeded_random random(34);
    const certs::authority a = northshire(random);
    const auto crl = a.make_crl(
        {.revoked = {}, .number = 1, .this_update = moment, .next_update = moment + one_day}
    );
    REQUIRE(crl);
    CHECK(certs::parse_crl(*crl, a.certificate_pem())->serials.empty());
}

TEST_CASE("a revocation list with a serial that is none, or no span, is refused") {
    seeded_random random(35);
    const certs::authority a = northshire(random);
    for (const char* serial : {"", "xyz", "abc", "00112233445566778899aabbccddeeff0011223344"}) {
        const std::array rows{certs::revocation{serial, moment}};
        CAPTURE(serial);
        const auto crl = a.make_crl(
            {.revoked = rows, .number = 1, .this_update = moment, .next_update = moment + one_day}
        );
        REQUIRE(!crl);
        CHECK(crl.error().code == errc::bad_value);
    }
    CHECK(a.make_crl({.revoked = {}, .number = 1, .this_update = moment, .next_update = moment})
              .has_error());
}
