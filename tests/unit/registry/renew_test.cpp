// A certificate's successor: same name, same rights, once.
#include "registry/enrol.hpp"
#include "unit/registry/world.hpp"

using namespace cairn;
using namespace cairn::registry;
using namespace cairn::registry::testing;

namespace {

const caller school{caller_kind::agency, "oakfield", pin('a')};
const caller successor{caller_kind::agency, "oakfield", pin('7')};
const signed_certificate made{
    pin('7'), "certificate", "spiffe://northshire/agency/oakfield", now, now + 100 * day};

v1::RegistryState after(const v1::RegistryState& state, const result<change_list>& step) {
    if (!step) FAIL(describe(step.error().code).symbol << ": " << step.error().where);
    const auto next = registry::apply(state, *step, change_author::step);
    if (!next) FAIL(next.error().where);
    return *next;
}

v1::RegistryState asked() {
    return after(world(), ask_renewal(world(), school, "request", "signature", now));
}
v1::RegistryState signed_() {
    const auto state = asked();
    return after(state, deliver_renewal(state, pin('a'), made));
}

template <class T>
errc code_of(const result<T>& r) {
    REQUIRE_FALSE(r);
    return r.error().code;
}

} // namespace

TEST_CASE("a successor has the name and the rights of its predecessor, which it retires") {
    const auto both = signed_();
    const auto registry = built(both);
    const auto* c = registry->certificate(pin('7'));
    REQUIRE(c != nullptr);
    CHECK(c->uri() == registry->certificate(pin('a'))->uri());
    CHECK(c->desks(0) == "oakfield/dsl");
    CHECK(c->kinds_size() == 1);
    CHECK(c->replaces() == pin('a'));
    CHECK(find_renewal(both, pin('a'))->successor_pem() == "certificate");
    const auto done = after(both, retire(both, successor, pin('a')));
    CHECK(built(done)->certificate(pin('a'))->revoked());
    CHECK(find_renewal(done, pin('a')) == nullptr);
    const auto again = retire(done, successor, pin('a'));
    REQUIRE(again);
    CHECK(again->empty());
}

TEST_CASE("the rights of a successor are those of the day it is signed") {
    auto state = asked();
    state.mutable_certificates(0)->clear_desks();
    CHECK(built(after(state, deliver_renewal(state, pin('a'), made)))
              ->certificate(pin('7'))
              ->desks()
              .empty());
}

TEST_CASE("one renewal of a certificate is open, and a repeat is told so") {
    const auto state = asked();
    const auto again = ask_renewal(state, school, "request", "signature", now);
    REQUIRE(again);
    CHECK(again->empty());
    CHECK(code_of(ask_renewal(state, school, "another", "x", now)) == errc::renewal_pending);
    // Until the predecessor is retired no third is asked for.
    CHECK(
        code_of(ask_renewal(signed_(), successor, "third", "x", now + 80 * day)) ==
        errc::renewal_pending
    );
}

TEST_CASE("a renewal is not asked for in the first half of a certificate's life") {
    auto state = world();
    state.mutable_certificates(0)->set_not_before_us(now - 10 * day);
    CHECK(code_of(ask_renewal(state, school, "r", "s", now)) == errc::renewal_pending);
    CHECK(ask_renewal(state, school, "r", "s", now + 40 * day));
}

TEST_CASE("a renewal is refused with its reason and may be asked anew") {
    const auto state = asked();
    CHECK(code_of(refuse_renewal(state, pin('a'), "")) == errc::required);
    CHECK(code_of(refuse_renewal(state, pin('b'), "no")) == errc::not_found);
    CHECK(code_of(refuse_renewal(signed_(), pin('a'), "late")) == errc::enrolment_step);
    const auto refused = after(state, refuse_renewal(state, pin('a'), "ring me"));
    CHECK(find_renewal(refused, pin('a'))->refused_because() == "ring me");
    CHECK(code_of(deliver_renewal(refused, pin('a'), made)) == errc::enrolment_step);
    const auto anew = after(refused, ask_renewal(refused, school, "another", "x", now));
    CHECK(find_renewal(anew, pin('a'))->refused_because().empty());
}

TEST_CASE("what was not asked for is not delivered") {
    const auto state = asked();
    CHECK(code_of(deliver_renewal(world(), pin('a'), made)) == errc::not_found);
    auto other = made;
    other.uri = "spiffe://northshire/agency/northshire-council";
    CHECK(code_of(deliver_renewal(state, pin('a'), other)) == errc::rights_differ);
    auto known = made;
    known.sha256 = pin('b');
    CHECK(code_of(deliver_renewal(state, pin('a'), known)) == errc::rights_differ);
    CHECK(code_of(deliver_renewal(signed_(), pin('a'), made)) == errc::enrolment_step);
}

TEST_CASE("a revoked certificate gets no successor") {
    const auto state = asked();
    v1::RegistryChange revoke;
    *revoke.mutable_certificate() = state.certificates(0);
    revoke.mutable_certificate()->set_revoked(true);
    const auto next = registry::apply(state, {revoke});
    REQUIRE(next);
    CHECK(next->renewals().empty());
    CHECK(code_of(deliver_renewal(*next, pin('a'), made)) == errc::not_found);
}

TEST_CASE("an agency retires what its certificate replaced and nothing else") {
    const auto state = signed_();
    CHECK(code_of(retire(state, successor, pin('7'))) == errc::not_found);
    CHECK(code_of(retire(state, school, pin('7'))) == errc::not_found);
    CHECK(code_of(retire(state, school, pin('f'))) == errc::not_found);
    CHECK(code_of(retire(state, successor, pin('b'))) == errc::not_found);
}
