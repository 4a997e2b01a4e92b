#include "unit/registry/world.hpp"

#include <functional>

using namespace cairn;
using namespace cairn::registry;
using namespace cairn::registry::testing;

TEST_CASE("a desk is an agency and one of the closed roles") {
    const auto dsl = parse_desk("oakfield/dsl");
    REQUIRE(dsl);
    CHECK(dsl->agency == "oakfield");
    CHECK(dsl->role == v1::ROLE_DSL);
    CHECK(parse_desk("northshire-council/front_door")->role == v1::ROLE_FRONT_DOOR);
    for (const char* no :
         {"",
          "/",
          "oakfield",
          "oakfield/",
          "/dsl",
          "oakfield/DSL",
          "oakfield/unspecified",
          "oakfield/dsl/x",
          "Oakfield/dsl",
          "o/dsl",
          "oakfield/head",
          "oak field/dsl"}) {
        INFO(no);
        CHECK_FALSE(parse_desk(no));
    }
}

TEST_CASE("every role has a text and comes back from it") {
    for (int r = v1::Role_MIN + 1; r <= v1::Role_MAX; ++r) {
        const auto role = static_cast<v1::Role>(r);
        CHECK_FALSE(role_text(role).empty());
        CHECK(role_from_text(role_text(role)) == role);
    }
    CHECK(role_text(v1::ROLE_UNSPECIFIED).empty());
    CHECK_FALSE(role_from_text("unspecified"));
    CHECK_FALSE(role_from_text(""));
}

TEST_CASE("the snapshot finds agencies, desks, certificates and schools by any spelling of a code"
) {
    const auto registry = built(world());
    CHECK(registry->epoch() == 7);
    REQUIRE(registry->agency("oakfield"));
    CHECK(registry->agency("nobody") == nullptr);
    CHECK(registry->desk("oakfield/dsl"));
    CHECK(registry->desk("oakfield/gp") == nullptr);
    CHECK(registry->certificate(pin('a'))->agency() == "oakfield");
    CHECK(registry->certificate("") == nullptr);
    CHECK(registry->by_organisation_code("9994001") == registry->agency("oakfield"));
    CHECK(registry->by_organisation_code("999/4001") == registry->agency("oakfield"));
    CHECK(registry->by_organisation_code("9994002") == nullptr);
    CHECK(registry->by_organisation_code("") == nullptr);
}

TEST_CASE("closed desks and desks of suspended agencies are not open") {
    auto state = world();
    CHECK(built(state)->desks_of_role(v1::ROLE_DSL).size() == 1);
    state.mutable_desks(0)->set_closed(true);
    CHECK(built(state)->desks_of_role(v1::ROLE_DSL).empty());
    state.mutable_desks(0)->set_closed(false);
    state.mutable_agencies(0)->set_suspended(true);
    CHECK(built(state)->desks_of_role(v1::ROLE_DSL).empty());
}

TEST_CASE("a partnership may be named by a domain, as the certificates are") {
    auto state = world();
    state.mutable_certificates(0)->set_uri("spiffe://northshire.example/agency/oakfield");
    CHECK(built(state)->certificate(pin('a'))->agency() == "oakfield");
}

