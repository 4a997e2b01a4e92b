// What time brings: the policy's day, a clock that jumps, checks, desks nobody can receive for.
#include "flow.hpp"

#include "daemon/start.hpp"
#include "daemon/status.hpp"
#include "daemon/tick.hpp"

#include <google/protobuf/text_format.h>

namespace cairn::daemon {
namespace {

using namespace std::chrono_literals;
using testing::flow_world;
using testing::mash;

struct ticked : flow_world {
    ticked() {
        decide_by(std::string(policy::template_policy()));
        t = std::make_unique<ticker>(s);
        rt.logged.clear();
    }
    void decide_by(const std::string& text) {
        policy_standing standing;
        standing.text = text;
        rt.standing.swap_in(std::make_shared<const policy_standing>(std::move(standing)));
    }
    // Both clocks, as time passes.
    void pass(std::chrono::microseconds by) {
        rt.clock_.wall += by;
        rt.clock_.mono += by;
        t->tick();
    }
    [[nodiscard]] bool logged(const std::string& beginning) const {
        return std::any_of(rt.logged.begin(), rt.logged.end(), [&](const auto& line) {
            return line.rfind(beginning, 0) == 0;
        });
    }
    // "what: detail" of each note in the log but heartbeats.
    std::vector<std::string> notes() {
        rt.ledger_.run_all();
        std::vector<std::string> out;
        for (const auto& d : rt.ledger_.taken) {
            const auto body = testing::fake_ledger::body_of(d);
            if (body.has_note() && body.note().what() != "heartbeat")
                out.push_back(body.note().what() + ": " + body.note().detail());
        }
        return out;
    }
    std::unique_ptr<ticker> t;
};

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a rule that begins by date applies from the first moment of its day in the UK") {
    ticked w;
    // It is 2026-11-22T10:30Z.
    v1::Policy p = w.rt.policy.now()->source();
    for (auto& r : *p.mutable_rules()) r.set_in_force("2026-11-23");
    // Today nothing is decided, which breaks what the text promises.
    p.clear_invariants();
    std::string text;
    google::protobuf::TextFormat::PrintToString(p, &text);
    w.decide_by(text);
    REQUIRE(apply_policy_day(w.rt, now_us(w.rt)));
    policy::point at;
    at.category = v1::CATEGORY_IDENTITY;
    at.subject = v1::SUBJECT_CHILD;
    at.role = v1::ROLE_FRONT_DOOR;
    at.purpose = v1::PURPOSE_S47;
    const auto rule_now = [&] { return w.rt.policy.now()->decide(at).rule; };
    CHECK(rule_now() == 0);
    w.pass(13h + 29min);
    CHECK(rule_now() == 0);
    w.pass(1min);
    CHECK(rule_now() != 0);
    CHECK(w.logged("policy_day 2026-11-23"));
    CHECK(w.notes() == lines{"policy day: 2026-11-22", "policy day: 2026-11-23"});
}

TEST_CASE("a policy that does not compile on its new day decides nothing any more") {
    ticked w;
    w.decide_by("rules { number: 1 }");
    w.pass(14h);
    CHECK(w.rt.policy.now() == nullptr);
    CHECK(w.logged("policy_not_applied 2026-11-23"));
    w.pass(1s);
    CHECK(w.logged("check_failing policy: none in force"));
    add_open_pages(w.routes, w.s);
    const session::page page = (*w.routes.find_page("/readyz"))({});
    CHECK(page.status == 503);
    CHECK(page.body == "policy: none in force\n");
}

TEST_CASE("a jump of the wall clock is an alarm and a record, in both directions") {
    ticked w;
    w.pass(1s);
    CHECK_FALSE(w.logged("clock_jump"));
    w.rt.clock_.wall -= 90s;
    w.pass(1s);
    w.rt.clock_.wall += 5s;
    w.pass(1s);
    CHECK(w.logged("clock_jump -90000 ms"));
    CHECK(w.notes() == lines{"clock jump: -90000 ms", "clock jump: +5000 ms"});
}

TEST_CASE("a check that begins to fail, and one that recovers, is logged once") {
    ticked w;
    w.rt.ledger_.failing = {{"disk", "the last write found no room"}};
    w.pass(1s);
    w.pass(1s);
    CHECK(w.rt.logged == lines{"check_failing disk: the last write found no room"});
    w.rt.ledger_.failing.clear();
    w.pass(1s);
    w.pass(1s);
    CHECK(w.rt.logged.size() == 2);
    CHECK(w.rt.logged.back() == "check_recovered disk");
}

TEST_CASE("silence of a minute is broken by a heartbeat in the log") {
    ticked w;
    w.pass(59s);
    CHECK(w.rt.ledger_.queued() == 0);
    w.pass(1s);
    w.pass(1s);
    REQUIRE(w.rt.ledger_.queued() == 1);
    w.rt.ledger_.run_all();
    const auto body = testing::fake_ledger::body_of(w.rt.ledger_.taken.back());
    CHECK(body.note().what() == "heartbeat");
}

TEST_CASE("notices of a desk whose every certificate is gone are reported, and shown in metrics") {
    ticked w;
    ledger::desk_counts c;
    c.desk = mash;
    c.pending = 3;
    c.overdue = 2;
    w.reader.desks = {c};
    w.pass(20s);
    CHECK_FALSE(w.logged("desk_unreachable"));
    v1::RegistryState state = testing::small_partnership();
    state.mutable_certificates(1)->set_revoked(true);
    w.know(state);
    w.pass(20s);
    CHECK_FALSE(w.logged("desk_unreachable")); // the vendor's mandate is in force
    state.mutable_certificates(2)->set_revoked(true);
    w.know(state);
    w.pass(20s);
    w.pass(20s);
    CHECK(w.rt.logged.size() == 1);
    CHECK(w.logged("desk_unreachable northshire-police/mash: 3 notices wait, 2 overdue"));
    const std::string page = metrics_text(w.s);
    CHECK(page.find("cairn_desk_pending{desk=\"northshire-police/mash\"} 3") != std::string::npos);
    CHECK(page.find("cairn_desk_overdue{desk=\"northshire-police/mash\"} 2") != std::string::npos);
    CHECK(
        page.find("cairn_desk_unreachable{desk=\"northshire-police/mash\"} 1") != std::string::npos
    );
    w.know(testing::small_partnership());
    w.pass(20s);
    CHECK(w.rt.logged.back() == "desk_reachable northshire-police/mash");
}

TEST_CASE("pages for certificates ask who looks, those of the loopback listener do not") {
    flow_world w;
    session::router open;
    add_pages(w.routes, w.s);
    add_open_pages(open, w.s);
    session::peer police;
    police.certificate_sha256 = std::string(64, 'b');
    police.uris = {"spiffe://northshire.example/agency/northshire-police"};
    session::peer stranger = police;
    stranger.certificate_sha256 = std::string(64, '9');
    for (const char* path : {"/livez", "/readyz", "/metrics"}) {
        CHECK((*w.routes.find_page(path))(police).status == 200);
        const auto refused = (*w.routes.find_page(path))(stranger);
        CHECK(refused.status == 401);
        CHECK(refused.body.find("certificate_unknown") != std::string::npos);
        CHECK((*w.routes.find_page(path))({}).status == 401);
        CHECK((*open.find_page(path))({}).status == 200);
    }
}

} // namespace cairn::daemon
