#include "unit/registry/world.hpp"

using namespace cairn;
using namespace cairn::registry;
using namespace cairn::registry::testing;

namespace {

v1::RegistryChange change(const v1::Agency& a) {
    v1::RegistryChange c;
    *c.mutable_agency() = a;
    return c;
}
v1::RegistryChange change(const v1::Desk& d) {
    v1::RegistryChange c;
    *c.mutable_desk() = d;
    return c;
}
v1::RegistryChange change(const v1::Certificate& x) {
    v1::RegistryChange c;
    *c.mutable_certificate() = x;
    return c;
}
v1::RegistryChange change(const v1::Mandate& m) {
    v1::RegistryChange c;
    *c.mutable_mandate() = m;
    return c;
}

} // namespace

TEST_CASE("a change makes the next epoch and leaves the old state as it was") {
    const auto before = world();
    auto school = before.agencies(0);
    school.set_suspended(true);
    const auto after = apply(before, {change(school)});
    REQUIRE(after);
    CHECK(after->epoch() == before.epoch() + 1);
    CHECK(after->agencies(0).suspended());
    CHECK(after->agencies_size() == before.agencies_size());
    CHECK_FALSE(before.agencies(0).suspended());
}

TEST_CASE("changes made together may refer to each other in any order") {
    v1::Desk desk;
    desk.set_id("st-marys/dsl");
    v1::Agency agency;
    agency.set_id("st-marys");
    agency.set_name("St Mary's");
    agency.set_kind(v1::AGENCY_KIND_SCHOOL);
    REQUIRE(apply(world(), {change(desk), change(agency)}));
    const auto alone = apply(world(), {change(desk)});
    REQUIRE_FALSE(alone);
    CHECK(alone.error().code == errc::bad_value);
}

TEST_CASE("one bad change refuses all of them") {
    v1::Desk good;
    good.set_id("northshire-council/lado");
    v1::Desk bad;
    bad.set_id("northshire-council/front_door");
    bad.add_deputies("northshire-council/nobody");
    const auto after = apply(world(), {change(good), change(bad)});
    REQUIRE_FALSE(after);
    CHECK(after.error().where.find("northshire-council/front_door") != std::string::npos);
}

TEST_CASE("an empty change is refused") {
    CHECK_FALSE(apply(world(), {v1::RegistryChange()}));
}

TEST_CASE("a revocation is final and a pin keeps its identity") {
    const auto before = world();
    auto revoked = before.certificates(3);
    REQUIRE(revoked.revoked());
    revoked.set_revoked(false);
    CHECK_FALSE(apply(before, {change(revoked)}));
    auto other = before.certificates(0);
    other.set_agency("northshire-council");
    other.set_uri("spiffe://northshire/agency/northshire-council");
    other.clear_desks();
    CHECK_FALSE(apply(before, {change(other)}));
    auto taken_away = before.certificates(0);
    taken_away.set_revoked(true);
    CHECK(apply(before, {change(taken_away)}));
}

TEST_CASE("a mandate can be revoked though a certificate was given its desk") {
    const auto before = world();
    auto mandate = before.mandates(0);
    mandate.set_revoked(true);
    const auto after = apply(before, {change(mandate)});
    REQUIRE(after);
    const auto registry = built(*after);
    request r;
    r.what = operation::receive;
    r.desk = "oakfield/dsl";
    r.now_us = now;
    const auto got = authorise(*registry, {caller_kind::agency, "school-systems", pin('c')}, r);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == errc::no_mandate);
    // And from then on no certificate is given that desk anew.
    auto again = after->certificates(2);
    again.set_not_after_us(now + 100 * day);
    CHECK_FALSE(apply(*after, {change(again)}));
    again.clear_desks();
    CHECK(apply(*after, {change(again)}));
}

TEST_CASE("a mandate and the certificate that needs it come together") {
    auto state = world();
    state.clear_mandates();
    state.mutable_certificates(2)->clear_desks();
    const auto mandate = world().mandates(0);
    const auto certificate = world().certificates(2);
    CHECK(apply(state, {change(certificate), change(mandate)}));
    CHECK_FALSE(apply(state, {change(certificate)}));
}