TEST_CASE("a state that does not fit together is refused and the entry named") {
    using change = std::function<void(v1::RegistryState&)>;
    struct row {
        const char* name;
        const char* where;
        change spoil;
    };
    const std::vector<row> rows = {
        {"agency id", "agency Oak", [](auto& s) { s.mutable_agencies(0)->set_id("Oak"); }},
        {"agency name", "agency oakfield", [](auto& s) { s.mutable_agencies(0)->clear_name(); }},
        {"agency kind", "agency oakfield", [](auto& s) { s.mutable_agencies(0)->clear_kind(); }},
        {"agency twice", "agency oakfield", [](auto& s) { *s.add_agencies() = s.agencies(0); }},
        {"code twice",
         "agency northshire-council",
         [](auto& s) { s.mutable_agencies(1)->add_organisation_codes("9994001"); }},
        {"code empty",
         "agency oakfield",
         [](auto& s) { s.mutable_agencies(0)->add_organisation_codes("/"); }},
        {"desk of nobody", "desk nobody/dsl", [](auto& s) { add_desk(s, "nobody/dsl"); }},
        {"desk without role", "desk oakfield/head", [](auto& s) { add_desk(s, "oakfield/head"); }},
        {"a school with a police desk",
         "desk oakfield/ppu",
         [](auto& s) { add_desk(s, "oakfield/ppu"); }},
        {"a council with a health visitor",
         "desk northshire-council/hv",
         [](auto& s) { add_desk(s, "northshire-council/hv"); }},
        {"desk twice", "desk oakfield/dsl", [](auto& s) { add_desk(s, "oakfield/dsl"); }},
        {"own deputy",
         "desk oakfield/dsl",
         [](auto& s) { s.mutable_desks(0)->add_deputies("oakfield/dsl"); }},
        {"deputy unknown",
         "desk oakfield/dsl",
         [](auto& s) { s.mutable_desks(0)->add_deputies("oakfield/gp"); }},
        {"out of hours unknown",
         "desk oakfield/dsl",
         [](auto& s) { s.mutable_desks(0)->set_out_of_hours("x/dsl"); }},
        {"out of hours itself",
         "desk oakfield/dsl",
         [](auto& s) { s.mutable_desks(0)->set_out_of_hours("oakfield/dsl"); }},
        {"mandate of nobody",
         "mandate mandate-1",
         [](auto& s) { s.mutable_mandates(0)->set_holder("nobody"); }},
        {"mandate for nobody",
         "mandate mandate-1",
         [](auto& s) { s.mutable_mandates(0)->set_for_agency("nobody"); }},
        {"mandate for oneself",
         "mandate mandate-1",
         [](auto& s) { s.mutable_mandates(0)->set_holder("oakfield"); }},
        {"mandate ends first",
         "mandate mandate-1",
         [](auto& s) { s.mutable_mandates(0)->set_until_us(1); }},
        {"mandate over another's desk",
         "mandate mandate-1",
         [](auto& s) { s.mutable_mandates(0)->add_desks("northshire-council/front_door"); }},
        {"mandate twice", "mandate mandate-1", [](auto& s) { *s.add_mandates() = s.mandates(0); }},
        {"pin too short",
         "certificate ab",
         [](auto& s) { s.mutable_certificates(0)->set_sha256("ab"); }},
        {"pin twice",
         "certificate aaaa",
         [](auto& s) { *s.add_certificates() = s.certificates(0); }},
        {"agency unknown",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->set_agency("nobody"); }},
        {"name of another",
         "certificate aaaa",
         [](auto& s) {
             s.mutable_certificates(0)->set_uri("spiffe://northshire/agency/northshire-council");
         }},
        {"foreign uri",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->set_uri("https://x"); }},
        {"partnership that is no name",
         "certificate aaaa",
         [](auto& s) {
             s.mutable_certificates(0)->set_uri("spiffe://north..shire/agency/oakfield");
         }},
        {"no end",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->clear_not_after_us(); }},
        {"desk unknown",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->add_desks("oakfield/gp"); }},
        {"another's desk",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->add_desks("northshire-council/front_door"); }},
        {"no kind",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->add_kinds(v1::CONCERN_KIND_UNSPECIFIED); }},
        {"no purpose",
         "certificate aaaa",
         [](auto& s) { s.mutable_certificates(0)->add_purposes(v1::PURPOSE_UNSPECIFIED); }},
        {"an admin with a desk",
         "certificate 1111",
         [](auto& s) { s.mutable_certificates(6)->add_desks("oakfield/dsl"); }},
        {"an auditor with a kind",
         "certificate 2222",
         [](auto& s) { s.mutable_certificates(7)->add_kinds(v1::CONCERN_KIND_NOTIFICATION); }},
    };
    for (const auto& r : rows) {
        INFO(r.name);
        auto state = world();
        r.spoil(state);
        const auto made = snapshot::build(state);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == errc::bad_value);
        CHECK(made.error().where.rfind(r.where, 0) == 0);
    }
}
