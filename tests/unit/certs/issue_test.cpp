#include "certs/authority.hpp"
#include "certs/verify.hpp"
#include "unit/certs/fixture.hpp"
#include "unit/certs/openssl_view.hpp"

#include <array>
#include <set>

using namespace cairn;
using namespace cairn::test;
using certs::certificate_order;
using certs::identity;
using certs::identity_kind;

namespace {

const identity oakfield{identity_kind::agency, "oakfield"};
const identity broker{identity_kind::server, "broker"};

certificate_order order_for(const identity& who) {
    auto asked = certs::make_request(who, realm);
    REQUIRE(asked);
    certificate_order out{
        .request_pem = asked->request_pem, .who = who, .valid = {moment, moment + 90 * one_day}};
    if (who.kind == identity_kind::server) {
        out.dns_names = {"broker.northshire.example"};
        out.ip_addresses = {"127.0.0.1", "::1"};
    }
    return out;
}

errc refusal(const certs::authority& a, const certificate_order& order) {
    seeded_random random(9);
    const auto got = a.issue(order, random);
    REQUIRE(!got);
    return got.error().code;
}

// A request by OpenSSL's own calls, with extensions its author would like to have.
std::string greedy_request(EVP_PKEY* key) {
    X509_REQ* request = X509_REQ_new();
    REQUIRE(X509_REQ_set_pubkey(request, key) == 1);
    STACK_OF(X509_EXTENSION)* wishes = sk_X509_EXTENSION_new_null();
    const std::array<std::pair<int, const char*>, 3> list{{
        {NID_subject_alt_name, "URI:spiffe://northshire.example/admin/root,DNS:evil.example"},
        {NID_basic_constraints, "critical,CA:TRUE"},
        {NID_ext_key_usage, "serverAuth,clientAuth"},
    }};
    for (const auto& [nid, value] : list) {
        sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
    }
    REQUIRE(X509_REQ_add_extensions(request, wishes) == 1);
    sk_X509_EXTENSION_pop_free(wishes, X509_EXTENSION_free);
    REQUIRE(X509_REQ_sign(request, key, EVP_sha256()) > 0);
    const openssl_owned<BIO> out{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509_REQ(out.get(), request);
    X509_REQ_free(request);
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(n)};
}

} // namespace

TEST_CASE("a certificate is told to be of a request's key, and of no other") {
    seeded_random random(5);
    const auto a = northshire(random);
    const certificate_order mine = order_for(oakfield);
    const auto pem = a.issue(mine, random);
    REQUIRE(pem);
    CHECK(certs::same_key(*pem, mine.request_pem).value());
    CHECK_FALSE(certs::same_key(*pem, order_for(oakfield).request_pem).value());
    CHECK(certs::same_key("x", mine.request_pem).error().code == errc::certificate_malformed);
    CHECK(certs::same_key(*pem, "x").error().code == errc::request_invalid);
}

TEST_CASE("an agency's certificate has every field it should and no other") {
    seeded_random random(11);
    const certs::authority a = northshire(random);
    const auto pem = a.issue(order_for(oakfield), random);
    REQUIRE(pem);
    const auto c = x509_of(*pem);
    CHECK(
        extension(c.get(), NID_subject_alt_name) ==
        "URI:spiffe://northshire.example/agency/oakfield"
    );
    CHECK(extension(c.get(), NID_ext_key_usage) == "TLS Web Client Authentication");
    CHECK(extension(c.get(), NID_key_usage) == "critical,Digital Signature");
    CHECK(extension(c.get(), NID_basic_constraints) == "critical,CA:FALSE");
    CHECK(X509_get_ext_count(c.get()) == 6);
    CHECK(X509_get_version(c.get()) == X509_VERSION_3);
    CHECK(X509_get_signature_nid(c.get()) == NID_ecdsa_with_SHA256);

    const auto root = x509_of(a.certificate_pem());
    const ASN1_OCTET_STRING* own = X509_get0_subject_key_id(c.get());
    const ASN1_OCTET_STRING* by = X509_get0_authority_key_id(c.get());
    REQUIRE(own != nullptr);
    REQUIRE(by != nullptr);
    CHECK(ASN1_OCTET_STRING_cmp(by, X509_get0_subject_key_id(root.get())) == 0);
    CHECK(ASN1_OCTET_STRING_cmp(by, own) != 0);
    CHECK(X509_check_issued(root.get(), c.get()) == X509_V_OK);
    CHECK(X509_verify(c.get(), X509_get0_pubkey(root.get())) == 1);
}

