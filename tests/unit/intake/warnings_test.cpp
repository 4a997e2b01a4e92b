// What is accepted with a warning, and what refusals and warnings never say.
#include "unit/intake/concerns.hpp"

using namespace cairn;
using intake::validate;
using namespace cairn::intake::testing;

TEST_CASE("a detriment has a reason, somebody who decided and a day to look again") {
    const auto detriment = [](const std::function<void(v1::Detriment&)>& f) {
        return with([&](auto& c) {
            v1::Detriment& d = *c.add_detriments();
            d.set_category(v1::CATEGORY_IMMIGRATION);
            d.set_person_ref("child-1");
            d.set_reason("would drive the family away");
            d.set_decided_by_role("team manager");
            d.mutable_review_on()->set_year(2026);
            d.mutable_review_on()->set_month(11);
            d.mutable_review_on()->set_day(27);
            f(d);
        });
    };
    CHECK(refused(detriment([](auto&) {})) == "accepted");
    CHECK(refused(detriment([](auto& d) {
              d.clear_category();
          })) == "required concern.detriments[0].category");
    CHECK(refused(detriment([](auto& d) {
              d.clear_reason();
          })) == "required concern.detriments[0].reason");
    CHECK(refused(detriment([](auto& d) {
              d.clear_decided_by_role();
          })) == "required concern.detriments[0].decided_by_role");
    CHECK(refused(detriment([](auto& d) {
              d.clear_review_on();
          })) == "required concern.detriments[0].review_on");
    CHECK(refused(detriment([](auto& d) {
              d.set_person_ref("nobody");
          })) == "bad concern.detriments[0].person_ref");
    // From Sunday 22 November the fifth working day is Friday 27.
    CHECK(warned(detriment([](auto&) {}), "detriment_review_late").empty());
    CHECK(
        warned(
            detriment([](auto& d) { d.mutable_review_on()->set_day(28); }), "detriment_review_late"
        ) == "concern.detriments[0].review_on"
    );
    CHECK_FALSE(warned(
                    detriment([](auto& d) { d.mutable_review_on()->clear_day(); }),
                    "detriment_review_late"
    )
                    .empty());
}

TEST_CASE("a wrong check digit warns and passes") {
    const auto identifier = [](v1::Identifier::Scheme scheme, const char* value) {
        return warned(
            [&](auto& c) {
                v1::Identifier& id = *c.mutable_persons(0)->add_identifiers();
                id.set_scheme(scheme);
                id.set_value(value);
            },
            "check_digit"
        );
    };
    const std::string place = "concern.persons[0].identifiers[1].value";
    CHECK(identifier(v1::Identifier::SCHEME_NHS_NUMBER, "9912003890") == place);
    CHECK(identifier(v1::Identifier::SCHEME_UPN, "A123456789123") == place);
    CHECK(identifier(v1::Identifier::SCHEME_FORMER_UPN, "A123456789123") == place);
    CHECK(identifier(v1::Identifier::SCHEME_PNC, "2001/0171310S") == place);
    CHECK(identifier(v1::Identifier::SCHEME_CRO, "85227/65G") == place);
    CHECK(identifier(v1::Identifier::SCHEME_NHS_NUMBER, "9000000025").empty());
    CHECK(identifier(v1::Identifier::SCHEME_LOCAL, "anything").empty());
    CHECK(identifier(v1::Identifier::SCHEME_NHS_NUMBER, "").empty());
}

TEST_CASE("warnings name places and never values") {
    const v1::Concern c = with([](auto& x) {
        v1::Identifier& id = *x.mutable_persons(0)->add_identifiers();
        id.set_scheme(v1::Identifier::SCHEME_UPN);
        id.set_value("CANARYUPN1234");
        id.set_upn_unknown(v1::UPN_UNKNOWN_UN5);
        x.set_traceparent("CANARY");
        x.mutable_persons(0)->add_addresses()->add_lines("CANARY street");
        x.add_bases(v1::LAWFUL_BASIS_CONSENT);
        x.clear_family_informed();
        x.mutable_persons(0)->clear_voice();
        x.mutable_acting()->clear_authenticated_by();
    });
    const auto got = validate(c, today);
    REQUIRE(got.has_value());
    CHECK(got->warnings.size() >= 8);
    for (const v1::Warning& w : got->warnings) {
        CHECK(w.SerializeAsString().find("CANARY") == std::string::npos);
    }
    CHECK(warned(c, "upn_and_unknown") == "concern.persons[0].identifiers[1].upn_unknown");
    CHECK(warned(c, "traceparent_shape") == "concern.traceparent");
    CHECK(warned(c, "harm_not_said") == "concern.persons[0].addresses[2].harm");
    CHECK(warned(c, "consent_basis") == "concern.bases[2]");
    CHECK(warned(c, "family_informed_missing") == "concern.family_informed");
    CHECK(warned(c, "child_voice_missing") == "concern.persons[0].voice.seen");
    CHECK(warned(c, "acting_not_authenticated") == "concern.acting.authenticated_by");
}

TEST_CASE("a well made concern has no warnings, and an unborn child need not be seen") {
    v1::Concern c = test::school_concern();
    CHECK(validate(c, today)->warnings.empty());
    c.set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    c.mutable_persons(0)->clear_voice();
    c.mutable_persons(0)->mutable_birth()->clear_born();
    c.mutable_persons(0)->mutable_birth()->mutable_expected()->set_year(2027);
    CHECK(validate(c, today)->warnings.empty());
}

TEST_CASE("refusals name places and never values") {
    const change canaries[] = {
        [](auto& c) { c.mutable_persons(0)->set_ref("CANARY"); },
        [](auto& c) { c.set_thread("CANARY"); },
        [](auto& c) { c.set_desks(0, "CANARY"); },
        [](auto& c) { c.mutable_notification()->set_happened_at("CANARY"); },
        [](auto& c) { c.mutable_assertions(0)->set_about("CANARY"); },
        [](auto& c) { c.mutable_notification()->set_summary("CANARY\xff"); },
        [](auto& c) { c.mutable_persons(0)->mutable_relations(0)->set_to_ref("CANARY"); },
    };
    for (const change& f : canaries) {
        const auto got = validate(with(f), today);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().where.find("CANARY") == std::string::npos);
        CHECK(got.error().detail.find("CANARY") == std::string::npos);
    }
}

TEST_CASE("no random concern breaks the checks") {
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
        INFO("seed " << seed);
        const v1::Concern c = test::random_filler{seed}.concern();
        const auto got = validate(c, today);
        if (!got) CHECK_FALSE(got.error().where.empty());
    }
}
