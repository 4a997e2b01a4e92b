// A candidate beside the policy in force: it is counted, and nothing else is other than without it.
#include "exchange.hpp"

#include "daemon/differences.hpp"
#include "daemon/status.hpp"
#include "policy/trial/tally.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include "cairn/v1/audit.pb.h"

#include <google/protobuf/text_format.h>

#include <algorithm>

namespace cairn::daemon {
namespace {

using namespace testing;

// The shipped text; convictions are shown to nobody.
std::string without_convictions() {
    v1::Policy p = test::shipped_policy()->source();
    p.clear_invariants();
    auto& rules = *p.mutable_rules();
    for (auto& r : rules) {
        if (r.tier() != v1::TIER_MUST && r.tier() != v1::TIER_ALLOW) continue;
        auto& left = *r.mutable_categories();
        const auto end = std::remove(left.begin(), left.end(), v1::CATEGORY_CONVICTION);
        const bool alone = end == left.begin() && end != left.end();
        left.erase(end, left.end());
        // No category stands for every one.
        if (alone) r.set_number(0);
    }
    rules.erase(
        std::remove_if(rules.begin(), rules.end(), [](const auto& r) { return r.number() == 0; }),
        rules.end()
    );
    std::string out;
    google::protobuf::TextFormat::PrintToString(p, &out);
    return out;
}

shadow_file candidate(const exchange& x, const std::string& text) {
    shadow_file out{"candidate.textproto", text, nullptr, {}};
    auto made = policy::table::compile(text, policy_day(now_us(x.rt)));
    if (!made) FAIL(made.error().public_text());
    out.table = *made;
    return out;
}

std::uint64_t flips(const policy::tally& t, policy::flip_kind kind) {
    std::uint64_t out = 0;
    for (const auto& [key, count] : t.flips) out += key.kind == kind ? count.decisions : 0;
    return out;
}

} // namespace

TEST_CASE("a shadow counts what a simulation of the same concerns finds, and changes no notice") {
    exchange plain;
    exchange x;
    x.s.shadow.use(candidate(x, without_convictions()));
    for (auto* world : {&plain, &x}) {
        REQUIRE(world->submit("oakfield", against_a_man()));
        REQUIRE(world->submit("oakfield", referral({mash, named, elmwood})));
    }
    for (const auto& [who, desk] :
         {std::pair("front-door", front_door), std::pair("police", mash)}) {
        const auto without = plain.waiting(who, desk);
        const auto beside = x.waiting(who, desk);
        REQUIRE(without.size() == beside.size());
        for (std::size_t i = 0; i < without.size(); ++i) {
            CHECK(
                without[i].notice().SerializeAsString() == beside[i].notice().SerializeAsString()
            );
        }
    }
    const auto at = x.s.shadow.now();
    REQUIRE(at);
    v1::SimulatePolicyRequest asked;
    asked.set_text(without_convictions());
    REQUIRE(x.call("jo", "/cairn.v1.Audit/SimulatePolicy", asked.SerializeAsString()));
    policy::tally t;
    for (const bytes& m : x.answered) {
        v1::SimulatePolicyResponse part;
        REQUIRE(part.ParseFromString(m));
        t.add(part);
    }
    const auto owed = flips(t, policy::flip_kind::owed);
    CHECK(owed + flips(t, policy::flip_kind::closes) > 0);
    CHECK(at->counts.concerns == t.concerns);
    CHECK(at->counts.decisions == t.decisions);
    CHECK(at->counts.owed == owed);
    CHECK(
        at->counts.all(v1::PolicyFlip::DIRECTION_CLOSES) ==
        owed + flips(t, policy::flip_kind::closes)
    );
    CHECK(at->counts.all(v1::PolicyFlip::DIRECTION_OPENS) == flips(t, policy::flip_kind::opens));
    CHECK(!plain.s.shadow.now());
}

TEST_CASE("status and metrics say what a shadow counted, and nothing where there is none") {
    exchange x;
    CHECK(metrics_text(x.s).find("policy_shadow") == std::string::npos);
    v1::StatusResponse none;
    say_shadow(x.s.shadow, none);
    CHECK(!none.has_shadow());
    x.s.shadow.use(candidate(x, without_convictions()));
    REQUIRE(x.submit("oakfield", against_a_man()));
    const auto text = metrics_text(x.s);
    const auto counts = x.s.shadow.now()->counts;
    CHECK(
        text.find(
            "cairn_policy_shadow_decisions_total " + std::to_string(counts.decisions) + "\n"
        ) != std::string::npos
    );
    const std::string closed = "cairn_policy_shadow_flips_total{direction=\"closes\","
                               "category=\"conviction\",role=\"front_door\"} ";
    CHECK(text.find(closed) != std::string::npos);
    CHECK(text.find("cairn_policy_shadow_owed_total ") != std::string::npos);
    v1::StatusResponse out;
    say_shadow(x.s.shadow, out);
    CHECK(out.shadow().concerns() == 1);
    CHECK(out.shadow().closes() == counts.all(v1::PolicyFlip::DIRECTION_CLOSES));
    CHECK(out.shadow().since_us() == now_us(x.rt));
}

TEST_CASE("a retry is not counted again") {
    exchange x;
    x.s.shadow.use(candidate(x, without_convictions()));
    v1::SubmitRequest same;
    same.set_key("the-same-key");
    *same.mutable_concern() = referral();
    REQUIRE(x.call("oakfield", "Submit", same.SerializeAsString()));
    REQUIRE(x.call("oakfield", "Submit", same.SerializeAsString()));
    CHECK(x.s.shadow.now()->counts.concerns == 1);
}

TEST_CASE("the same text counts on over a reload and a new day, another begins anew") {
    exchange x;
    const auto first = candidate(x, without_convictions());
    x.s.shadow.use(first);
    REQUIRE(x.submit("oakfield", referral()));
    x.s.shadow.use(first);
    x.rt.clock_.wall += std::chrono::hours(24);
    x.s.shadow.new_day();
    REQUIRE(x.submit("oakfield", referral()));
    CHECK(x.s.shadow.now()->counts.concerns == 2);
    x.s.shadow.use(candidate(x, "# another\n" + without_convictions()));
    CHECK(x.s.shadow.now()->counts.concerns == 0);
    CHECK(x.s.shadow.now()->since_us == now_us(x.rt));
}

TEST_CASE("a candidate the broker would not use is no shadow, and is said") {
    exchange x;
    x.s.shadow.use(candidate(x, without_convictions()));
    const auto bad = read_shadow("no-such-file.textproto", now_us(x.rt));
    CHECK(bad.table == nullptr);
    CHECK(bad.why.error().code == errc::file_unreadable);
    x.rt.logged.clear();
    x.s.shadow.use(bad);
    CHECK(!x.s.shadow.now());
    REQUIRE(x.rt.logged.size() == 1);
    CHECK(x.rt.logged.front().find("shadow_not_used") == 0);
    CHECK(x.rt.logged.front().find("no-such-file.textproto") != std::string::npos);
    REQUIRE(x.submit("oakfield", referral()));
    // None configured is no news.
    x.rt.logged.clear();
    x.s.shadow.use(read_shadow("", now_us(x.rt)));
    CHECK(x.rt.logged.empty());
}

TEST_CASE("a candidate that begins by date is proved again on its day") {
    exchange x;
    const std::string text(policy::template_policy());
    x.s.shadow.use(candidate(x, text));
    // Past its last day there is nothing to try.
    x.rt.clock_.wall += std::chrono::hours(24 * 365 * 30);
    x.s.shadow.new_day();
    CHECK(!x.s.shadow.now());
}

} // namespace cairn::daemon
