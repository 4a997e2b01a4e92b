// From an invitation to a live agency, step by step, and what each step refuses.
#include "core/limits.hpp"
#include "registry/enrol.hpp"
#include "unit/registry/world.hpp"

using namespace cairn;
using namespace cairn::registry;
using namespace cairn::registry::testing;

namespace {

const caller anna{caller_kind::admin, "anna", pin('1')};
const caller ben{caller_kind::admin, "ben", pin('4')};
const caller ford{caller_kind::agency, "ford-school", pin('7')};
const asked_keys keys{"request", "probe request", pin('b')};
const signed_certificate made{
    pin('7'), "certificate", "spiffe://northshire/agency/ford-school", now, now + 90 * day};
const signed_certificate probe{
    pin('8'), "probe", "spiffe://northshire/agency/ford-school", now, now + 90 * day};

v1::Agency ford_school(v1::AgencyStage stage) {
    v1::Agency a;
    a.set_id("ford-school");
    a.set_name("Ford School");
    a.set_kind(v1::AGENCY_KIND_SCHOOL);
    a.set_stage(stage);
    return a;
}

v1::Enrolment invited(const std::string& id = "ford-1", char mark = '9') {
    v1::Enrolment e;
    e.set_id(id);
    e.set_agency("ford-school");
    e.add_desks("ford-school/dsl");
    e.add_kinds(v1::CONCERN_KIND_NOTIFICATION);
    e.add_kinds(v1::CONCERN_KIND_ACKNOWLEDGEMENT);
    e.add_purposes(v1::PURPOSE_CIN17);
    e.set_until_us(now + 3 * day);
    e.set_step(v1::ENROLMENT_STEP_INVITED);
    e.set_invitation_sha256(pin(mark));
    return e;
}

v1::Certificate invitation_certificate(const std::string& id = "ford-1", char mark = '9') {
    v1::Certificate c;
    c.set_sha256(pin(mark));
    c.set_uri("spiffe://northshire/invite/" + id);
    c.set_not_after_us(now + 17 * day);
    return c;
}

template <class Row>
v1::RegistryChange change(const Row& row) {
    v1::RegistryChange c;
    if constexpr (std::is_same_v<Row, v1::Agency>) *c.mutable_agency() = row;
    if constexpr (std::is_same_v<Row, v1::Desk>) *c.mutable_desk() = row;
    if constexpr (std::is_same_v<Row, v1::Certificate>) *c.mutable_certificate() = row;
    if constexpr (std::is_same_v<Row, v1::Enrolment>) *c.mutable_enrolment() = row;
    if constexpr (std::is_same_v<Row, v1::Renewal>) *c.mutable_renewal() = row;
    return c;
}

change_list invitation(const v1::Enrolment& row) {
    v1::Desk desk;
    desk.set_id("ford-school/dsl");
    return {
        change(ford_school(v1::AGENCY_STAGE_INVITED)),
        change(desk),
        change(invitation_certificate()),
        change(row)};
}

v1::RegistryState after(const v1::RegistryState& state, const result<change_list>& step) {
    if (!step) FAIL(describe(step.error().code).symbol << ": " << step.error().where);
    const auto next = registry::apply(state, *step, change_author::step);
    if (!next) FAIL(next.error().where);
    return *next;
}

v1::RegistryState at_invited() {
    const auto next = registry::apply(world(), invitation(invited()));
    if (!next) FAIL(next.error().where);
    return *next;
}
v1::RegistryState at_requested() {
    const auto state = at_invited();
    return after(state, take_request(state, "ford-1", keys, now));
}
v1::RegistryState at_approved() {
    auto state = at_requested();
    state = after(state, approve(state, anna, "ford-1", keys.key_sha256, now));
    return after(state, approve(state, ben, "ford-1", keys.key_sha256, now));
}
v1::RegistryState at_testing() {
    const auto state = at_approved();
    return after(state, deliver(state, "ford-1", made, probe));
}
v1::RegistryState with_probe_retired() {
    const auto state = at_testing();
    return after(state, retire(state, ford, probe.sha256));
}
std::vector<v1::ConformanceStep> run(bool passed = true) {
    std::vector<v1::ConformanceStep> out(2);
    out[0].set_name("submit");
    out[0].set_passed(true);
    out[1].set_name("return_it");
    out[1].set_passed(passed);
    return out;
}
v1::RegistryState at_live() {
    const auto state = with_probe_retired();
    return after(state, report(state, ford, run(), {2, 1}, now));
}

v1::AgencyStage stage_of(const v1::RegistryState& state) {
    return built(state)->agency("ford-school")->stage();
}
v1::EnrolmentStep step_of(const v1::RegistryState& state) {
    return find_enrolment(state, "ford-1")->step();
}

template <class T>
errc code_of(const result<T>& r) {
    REQUIRE_FALSE(r);
    return r.error().code;
}

} // namespace

