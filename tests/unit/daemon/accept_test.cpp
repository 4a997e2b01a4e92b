// The way of a concern up to the ledger, under the policy that is shipped.
#include "world.hpp"

#include "core/limits.hpp"
#include "daemon/accept.hpp"
#include "merkle/field_tree.hpp"
#include "merkle/seed.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include <google/protobuf/descriptor.h>

namespace cairn::daemon {
namespace {

const std::string front_door = "northshire-council/front_door";
const std::string mash = "northshire-police/mash";

std::shared_ptr<const registry::snapshot> partnership() {
    v1::RegistryState s;
    const auto agency = [&s](const char* id, v1::AgencyKind kind, const char* code = nullptr) {
        auto& a = *s.add_agencies();
        a.set_id(id);
        a.set_name(std::string("The ") + id);
        a.set_kind(kind);
        if (code != nullptr) a.add_organisation_codes(code);
    };
    agency("oakfield", v1::AGENCY_KIND_SCHOOL, "100042");
    agency("northshire-police", v1::AGENCY_KIND_POLICE);
    agency("northshire-council", v1::AGENCY_KIND_SOCIAL_CARE);
    for (const char* id :
         {"oakfield/dsl", "northshire-police/ppu", "northshire-council/front_door"}) {
        s.add_desks()->set_id(id);
    }
    auto& d = *s.add_desks();
    d.set_id(mash);
    d.add_deputies("northshire-police/ppu");
    auto& c = *s.add_certificates();
    c.set_sha256(std::string(64, 'c'));
    c.set_uri("spiffe://northshire.example/agency/oakfield");
    c.set_agency("oakfield");
    c.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    c.add_purposes(v1::PURPOSE_S47);
    c.set_not_after_us(2'000'000'000'000'000);
    auto made = registry::snapshot::build(std::move(s));
    REQUIRE(made);
    return *made;
}

submission of(v1::Concern concern) {
    submission s;
    s.caller = testing::agency_caller("oakfield");
    s.request.set_key("0190-first-try");
    *s.request.mutable_concern() = std::move(concern);
    s.exact = s.request.SerializeAsString();
    s.sender = "oakfield";
    s.decided_at_us = to_us(testing::set_clock().wall_now());
    s.registry = partnership();
    s.policy = test::shipped_policy();
    return s;
}

struct outcome {
    prepared p;
    status how;
};

outcome decided(const submission& s) {
    outcome o;
    o.p.concern_id = std::string(32, 'a');
    submission checked = s;
    REQUIRE(check(checked, o.p));
    o.how = decide(s, {}, o.p);
    return o;
}

} // namespace

TEST_CASE("the members of a concern's body stand in the order of the kinds") {
    // accept.cpp takes one number for the other.
    const auto& kinds = *v1::ConcernKind_descriptor();
    const auto& body = *v1::Concern::descriptor()->FindOneofByName("body");
    REQUIRE(body.field_count() == kinds.value_count() - 1);
    for (int k = 1; k < kinds.value_count(); ++k) {
        const auto* member = v1::Concern::descriptor()->FindFieldByNumber(30 + k - 1);
        REQUIRE(member != nullptr);
        CHECK(member->containing_oneof() == &body);
        std::string name = "CONCERN_KIND_";
        for (const char c : member->name()) name += static_cast<char>(std::toupper(c));
        REQUIRE(kinds.FindValueByNumber(k) != nullptr);
        CHECK(kinds.FindValueByNumber(k)->name() == name);
    }
}

TEST_CASE("a concern that is fit and allowed is checked, and its sender is the certificate's agency"
) {
    submission s = of(test::plain_concern());
    s.sender.clear();
    prepared p;
    const status ok = check(s, p);
    REQUIRE(ok);
    CHECK(s.sender == "oakfield");
    CHECK(p.kind == v1::CONCERN_KIND_NOTIFICATION);
}

TEST_CASE("each thing that forbids a concern has its own refusal") {
    submission s = of(test::plain_concern());
    errc wanted = errc::internal;
    SECTION("a purpose the certificate does not have") {
        s.request.mutable_concern()->set_purpose(v1::PURPOSE_CIN17);
        wanted = errc::purpose_not_allowed;
    }
    SECTION("another agency's name without a mandate") {
        s.request.set_on_behalf_of("northshire-police");
        wanted = errc::no_mandate;
    }
    SECTION("a certificate nobody registered") {
        s.caller.certificate_sha256 = std::string(64, 'f');
        wanted = errc::certificate_unknown;
    }
    SECTION("no policy") {
        s.policy = nullptr;
        wanted = errc::policy_missing;
    }
    SECTION("a policy whose time is over") {
        s.decided_at_us = 1'930'000'000'000'000; // 2031
        wanted = errc::policy_expired;
    }
    SECTION("more bytes than a concern may have") {
        s.exact.assign(limits::concern_bytes + 1, 'x');
        wanted = errc::too_large;
    }
    SECTION("no body") {
        s.request.mutable_concern()->clear_notification();
        wanted = errc::required;
    }
    prepared p;
    const status how = check(s, p);
    REQUIRE_FALSE(how);
    CHECK(how.error().code == wanted);
}

TEST_CASE("a referral that the front door can read reaches it, narrative and all") {
    const auto o = decided(of(test::plain_concern()));
    REQUIRE(o.how);
    REQUIRE(o.p.desks.size() == 1);
    CHECK(o.p.desks[0].desk.desk == front_door);
    v1::Notice n;
    REQUIRE(n.ParseFromString(o.p.desks[0].encoded));
    CHECK(n.content().notification().narrative().find("her teacher") != std::string::npos);
    CHECK(redaction::encode(n) == o.p.desks[0].encoded);
}

TEST_CASE("a referral whose narrative the front door could not read is refused to the sender") {
    // The protected address alone closes the narrative: it might be told in it.
    v1::Concern c = test::plain_concern();
    test::add_protected_address(*c.mutable_persons(0));
    const auto o = decided(of(c));
    REQUIRE_FALSE(o.how);
    CHECK(o.how.error().code == errc::narrative_unreachable);
    // The text that would be missed, and what closed it.
    CHECK(
        o.how.error().where == "concern.notification.narrative, closed by concern.persons[0], "
                               "CATEGORY_PROTECTED_ADDRESS"
    );
    // Without any narrative, the child's own words among them, there is nothing it could have
    // missed.
    c.mutable_notification()->clear_narrative();
    c.mutable_persons(0)->mutable_voice()->clear_own_words();
    const auto without = decided(of(c));
    REQUIRE(without.how);
    CHECK(without.p.desks[0].encoded.find(test::protected_line) == std::string::npos);
}

TEST_CASE("a stand-in that could not read the narrative counts as the front door it stands for") {
    submission s = of(test::plain_concern());
    v1::RegistryState state = s.registry->state();
    state.add_desks()->set_id("northshire-council/lado");
    for (auto& d : *state.mutable_desks()) {
        if (d.id() != front_door) continue;
        d.set_closed(true);
        d.add_deputies("northshire-council/lado");
    }
    s.registry = *registry::snapshot::build(std::move(state));
    const auto o = decided(s);
    REQUIRE_FALSE(o.how);
    CHECK(o.how.error().code == errc::narrative_unreachable);
}

TEST_CASE("the refusal names the narrative that could not be read") {
    v1::Concern c = test::plain_concern();
    test::add_protected_address(*c.mutable_persons(0));
    c.mutable_notification()->clear_narrative();
    const auto o = decided(of(c));
    REQUIRE_FALSE(o.how);
    CHECK(o.how.error().code == errc::narrative_unreachable);
    CHECK(o.how.error().where.find("own_words") != std::string::npos);
}

TEST_CASE("a desk the sender may not know of reads as routed by policy") {
    prepared p;
    const auto add = [&p](const std::string& desk, bool hidden) {
        desk_notice n;
        n.desk.desk = desk;
        n.desk.hidden_from_sender = hidden;
        p.desks.push_back(std::move(n));
    };
    const submission s = of(test::plain_concern());
    const auto told = [&] {
        const auto r = answer(s, p, {});
        return std::vector<std::string>(r.told().begin(), r.told().end());
    };
    add(front_door, false);
    CHECK(told() == std::vector<std::string>{front_door});
    add("northshire-council/lado", true);
    add("northshire-police/ppu", true);
    add(mash, false);
    // Said once, however many there are: the number is a secret too.
    CHECK(told() == std::vector<std::string>{front_door, mash, "routed by policy"});
    CHECK(answer(s, p, {}).SerializeAsString().find("lado") == std::string::npos);
}

TEST_CASE("days of review are those of the broker's calendar") {
    v1::Concern c = test::plain_concern();
    v1::BreakGlass& b = *c.mutable_break_glass();
    b.set_told(mash);
    b.set_category(v1::CATEGORY_CONTACT);
    b.set_reason("no time");
    b.set_decided_by_role("duty manager");
    b.mutable_review_on()->set_year(2026);
    b.mutable_review_on()->set_month(11);
    b.mutable_review_on()->set_day(24);
    // From Sunday 22 November.
    submission s = of(c);
    prepared p;
    const status monday = check(s, p);
    REQUIRE_FALSE(monday);
    CHECK(monday.error().where == "concern.break_glass.review_on, a day, 2026-11-23 at the latest");
    auto days = obligations::calendar::parse("2026-11-23,a holiday\n");
    REQUIRE(days);
    s.days = std::make_shared<const obligations::calendar>(std::move(*days));
    CHECK(check(s, p));
}

TEST_CASE("a challenge speaks of desks the sender may know of, and of no others") {
    v1::Concern c = test::plain_concern();
    c.clear_desks();
    c.add_desks(mash);
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_IDENTITY);
    d.set_reason("because of GDPR");
    d.set_decided_by_role("head teacher");
    d.mutable_review_on()->set_year(2026);
    d.mutable_review_on()->set_month(11);
    const auto challenged = [](const outcome& o) {
        return std::count_if(o.p.warnings.begin(), o.p.warnings.end(), [](const auto& w) {
            return w.code() == "gdpr_is_no_reason";
        });
    };
    const auto open = decided(of(c));
    REQUIRE(open.how);
    CHECK(challenged(open) == 1);
    CHECK(open.p.challenged == 1);
    // Its stand-in is owed the same and hidden from the sender.
    c.add_conflicts_of_interest(mash);
    const auto hidden = decided(of(c));
    REQUIRE(hidden.how);
    REQUIRE(hidden.p.desks.size() == 1);
    CHECK_FALSE(routing::shown_to_sender(hidden.p.desks[0].desk));
    CHECK(challenged(hidden) == 0);
}

TEST_CASE("the stand-in of a desk in conflict is named to nobody") {
    v1::Concern c = test::plain_concern();
    c.add_desks(mash);
    c.add_conflicts_of_interest(mash);
    const submission s = of(c);
    const auto o = decided(s);
    REQUIRE(o.how);
    REQUIRE(o.p.desks.size() == 2);
    const auto r = answer(s, o.p, {});
    CHECK(r.told(r.told_size() - 1) == "routed by policy");
    CHECK(r.SerializeAsString().find("ppu") == std::string::npos);
    for (const desk_notice& d : o.p.desks) {
        INFO(d.desk.desk);
        if (d.desk.desk == front_door)
            CHECK(d.encoded.find("northshire-police/ppu") == bytes::npos);
    }
}

TEST_CASE("a draft commits the sender to its bytes and each desk to its own notice") {
    testing::fake_runtime rt;
    v1::Concern c = test::plain_concern();
    c.add_desks(mash);
    const submission s = of(c);
    auto o = decided(s);
    REQUIRE(o.how);
    auto draft = to_draft(rt, s, o.p);
    REQUIRE(draft);
    REQUIRE(draft->parties.size() == 3);
    const auto opens = [&](std::uint32_t i, bytes_view exact) {
        return merkle::commit(merkle::commitment_randomness(draft->seed, i), exact);
    };
    CHECK(draft->parties[0].name == "oakfield");
    CHECK(draft->parties[0].commitment == opens(0, s.exact));
    for (std::uint32_t i = 0; i < 2; ++i) {
        CHECK(draft->parties[i + 1].name == o.p.desks[i].desk.desk);
        CHECK(draft->parties[i + 1].commitment == opens(i + 1, o.p.desks[i].encoded));
    }
    const auto record = testing::fake_ledger::body_of(*draft).concern();
    CHECK(record.submitted() == s.exact);
    CHECK(record.sender() == "oakfield");
    CHECK(record.desks_size() == 2);
    // Nothing readable is left outside the seals.
    const auto& effect = std::get<ledger::concern_effect>(draft->changes);
    REQUIRE(effect.notices.size() == 2);
    for (const auto& n : effect.notices) CHECK(n.sealed.find("Tamsin1") == bytes::npos);
    CHECK(draft->sealed_body.find("Tamsin1") == bytes::npos);
}

TEST_CASE("without a free key there is no draft, and the sender is told to come again") {
    testing::fake_runtime rt;
    rt.ledger_.out_of_keys = true;
    const submission s = of(test::plain_concern());
    auto o = decided(s);
    REQUIRE(o.how);
    const auto draft = to_draft(rt, s, o.p);
    REQUIRE_FALSE(draft);
    CHECK(draft.error().code == errc::overloaded);
}

} // namespace cairn::daemon
