#include "unit/registry/world.hpp"

using namespace cairn;
using namespace cairn::registry;
using namespace cairn::registry::testing;

namespace {

caller agency_caller(const char* id, char mark) {
    return {caller_kind::agency, id, pin(mark)};
}

request submit(v1::ConcernKind kind, v1::Purpose purpose, std::string_view on_behalf_of = {}) {
    return {operation::submit, {}, kind, purpose, on_behalf_of, now};
}

request receive(std::string_view desk) {
    request r;
    r.what = operation::receive;
    r.desk = desk;
    r.now_us = now;
    return r;
}

request plain(operation what) {
    request r;
    r.what = what;
    r.now_us = now;
    return r;
}

constexpr auto notification = v1::CONCERN_KIND_NOTIFICATION;
constexpr auto cin17 = v1::PURPOSE_CIN17;

} // namespace

TEST_CASE("a pinned certificate with one URI name is who it says") {
    const auto registry = built(world());
    const auto who =
        identify(*registry, partnership, pin('a'), {"spiffe://northshire/agency/oakfield"}, now);
    REQUIRE(who);
    CHECK(who->kind == caller_kind::agency);
    CHECK(who->id == "oakfield");
    CHECK(who->certificate_sha256 == pin('a'));
    const auto admin =
        identify(*registry, partnership, pin('1'), {"spiffe://northshire/admin/ops"}, now);
    REQUIRE(admin);
    CHECK(admin->kind == caller_kind::admin);
    const auto auditor =
        identify(*registry, partnership, pin('2'), {"spiffe://northshire/auditor/dpo"}, now);
    REQUIRE(auditor);
    CHECK(auditor->kind == caller_kind::auditor);
    const auto monitor =
        identify(*registry, partnership, pin('3'), {"spiffe://northshire/monitor/probe"}, now);
    REQUIRE(monitor);
    CHECK(monitor->kind == caller_kind::monitor);
}

TEST_CASE("every certificate that is not exactly one of ours is refused with its reason") {
    struct row {
        const char* name;
        char mark;
        std::vector<std::string> uris;
        errc why;
    };
    const std::string oak = "spiffe://northshire/agency/oakfield";
    const std::vector<row> rows = {
        {"no URI name", 'a', {}, errc::certificate_identity},
        {"two URI names", 'a', {oak, oak}, errc::certificate_identity},
        {"two different names", 'a', {oak, "https://example.org"}, errc::certificate_identity},
        {"other partnership",
         'a',
         {"spiffe://southshire/agency/oakfield"},
         errc::certificate_identity},
        {"longer partnership",
         'a',
         {"spiffe://northshire2/agency/oakfield"},
         errc::certificate_identity},
        {"other scheme", 'a', {"https://northshire/agency/oakfield"}, errc::certificate_identity},
        {"unknown class", 'a', {"spiffe://northshire/root/oakfield"}, errc::certificate_identity},
        {"extra part", 'a', {oak + "/x"}, errc::certificate_identity},
        {"no id", 'a', {"spiffe://northshire/agency/"}, errc::certificate_identity},
        {"escaped", 'a', {"spiffe://northshire/agency/oak%66ield"}, errc::certificate_identity},
        {"query", 'a', {oak + "?x"}, errc::certificate_identity},
        {"upper case", 'a', {"spiffe://northshire/agency/Oakfield"}, errc::certificate_identity},
        {"another agency's name",
         'a',
         {"spiffe://northshire/agency/northshire-council"},
         errc::certificate_identity},
        {"an admin's name",
         'a',
         {"spiffe://northshire/admin/oakfield"},
         errc::certificate_identity},
        {"an agency nobody registered",
         'a',
         {"spiffe://northshire/agency/nowhere"},
         errc::certificate_identity},
        {"not registered", '9', {oak}, errc::certificate_unknown},
        {"not registered, of an agency nobody registered",
         '9',
         {"spiffe://northshire/agency/nowhere"},
         errc::certificate_unknown},
        {"revoked", 'd', {oak}, errc::certificate_revoked},
        {"expired at this moment", 'e', {oak}, errc::unauthenticated},
    };
    const auto registry = built(world());
    for (const auto& r : rows) {
        INFO(r.name);
        const auto who = identify(*registry, partnership, pin(r.mark), r.uris, now);
        REQUIRE_FALSE(who);
        CHECK(who.error().code == r.why);
    }
    const auto none = identify(*registry, partnership, "", {oak}, now);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::unauthenticated);
}

TEST_CASE("an agency may do what its certificate lists") {
    const auto registry = built(world());
    const auto school = agency_caller("oakfield", 'a');
    CHECK(*authorise(*registry, school, submit(notification, cin17)) == "oakfield");
    CHECK(*authorise(*registry, school, receive("oakfield/dsl")) == "oakfield");
    CHECK(*authorise(*registry, school, plain(operation::track)) == "oakfield");
    CHECK(*authorise(*registry, school, plain(operation::list_desks)) == "oakfield");
    CHECK(*authorise(*registry, school, plain(operation::health)) == "oakfield");
}