TEST_CASE("an agency goes from an invitation to live by its steps alone") {
    CHECK(stage_of(at_invited()) == v1::AGENCY_STAGE_INVITED);
    CHECK(step_of(at_requested()) == v1::ENROLMENT_STEP_REQUESTED);
    CHECK(step_of(at_approved()) == v1::ENROLMENT_STEP_APPROVED);
    const auto testing = at_testing();
    CHECK(stage_of(testing) == v1::AGENCY_STAGE_TESTING);
    const auto live = at_live();
    CHECK(stage_of(live) == v1::AGENCY_STAGE_LIVE);
    CHECK(step_of(live) == v1::ENROLMENT_STEP_LIVE);
    const auto* row = find_enrolment(live, "ford-1");
    CHECK(row->approvals(0).admin() == "anna");
    CHECK(row->approvals(1).admin() == "ben");
    CHECK(row->request_pem().empty());
    CHECK(row->certificate_pem().empty());
    const auto registry = built(live);
    CHECK(registry->certificate(pin('9'))->revoked());
    CHECK(registry->certificate(pin('8'))->revoked());
    CHECK_FALSE(registry->certificate(pin('7'))->revoked());
    CHECK(registry->certificate(pin('7'))->desks(0) == "ford-school/dsl");
}

TEST_CASE("an invitation is used once, with its own keys, in its time") {
    const auto state = at_requested();
    const auto again = take_request(state, "ford-1", keys, now + 30 * day);
    REQUIRE(again);
    CHECK(again->empty());
    asked_keys others = keys;
    others.key_sha256 = pin('c');
    CHECK(code_of(take_request(state, "ford-1", others, now)) == errc::invitation_used);
    CHECK(code_of(take_request(at_testing(), "ford-1", others, now)) == errc::invitation_used);
    const auto fresh = at_invited();
    CHECK(code_of(take_request(fresh, "ford-1", keys, now + 3 * day)) == errc::invitation_expired);
    CHECK(take_request(fresh, "ford-1", keys, now + 3 * day - 1));
    CHECK(code_of(take_request(fresh, "ford-2", keys, now)) == errc::not_found);
}

TEST_CASE("two different administrators approve the key they compared") {
    auto state = at_requested();
    CHECK(code_of(approve(state, anna, "ford-1", pin('c'), now)) == errc::key_differs);
    CHECK(code_of(approve(state, anna, "other", keys.key_sha256, now)) == errc::not_found);
    state = after(state, approve(state, anna, "ford-1", keys.key_sha256, now));
    CHECK(step_of(state) == v1::ENROLMENT_STEP_REQUESTED);
    CHECK(code_of(approve(state, anna, "ford-1", keys.key_sha256, now)) == errc::approved_before);
    // Another certificate of hers is she.
    const caller anna_again{caller_kind::admin, "anna", pin('5')};
    CHECK(
        code_of(approve(state, anna_again, "ford-1", keys.key_sha256, now)) == errc::approved_before
    );
    CHECK(code_of(deliver(state, "ford-1", made, probe)) == errc::enrolment_step);
    CHECK(code_of(approve(at_invited(), anna, "ford-1", "", now)) == errc::enrolment_step);
    const caller third{caller_kind::admin, "carla", pin('6')};
    CHECK(
        code_of(approve(at_approved(), third, "ford-1", keys.key_sha256, now)) ==
        errc::enrolment_step
    );
}

TEST_CASE("what the authority signed must be what was approved") {
    const auto state = at_approved();
    auto wrong = made;
    wrong.uri = "spiffe://northshire/agency/oakfield";
    CHECK(code_of(deliver(state, "ford-1", wrong, probe)) == errc::rights_differ);
    CHECK(code_of(deliver(state, "ford-1", made, made)) == errc::rights_differ);
    auto known = made;
    known.sha256 = pin('a');
    CHECK(code_of(deliver(state, "ford-1", known, probe)) == errc::rights_differ);
    CHECK(code_of(deliver(at_testing(), "ford-1", made, probe)) == errc::enrolment_step);
}