TEST_CASE("a server's certificate has its URI, DNS and IP names and serves only") {
    seeded_random random(12);
    const certs::authority a = northshire(random);
    const auto pem = a.issue(order_for(broker), random);
    REQUIRE(pem);
    const auto c = x509_of(*pem);
    CHECK(
        extension(c.get(), NID_subject_alt_name) ==
        "URI:spiffe://northshire.example/server/broker, DNS:broker.northshire.example, "
        "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"
    );
    CHECK(extension(c.get(), NID_ext_key_usage) == "TLS Web Server Authentication");
    CHECK(X509_check_host(c.get(), "broker.northshire.example", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(c.get(), "evil.example", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(c.get(), "127.0.0.1", 0) == 1);
    CHECK(X509_check_ip_asc(c.get(), "::1", 0) == 1);
    CHECK(X509_check_ip_asc(c.get(), "127.0.0.2", 0) == 0);
    const auto chain = [&](certs::role as) {
        return certs::verify_chain(
            {.certificate_pem = *pem,
             .authority_pem = a.certificate_pem(),
             .as = as,
             .at = moment + one_day}
        );
    };
    CHECK(chain(certs::role::server));
    CHECK(!chain(certs::role::client));
}

TEST_CASE("a certificate holds from its first second to its last") {
    seeded_random random(13);
    const certs::authority a = northshire(random);
    const certificate_order order = order_for(oakfield);
    const auto pem = a.issue(order, random);
    REQUIRE(pem);
    const auto at = [&](wall_time t) {
        return certs::verify_chain(
                   {.certificate_pem = *pem, .authority_pem = a.certificate_pem(), .at = t}
        )
            .has_value();
    };
    CHECK(!at(order.valid.from - 1s));
    CHECK(at(order.valid.from));
    CHECK(at(order.valid.until - 1s));
    CHECK(!at(order.valid.until + 1s));
}

TEST_CASE("a certificate of the next half century keeps its dates") {
    // RFC 5280 4.1.2.5: from 2050 on the field changes its form.
    seeded_random random(14);
    const wall_time far = std::chrono::sys_days{std::chrono::year{2061} / 2 / 28} + 23h;
    const auto a = certs::authority::make(realm, {moment, far}, random);
    REQUIRE(a);
    certificate_order order = order_for(oakfield);
    order.valid = {far - one_day, far};
    const auto facts = certs::parse_certificate(a->issue(order, random).value());
    REQUIRE(facts);
    CHECK(facts->not_before == order.valid.from);
    CHECK(facts->not_after == order.valid.until);
}

TEST_CASE("nothing a request asks for is granted") {
    seeded_random random(15);
    const certs::authority a = northshire(random);
    const openssl_owned<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    certificate_order order = order_for(oakfield);
    order.request_pem = greedy_request(key.get());
    const auto pem = a.issue(order, random);
    REQUIRE(pem);
    const auto c = x509_of(*pem);
    CHECK(
        extension(c.get(), NID_subject_alt_name) ==
        "URI:spiffe://northshire.example/agency/oakfield"
    );
    CHECK(extension(c.get(), NID_basic_constraints) == "critical,CA:FALSE");
    CHECK(extension(c.get(), NID_ext_key_usage) == "TLS Web Client Authentication");
    CHECK(EVP_PKEY_eq(X509_get0_pubkey(c.get()), key.get()) == 1);
}

TEST_CASE("a request whose signature does not fit its key is refused") {
    seeded_random random(16);
    const certs::authority a = northshire(random);
    const openssl_owned<EVP_PKEY> victim{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    const openssl_owned<EVP_PKEY> thief{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    X509_REQ* request = X509_REQ_new();
    REQUIRE(X509_REQ_set_pubkey(request, victim.get()) == 1);
    REQUIRE(X509_REQ_sign(request, thief.get(), EVP_sha256()) > 0);
    const openssl_owned<BIO> out{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509_REQ(out.get(), request);
    X509_REQ_free(request);
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    certificate_order order = order_for(oakfield);
    order.request_pem.assign(data, static_cast<std::size_t>(n));
    CHECK(refusal(a, order) == errc::request_invalid);
}

TEST_CASE("a request with a weak key is refused") {
    seeded_random random(17);
    const certs::authority a = northshire(random);
    const openssl_owned<EVP_PKEY> weak{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-224")};
    certificate_order order = order_for(oakfield);
    order.request_pem = greedy_request(weak.get());
    CHECK(refusal(a, order) == errc::request_invalid);
}

TEST_CASE("text that is no request is refused") {
    seeded_random random(18);
    const certs::authority a = northshire(random);
    certificate_order order = order_for(oakfield);
    const std::string whole = order.request_pem;
    SECTION("empty") {
        order.request_pem.clear();
    }
    SECTION("words") {
        order.request_pem = "please";
    }
    SECTION("cut in half") {
        order.request_pem = whole.substr(0, whole.size() / 2);
    }
    SECTION("a certificate") {
        order.request_pem = a.certificate_pem();
    }
    CHECK(refusal(a, order) == errc::request_invalid);
}

TEST_CASE("an order that cannot be is refused") {
    seeded_random random(19);
    const certs::authority a = northshire(random);
    certificate_order client = order_for(oakfield);
    certificate_order server = order_for(broker);
    SECTION("an id that is no slug") {
        client.who.id = "Oak Field";
        CHECK(refusal(a, client) == errc::bad_value);
    }
    SECTION("a client with a DNS name") {
        client.dns_names = {"oakfield.example"};
        CHECK(refusal(a, client) == errc::bad_value);
    }
    SECTION("a client with an IP name") {
        client.ip_addresses = {"127.0.0.1"};
        CHECK(refusal(a, client) == errc::bad_value);
    }
    SECTION("a server without any") {
        server.dns_names.clear();
        server.ip_addresses.clear();
        CHECK(refusal(a, server) == errc::bad_value);
    }
    SECTION("a server with a name that is none") {
        server.dns_names = {GENERATE(
            as<std::string>{}, "", "*.example", "a..b", ".a", "a.", "-a", "a-", "A.b", "a_b", "a b"
        )};
        CHECK(refusal(a, server) == errc::bad_value);
    }
    SECTION("a server with an address that is none") {
        server.ip_addresses = {GENERATE(as<std::string>{}, "", "127.0.0", "localhost", "::g")};
        CHECK(refusal(a, server) == errc::bad_value);
    }
    SECTION("a span that ends before it begins") {
        client.valid.until = client.valid.from;
        CHECK(refusal(a, client) == errc::bad_value);
    }
    SECTION("a span beyond the authority's own") {
        client.valid.until = moment + 3651 * one_day;
        CHECK(refusal(a, client) == errc::bad_value);
    }
}

TEST_CASE("serials are 128 bits of the random source given") {
    seeded_random random(20);
    const certs::authority a = northshire(random);
    const certificate_order order = order_for(oakfield);
    std::set<std::string> seen;
    for (int i = 0; i < 32; ++i) {
        const auto facts = certs::parse_certificate(a.issue(order, random).value());
        REQUIRE(facts);
        CHECK(facts->serial_hex.size() >= 28);
        CHECK(facts->serial_hex.size() <= 32);
        seen.insert(facts->serial_hex);
    }
    CHECK(seen.size() == 32);

    seeded_random source(77);
    std::array<std::uint8_t, 16> expected{};
    source.fill(expected);
    seeded_random again(77);
    const auto facts = certs::parse_certificate(a.issue(order, again).value());
    CHECK(
        facts->serial_hex ==
        to_hex({reinterpret_cast<const char*>(expected.data()), expected.size()})
    );
}

TEST_CASE("a request belongs to its key and two have different ones") {
    const auto one = certs::make_request(oakfield, realm);
    const auto two = certs::make_request(oakfield, realm);
    REQUIRE(one);
    REQUIRE(two);
    CHECK(EVP_PKEY_eq(key_of(one->key_pem).get(), key_of(two->key_pem).get()) != 1);
    CHECK(certs::make_request({identity_kind::agency, "x y"}, realm).has_error());
}
