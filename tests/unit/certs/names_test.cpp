#include "certs/names.hpp"

#include "support/result_text.hpp"

using namespace cairn;
using certs::identity;
using certs::identity_kind;

TEST_CASE("a name goes into its URI and back") {
    const auto [kind, uri] = GENERATE(table<identity_kind, std::string>({
        {identity_kind::agency, "spiffe://northshire.example/agency/oakfield"},
        {identity_kind::admin, "spiffe://northshire.example/admin/oakfield"},
        {identity_kind::auditor, "spiffe://northshire.example/auditor/oakfield"},
        {identity_kind::monitor, "spiffe://northshire.example/monitor/oakfield"},
        {identity_kind::invite, "spiffe://northshire.example/invite/oakfield"},
        {identity_kind::server, "spiffe://northshire.example/server/oakfield"},
    }));
    const identity who{kind, "oakfield"};
    CHECK(certs::uri_of(who, "northshire.example").value() == uri);
    CHECK(certs::parse_uri(uri, "northshire.example").value() == who);
}

TEST_CASE("a URI that is not exactly a name of this partnership is refused") {
    const std::string uri = GENERATE(
        as<std::string>{},
        "",
        "oakfield",
        "/",
        "spiffe://",
        "spiffe://northshire.example",
        "spiffe://northshire.example/agency",
        "spiffe://northshire.example/agency/",
        "spiffe://northshire.example/agency/oakfield/",
        "spiffe://northshire.example/agency/oakfield/dsl",
        "spiffe://northshire.example//agency/oakfield",
        "spiffe://northshire.example/agency/oakfield?x",
        "spiffe://northshire.example/agency/oakfield#x",
        "spiffe://northshire.example/agency/oak%66ield",
        "spiffe://northshire.example/Agency/oakfield",
        "spiffe://northshire.example/agency/Oakfield",
        "spiffe://northshire.example/wizard/oakfield",
        "spiffe://northshire.example:443/agency/oakfield",
        "spiffe://me@northshire.example/agency/oakfield",
        "spiffe://southshire.example/agency/oakfield",
        "spiffe://northshire.example.evil/agency/oakfield",
        "SPIFFE://northshire.example/agency/oakfield",
        "https://northshire.example/agency/oakfield",
        " spiffe://northshire.example/agency/oakfield",
        "spiffe://northshire.example/agency/oakfield "
    );
    CAPTURE(uri);
    const auto got = certs::parse_uri(uri, "northshire.example");
    REQUIRE(!got);
    CHECK(got.error().code == errc::certificate_identity);
}

TEST_CASE("a zero byte does not end a name early") {
    const std::string uri("spiffe://northshire.example/agency/oakfield\0.evil", 49);
    CHECK(!certs::parse_uri(uri, "northshire.example"));
    const std::string tail("spiffe://northshire.example/agency/oakfield\0", 44);
    CHECK(!certs::parse_uri(tail, "northshire.example"));
}

TEST_CASE("slugs and partnerships have one spelling") {
    CHECK(certs::is_slug("oakfield"));
    CHECK(certs::is_slug("northshire-police"));
    CHECK(certs::is_slug("a1"));
    CHECK(certs::is_slug(std::string(40, 'a')));
    for (const char* bad :
         {"", "a", "-ab", "ab-", "a_b", "a.b", "A1", "a b", "\xc3\xa9t\xc3\xa9"}) {
        CAPTURE(bad);
        CHECK(!certs::is_slug(bad));
    }
    CHECK(!certs::is_slug(std::string(41, 'a')));
    CHECK(certs::is_partnership("northshire.example"));
    for (const char* bad : {"north..shire", ".north", "north.", "North.shire", "north/shire"}) {
        CAPTURE(bad);
        CHECK(!certs::is_partnership(bad));
    }
}