TEST_CASE("a refusal says why, ends what was given and lets the agency be invited anew") {
    for (const auto& state : {at_invited(), at_requested(), at_approved(), at_testing()}) {
        CHECK(code_of(refuse_enrolment(state, ben, "ford-1", "")) == errc::required);
        const auto next = after(state, refuse_enrolment(state, ben, "ford-1", "unknown number"));
        const auto* row = find_enrolment(next, "ford-1");
        CHECK(row->refused_by() == "ben");
        CHECK(row->refused_because() == "unknown number");
        CHECK(stage_of(next) == v1::AGENCY_STAGE_INVITED);
        for (const auto& c : next.certificates()) {
            if (c.agency() == "ford-school") CHECK(c.revoked());
        }
        CHECK(code_of(take_request(next, "ford-1", keys, now)) == errc::enrolment_refused);
        CHECK(code_of(refuse_enrolment(next, ben, "ford-1", "x")) == errc::enrolment_step);
        CHECK(registry::apply(
            next, {change(invitation_certificate("ford-2", '0')), change(invited("ford-2", '0'))}
        ));
    }
    CHECK(code_of(refuse_enrolment(at_live(), ben, "ford-1", "late")) == errc::enrolment_step);
}

TEST_CASE("a run makes the agency live where it passed and the broker saw it") {
    const auto testing = at_testing();
    CHECK(code_of(report(testing, ford, run(), {2, 1}, now)) == errc::run_not_seen);
    const auto state = with_probe_retired();
    CHECK(code_of(report(state, ford, run(), {0, 1}, now)) == errc::run_not_seen);
    CHECK(code_of(report(state, ford, run(), {2, 0}, now)) == errc::run_not_seen);
    CHECK(code_of(report(state, ford, {}, {2, 1}, now)) == errc::required);
    CHECK(code_of(report(at_live(), ford, run(), {2, 1}, now)) == errc::enrolment_step);
    const caller other{caller_kind::agency, "oakfield", pin('a')};
    CHECK(code_of(report(state, other, run(), {2, 1}, now)) == errc::not_found);
    auto odd = run();
    odd[0].set_name("a name");
    CHECK(code_of(report(state, ford, odd, {2, 1}, now)) == errc::bad_value);
    const std::vector<v1::ConformanceStep> many(limits::conformance_steps + 1, run()[0]);
    CHECK(code_of(report(state, ford, many, {2, 1}, now)) == errc::too_many);
    // A failure is kept, and the agency tries again.
    const auto failed = after(state, report(state, ford, run(false), {2, 1}, now));
    CHECK(stage_of(failed) == v1::AGENCY_STAGE_TESTING);
    CHECK_FALSE(find_enrolment(failed, "ford-1")->run(1).passed());
    CHECK(
        stage_of(after(failed, report(failed, ford, run(), {2, 1}, now))) == v1::AGENCY_STAGE_LIVE
    );
}

TEST_CASE("an administrator's change moves no enrolment, no stage and gives no certificate") {
    const auto fresh = at_invited();
    CHECK_FALSE(registry::apply(fresh, {change(ford_school(v1::AGENCY_STAGE_LIVE))}));
    CHECK_FALSE(registry::apply(fresh, {change(ford_school(v1::AGENCY_STAGE_UNSPECIFIED))}));
    CHECK_FALSE(registry::apply(world(), {change(ford_school(v1::AGENCY_STAGE_TESTING))}));
    CHECK_FALSE(registry::apply(world(), {change(ford_school(v1::AGENCY_STAGE_LIVE))}));
    auto row = *find_enrolment(at_requested(), "ford-1");
    row.set_step(v1::ENROLMENT_STEP_APPROVED);
    CHECK(code_of(registry::apply(at_requested(), {change(row)})) == errc::enrolment_step);
    auto born_approved = invited();
    born_approved.add_approvals()->set_admin("anna");
    CHECK(code_of(registry::apply(world(), invitation(born_approved))) == errc::enrolment_step);
    v1::Certificate by_hand;
    by_hand.set_sha256(pin('7'));
    by_hand.set_uri("spiffe://northshire/agency/ford-school");
    by_hand.set_agency("ford-school");
    by_hand.set_not_after_us(now + day);
    CHECK(code_of(registry::apply(fresh, {change(by_hand)})) == errc::agency_not_live);
    auto widened = *built(at_testing())->certificate(pin('7'));
    widened.add_purposes(v1::PURPOSE_S47);
    CHECK(code_of(registry::apply(at_testing(), {change(widened)})) == errc::agency_not_live);
    auto revoked = *built(at_testing())->certificate(pin('7'));
    revoked.set_revoked(true);
    CHECK(registry::apply(at_testing(), {change(revoked)}));
    v1::Renewal renewal;
    renewal.set_certificate_sha256(pin('a'));
    CHECK_FALSE(registry::apply(world(), {change(renewal)}));
    // An invitation for an agency that is at work would take its desks back.
    auto for_live = invited();
    for_live.set_agency("oakfield");
    for_live.clear_desks();
    for_live.add_desks("oakfield/dsl");
    CHECK_FALSE(registry::apply(world(), {change(for_live), change(invitation_certificate())}));
}