TEST_CASE("a certificate without lists may submit and receive nothing") {
    const auto registry = built(world());
    const auto bare = agency_caller("oakfield", 'f');
    for (int k = v1::ConcernKind_MIN; k <= v1::ConcernKind_MAX; ++k) {
        for (int p = v1::Purpose_MIN; p <= v1::Purpose_MAX; ++p) {
            const auto got = authorise(
                *registry,
                bare,
                submit(static_cast<v1::ConcernKind>(k), static_cast<v1::Purpose>(p))
            );
            REQUIRE_FALSE(got);
            CHECK(got.error().code == errc::kind_not_allowed);
        }
    }
    for (const auto& d : registry->state().desks()) {
        CHECK(authorise(*registry, bare, receive(d.id())).error().code == errc::desk_not_allowed);
    }
}

TEST_CASE("every refusal of an operation names its reason") {
    struct row {
        const char* name;
        caller who;
        request what;
        errc why;
    };
    request other_desk = receive("oakfield/dsl");
    other_desk.on_behalf_of = "northshire-council";
    const std::vector<row> rows = {
        {"kind not listed",
         agency_caller("oakfield", 'a'),
         submit(v1::CONCERN_KIND_RECALL, cin17),
         errc::kind_not_allowed},
        {"no kind",
         agency_caller("oakfield", 'a'),
         submit(v1::CONCERN_KIND_UNSPECIFIED, cin17),
         errc::kind_not_allowed},
        {"purpose not listed",
         agency_caller("oakfield", 'a'),
         submit(notification, v1::PURPOSE_S47),
         errc::purpose_not_allowed},
        {"no purpose",
         agency_caller("oakfield", 'a'),
         submit(notification, v1::PURPOSE_UNSPECIFIED),
         errc::purpose_not_allowed},
        {"another's identity",
         agency_caller("oakfield", 'a'),
         submit(notification, cin17, "northshire-council"),
         errc::no_mandate},
        {"mandate does not reach the holder's other clients",
         agency_caller("school-systems", 'c'),
         submit(notification, cin17, "northshire-council"),
         errc::no_mandate},
        {"mandate does not work backwards",
         agency_caller("oakfield", 'a'),
         submit(notification, cin17, "school-systems"),
         errc::no_mandate},
        {"unknown agency",
         agency_caller("oakfield", 'a'),
         submit(notification, cin17, "nobody"),
         errc::no_mandate},
        {"another's desk",
         agency_caller("oakfield", 'a'),
         receive("northshire-council/front_door"),
         errc::desk_not_allowed},
        {"own agency's desk that is not listed",
         agency_caller("northshire-council", 'b'),
         receive("northshire-council/allocated"),
         errc::desk_not_allowed},
        {"unknown desk answers as a forbidden one",
         agency_caller("oakfield", 'a'),
         receive("oakfield/gp"),
         errc::desk_not_allowed},
        {"malformed desk",
         agency_caller("oakfield", 'a'),
         receive("oakfield"),
         errc::desk_not_allowed},
        {"no desk", agency_caller("oakfield", 'a'), receive(""), errc::desk_not_allowed},
        {"desk of one, name of another",
         agency_caller("oakfield", 'a'),
         other_desk,
         errc::desk_not_allowed},
        {"agency administers",
         agency_caller("oakfield", 'a'),
         plain(operation::administer),
         errc::operation_not_allowed},
        {"agency audits",
         agency_caller("oakfield", 'a'),
         plain(operation::audit),
         errc::operation_not_allowed},
        {"admin submits",
         {caller_kind::admin, "ops", pin('1')},
         submit(notification, cin17),
         errc::operation_not_allowed},
        {"admin receives",
         {caller_kind::admin, "ops", pin('1')},
         receive("oakfield/dsl"),
         errc::operation_not_allowed},
        {"admin reads the log",
         {caller_kind::admin, "ops", pin('1')},
         plain(operation::audit),
         errc::operation_not_allowed},
        {"auditor administers",
         {caller_kind::auditor, "dpo", pin('2')},
         plain(operation::administer),
         errc::operation_not_allowed},
        {"auditor receives",
         {caller_kind::auditor, "dpo", pin('2')},
         receive("oakfield/dsl"),
         errc::operation_not_allowed},
        {"monitor tracks",
         {caller_kind::monitor, "probe", pin('3')},
         plain(operation::track),
         errc::operation_not_allowed},
        {"monitor administers",
         {caller_kind::monitor, "probe", pin('3')},
         plain(operation::administer),
         errc::operation_not_allowed},
        {"a live session after revocation",
         agency_caller("oakfield", 'd'),
         plain(operation::track),
         errc::certificate_revoked},
        {"a live session after expiry",
         agency_caller("oakfield", 'e'),
         plain(operation::track),
         errc::unauthenticated},
        {"a pin nobody knows",
         agency_caller("oakfield", '9'),
         plain(operation::track),
         errc::certificate_unknown},
        {"a caller that is not its certificate",
         agency_caller("oakfield", 'b'),
         plain(operation::track),
         errc::certificate_identity},
        {"a school's certificate as admin",
         {caller_kind::admin, "oakfield", pin('a')},
         plain(operation::administer),
         errc::certificate_identity},
    };
    const auto registry = built(world());
    for (const auto& r : rows) {
        INFO(r.name);
        const auto got = authorise(*registry, r.who, r.what);
        REQUIRE_FALSE(got);
        CHECK(got.error().code == r.why);
    }
}

