// The adversarial set is itself under test: each member is bad in its one way and good in all
// others.
#include "certs/verify.hpp"
#include "unit/certs/fixture.hpp"

#include <algorithm>

using namespace cairn;
using namespace cairn::test;
using certs::identity_kind;

namespace {

status chain(const certificate_set& set, const issued& certificate, bool with_crl = true) {
    return certs::verify_chain(
        {.certificate_pem = certificate.certificate_pem,
         .authority_pem = set.authority().certificate_pem(),
         .crl_pem = with_crl ? std::string_view(set.crl_pem()) : std::string_view{},
         .as = certs::role::client,
         .at = moment}
    );
}

result<certs::identity> name(const issued& certificate) {
    return certs::identity_of(certs::parse_certificate(certificate.certificate_pem).value(), realm);
}

} // namespace

TEST_CASE("an honest certificate passes every check") {
    seeded_random random(41);
    certificate_set set(realm, moment, random);
    const certs::identity who{
        GENERATE(
            identity_kind::agency,
            identity_kind::admin,
            identity_kind::auditor,
            identity_kind::monitor
        ),
        "oakfield"};
    const issued good = set.issue(who);
    CHECK(chain(set, good));
    CHECK(name(good).value() == who);
}

TEST_CASE("each bad certificate is refused where it should be") {
    seeded_random random(42);
    const certificate_set set(realm, moment, random);
    REQUIRE(set.bad().size() == 9);
    for (const bad_certificate& b : set.bad()) {
        CAPTURE(b.certificate.name);
        switch (who_refuses(b.what)) {
        case refused_by::chain:
            CHECK(!chain(set, b.certificate));
            break;
        case refused_by::name:
            CHECK(chain(set, b.certificate));
            REQUIRE(!name(b.certificate));
            CHECK(name(b.certificate).error().code == errc::certificate_identity);
            break;
        case refused_by::registry:
            CHECK(chain(set, b.certificate));
            CHECK(name(b.certificate));
            break;
        }
    }
}

TEST_CASE("each bad chain is refused for its own reason") {
    seeded_random random(43);
    const certificate_set set(realm, moment, random);
    const auto [what, words] = GENERATE(table<flaw, std::string>({
        {flaw::expired, "certificate has expired"},
        {flaw::not_yet_valid, "certificate is not yet valid"},
        {flaw::wrong_authority, "unable to get local issuer certificate"},
        {flaw::server_as_client, "unsuitable certificate purpose"},
    }));
    const status got = chain(set, set.bad(what));
    REQUIRE(!got);
    CHECK(got.error().code == errc::tls_failed);
    CHECK_THAT(got.error().detail, Catch::Contains(words));
}

TEST_CASE("a revoked certificate is good but for the list") {
    seeded_random random(44);
    const certificate_set set(realm, moment, random);
    const issued& revoked = set.bad(flaw::revoked);
    CHECK(chain(set, revoked, false));
    CHECK(chain(set, revoked).error().code == errc::certificate_revoked);
    CHECK(name(revoked));
}

TEST_CASE("a false authority of the same name differs by its key alone") {
    seeded_random random(45);
    const certificate_set set(realm, moment, random);
    const auto real = certs::parse_certificate(set.authority().certificate_pem()).value();
    const auto fake =
        certs::parse_certificate(set.bad(flaw::same_named_authority).certificate_pem).value();
    CHECK(fake.issuer == real.subject);
    CHECK(!chain(set, set.bad(flaw::same_named_authority), false));
}

TEST_CASE("a list that has run out refuses everybody") {
    seeded_random random(46);
    certificate_set set(realm, moment, random);
    const issued good = set.issue({identity_kind::agency, "oakfield"});
    const auto old = set.authority().make_crl(
        {.revoked = {},
         .number = 1,
         .this_update = moment - 2 * one_day,
         .next_update = moment - one_day}
    );
    REQUIRE(old);
    CHECK(!certs::verify_chain(
        {.certificate_pem = good.certificate_pem,
         .authority_pem = set.authority().certificate_pem(),
         .crl_pem = *old,
         .at = moment}
    ));
}
