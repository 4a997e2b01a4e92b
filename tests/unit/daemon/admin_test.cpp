// What a change of the registry does to those who are connected.
#include "exchange.hpp"

#include <catch2/catch.hpp>

namespace cairn::daemon {
namespace {

using namespace testing;

v1::RegistryState listed(exchange& x) {
    const auto r = x.call("ops", "/cairn.v1.Admin/ListRegistry", {});
    REQUIRE(r);
    v1::RegistryState out;
    REQUIRE(out.ParseFromString(*r));
    return out;
}

v1::Certificate certificate_of(exchange& x, const std::string& who) {
    const auto state = listed(x);
    for (const auto& c : state.certificates()) {
        if (c.sha256() == exchange::pin_of(who)) return c;
    }
    FAIL("no certificate of " << who);
    return {};
}

TEST_CASE("the end of a mandate ends its holder's sessions and no other's") {
    exchange x;
    v1::RegistryChange end;
    *end.mutable_mandate() = listed(x).mandates(0);
    end.mutable_mandate()->set_revoked(true);
    x.change_registry(end);
    CHECK(x.rt.cuts == std::vector{exchange::pin_of("vendor")});
}

TEST_CASE("a certificate that may less than before is cut, a new one cuts nobody") {
    exchange x;
    v1::RegistryChange added;
    *added.mutable_certificate() = certificate_of(x, "health");
    added.mutable_certificate()->set_sha256(to_hex(view(sha256(bytes_view("another")))));
    x.change_registry(added);
    CHECK(x.rt.cuts.empty());

    v1::RegistryChange narrowed;
    *narrowed.mutable_certificate() = certificate_of(x, "health");
    narrowed.mutable_certificate()->clear_desks();
    x.change_registry(narrowed);
    CHECK(x.rt.cuts == std::vector{exchange::pin_of("health")});
}

TEST_CASE("a suspended agency loses every session") {
    exchange x;
    v1::RegistryChange suspended;
    const auto state = listed(x);
    for (const auto& a : state.agencies()) {
        if (a.id() == "northshire-council") *suspended.mutable_agency() = a;
    }
    suspended.mutable_agency()->set_suspended(true);
    x.change_registry(suspended);
    CHECK(x.rt.cuts == std::vector{exchange::pin_of("front-door"), exchange::pin_of("lado")});
}

} // namespace
} // namespace cairn::daemon
