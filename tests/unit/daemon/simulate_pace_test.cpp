// How fast a simulation is answered, and how many are at a time.
#include "flow.hpp"

#include "core/limits.hpp"

#include "cairn/v1/audit.pb.h"

namespace cairn::daemon {

using namespace testing;

TEST_CASE("a simulation waits for its reader, and one is under way at a time") {
    flow_world w;
    v1::RegistryState state = small_partnership();
    auto& c = *state.add_certificates();
    c.set_sha256(std::string(64, 'd'));
    c.set_uri("spiffe://northshire.example/auditor/jo");
    c.set_not_after_us(2'000'000'000'000'000);
    w.know(state);
    add_audit(w.routes, w.s);
    w.reader.parts = 3;
    session::peer who;
    who.certificate_sha256 = c.sha256();
    who.uris = {c.uri()};
    v1::SimulatePolicyRequest asked;
    asked.set_text(std::string(policy::template_policy()));
    const auto ask = [&](std::size_t queued) {
        auto call =
            std::make_shared<noted_call>(*w.routes.find("/cairn.v1.Audit/SimulatePolicy"), who);
        call->begin();
        call->before = queued;
        call->message(asked);
        w.rt.ledger_.run_all();
        w.run();
        return call;
    };
    auto slow = ask(limits::queued_output_bytes + 1);
    CHECK(w.reader.parts_read == 0);
    CHECK(!slow->ended);
    const auto second = ask(0);
    REQUIRE(second->ended);
    CHECK(second->ended->error().code == errc::overloaded);
    slow->taken();
    w.run();
    CHECK(w.reader.parts_read == 3);
    REQUIRE(slow->ended);
    CHECK(*slow->ended);
    CHECK(slow->sent.size() == 3);
    // One whose caller went away is over, too.
    w.reader.parts_read = 0;
    ask(limits::queued_output_bytes + 1).reset();
    const auto next = ask(0);
    REQUIRE(next->ended);
    CHECK(*next->ended);
}

} // namespace cairn::daemon