TEST_CASE("a suspended agency is refused everything, and so is acting for it") {
    auto state = world();
    state.mutable_agencies(0)->set_suspended(true);
    const auto registry = built(state);
    const auto school = agency_caller("oakfield", 'a');
    for (const auto& what :
         {submit(notification, cin17),
          receive("oakfield/dsl"),
          plain(operation::track),
          plain(operation::list_desks),
          plain(operation::health)}) {
        CHECK(authorise(*registry, school, what).error().code == errc::agency_suspended);
    }
    const auto vendor = agency_caller("school-systems", 'c');
    CHECK(
        authorise(*registry, vendor, submit(notification, cin17, "oakfield")).error().code ==
        errc::agency_suspended
    );
    CHECK(
        authorise(*registry, vendor, receive("oakfield/dsl")).error().code == errc::agency_suspended
    );
}

TEST_CASE("a suspended holder of a mandate is refused") {
    auto state = world();
    state.mutable_agencies(2)->set_suspended(true);
    const auto registry = built(state);
    const auto vendor = agency_caller("school-systems", 'c');
    CHECK(
        authorise(*registry, vendor, submit(notification, cin17, "oakfield")).error().code ==
        errc::agency_suspended
    );
    CHECK(
        authorise(*registry, vendor, receive("oakfield/dsl")).error().code == errc::agency_suspended
    );
}

TEST_CASE("a mandate lets its holder act for the agency it names, within its dates") {
    const auto vendor = agency_caller("school-systems", 'c');
    const auto both = [&](const v1::RegistryState& s) {
        const auto registry = built(s);
        const auto sent = authorise(*registry, vendor, submit(notification, cin17, "oakfield"));
        const auto received = authorise(*registry, vendor, receive("oakfield/dsl"));
        CHECK(sent.has_value() == received.has_value());
        if (!sent) CHECK(sent.error().code == errc::no_mandate);
        if (!received) CHECK(received.error().code == errc::no_mandate);
        return sent ? *sent : std::string("refused");
    };
    auto state = world();
    CHECK(both(state) == "oakfield");
    auto& m = *state.mutable_mandates(0);
    SECTION("not yet") {
        m.set_from_us(now + 1);
        CHECK(both(state) == "refused");
    }
    SECTION("from this moment") {
        m.set_from_us(now);
        CHECK(both(state) == "oakfield");
    }
    SECTION("no longer") {
        m.set_until_us(now);
        CHECK(both(state) == "refused");
    }
    SECTION("revoked") {
        m.set_revoked(true);
        CHECK(both(state) == "refused");
    }
}

TEST_CASE("a mandate without the desk does not open it") {
    auto state = world();
    add_desk(state, "northshire-council/lado");
    auto& m = *state.add_mandates();
    m.set_id("mandate-2");
    m.set_holder("school-systems");
    m.set_for_agency("northshire-council");
    m.add_desks("northshire-council/lado");
    m.set_from_us(now - 2 * day);
    m.set_until_us(now - day);
    auto& live = *state.add_mandates();
    live = m;
    live.set_id("mandate-3");
    live.set_until_us(now + day);
    live.clear_desks();
    state.mutable_certificates(2)->add_desks("northshire-council/lado");
    const auto registry = built(state);
    const auto got = authorise(
        *registry, agency_caller("school-systems", 'c'), receive("northshire-council/lado")
    );
    REQUIRE_FALSE(got);
    CHECK(got.error().code == errc::no_mandate);
}

TEST_CASE("admins administer, auditors audit, monitors see health, and act for no agency") {
    const auto registry = built(world());
    CHECK(authorise(*registry, {caller_kind::admin, "ops", pin('1')}, plain(operation::administer))
              ->empty());
    CHECK(authorise(*registry, {caller_kind::auditor, "dpo", pin('2')}, plain(operation::audit))
              ->empty());
    CHECK(authorise(*registry, {caller_kind::monitor, "probe", pin('3')}, plain(operation::health))
              ->empty());
}