TEST_CASE("an invitation grants desks of its own and what a run needs") {
    const auto refused = [](auto spoil) {
        auto row = invited();
        spoil(row);
        return !registry::apply(world(), invitation(row));
    };
    CHECK(refused([](auto& e) { e.clear_desks(); }));
    CHECK(refused([](auto& e) { e.add_desks("oakfield/dsl"); }));
    CHECK(refused([](auto& e) { e.clear_kinds(); }));
    CHECK(refused([](auto& e) { e.clear_purposes(); }));
    CHECK(refused([](auto& e) { e.set_until_us(0); }));
    CHECK(refused([](auto& e) { e.set_id("A"); }));
    CHECK(refused([](auto& e) { e.set_invitation_sha256(pin('0')); }));
    // One open enrolment an agency.
    CHECK_FALSE(registry::apply(
        at_invited(),
        {change(invited("ford-2", '0')), change(invitation_certificate("ford-2", '0'))}
    ));
    // A certificate of an invitation nobody made.
    CHECK_FALSE(registry::apply(world(), {change(invitation_certificate())}));
}

TEST_CASE("an invitation's certificate may ask and look, nothing else") {
    const auto registry = built(at_invited());
    const caller guest{caller_kind::invite, "ford-1", pin('9')};
    const auto who =
        identify(*registry, partnership, pin('9'), {"spiffe://northshire/invite/ford-1"}, now);
    REQUIRE(who);
    CHECK(who->kind == caller_kind::invite);
    for (int op = 0; op <= static_cast<int>(operation::retire); ++op) {
        request r;
        r.what = static_cast<operation>(op);
        r.desk = "ford-school/dsl";
        r.kind = v1::CONCERN_KIND_NOTIFICATION;
        r.purpose = v1::PURPOSE_CIN17;
        r.now_us = now;
        const bool its = r.what == operation::enrol || r.what == operation::enrolment;
        CAPTURE(op);
        CHECK(authorise(*registry, guest, r).has_value() == its);
    }
}

TEST_CASE("an agency that is testing acts for itself and is acted for by nobody") {
    auto state = at_testing();
    v1::Mandate m = state.mandates(0);
    m.set_id("mandate-2");
    m.set_for_agency("ford-school");
    m.clear_desks();
    m.add_desks("ford-school/dsl");
    *state.add_mandates() = m;
    state.mutable_certificates(2)->add_desks("ford-school/dsl");
    const auto registry = built(state);
    const auto allowed = [&](const caller& who, operation what, std::string_view as = {}) {
        request r{
            what, "ford-school/dsl", v1::CONCERN_KIND_NOTIFICATION, v1::PURPOSE_CIN17, as, now};
        return authorise(*registry, who, r);
    };
    const caller vendor{caller_kind::agency, "school-systems", pin('c')};
    CHECK(allowed(ford, operation::submit));
    CHECK(allowed(ford, operation::receive));
    CHECK(allowed(ford, operation::conform));
    CHECK(allowed(ford, operation::retire));
    CHECK(code_of(allowed(ford, operation::renew)) == errc::agency_not_live);
    CHECK(code_of(allowed(ford, operation::enrol)) == errc::operation_not_allowed);
    CHECK(code_of(allowed(vendor, operation::submit, "ford-school")) == errc::agency_not_live);
    CHECK(code_of(allowed(vendor, operation::receive)) == errc::agency_not_live);
    CHECK_FALSE(registry->is_open(*registry->desk("ford-school/dsl")));
    CHECK(built(at_live())->is_open(*registry->desk("ford-school/dsl")));
    request live{};
    live.what = operation::conform;
    live.now_us = now;
    CHECK(code_of(authorise(*built(at_live()), ford, live)) == errc::enrolment_step);
}
