// The log's decisions made again under a candidate: what is found, what is recorded of the
// question, who may ask, and how fast it is answered.
#include "exchange.hpp"

#include "core/limits.hpp"
#include "daemon/past_inputs.hpp"
#include "policy/trial/tally.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include "cairn/v1/audit.pb.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>

namespace cairn::daemon {
namespace {

using namespace testing;

constexpr const char* path = "/cairn.v1.Audit/SimulatePolicy";

std::uint64_t first_seed() {
    const char* given = std::getenv("CAIRN_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
}

std::string shipped_text() {
    return std::string(policy::template_policy());
}

std::string text_of(const v1::Policy& p) {
    std::string out;
    google::protobuf::TextFormat::PrintToString(p, &out);
    return out;
}

// The shipped text, with this rule decided otherwise.
std::string changed(std::uint32_t number, v1::Tier tier, v1::Form form) {
    v1::Policy p = test::shipped_policy()->source();
    for (auto& r : *p.mutable_rules()) {
        if (r.number() != number) continue;
        r.set_tier(tier);
        r.set_form(form);
        r.set_reason(v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    }
    return text_of(p);
}

v1::SimulatePolicyRequest about(std::string text) {
    v1::SimulatePolicyRequest out;
    out.set_text(std::move(text));
    out.set_reason("before it is signed");
    return out;
}

result<policy::tally>
simulate(exchange& x, const v1::SimulatePolicyRequest& asked, const std::string& who = "jo") {
    const auto done = x.call(who, path, asked.SerializeAsString());
    if (!done) return done.error();
    policy::tally out;
    for (const bytes& m : x.answered) {
        v1::SimulatePolicyResponse part;
        REQUIRE(part.ParseFromString(m));
        out.add(part);
    }
    return out;
}

policy::tally found(exchange& x, const std::string& text) {
    const auto t = simulate(x, about(text));
    if (!t) FAIL(t.error().public_text());
    return *t;
}

// The rule that decided a category for a desk.
std::uint32_t rule_of(const v1::ConcernRecord& r, const std::string& desk, v1::Category c) {
    for (const auto& d : r.desks()) {
        if (d.desk() != desk) continue;
        for (const auto& g : d.decisions()) {
            for (const auto cell : g.cells()) {
                if (policy::category_of(cell) == c) return g.rule();
            }
        }
    }
    FAIL("not decided");
    return 0;
}

// Kept rules and tiers by cell.
std::map<policy::cell_id, std::pair<std::uint32_t, v1::Tier>> kept(const redaction::verdicts& v) {
    std::map<policy::cell_id, std::pair<std::uint32_t, v1::Tier>> out;
    for (const auto& g : v.decisions) {
        for (const auto cell : g.cells()) out[cell] = {g.rule(), g.tier()};
    }
    return out;
}

// Decided as a submission is, for a desk of every role, each of a school of some of the children.
prepared decided(const v1::Concern& c, const policy::table& rules, test::random_filler& random) {
    prepared p;
    p.concern_id = std::string(32, 'a');
    p.analysis = redaction::analyse(c);
    redaction::concern_context shared;
    shared.concern_id = p.concern_id;
    for (int role = 1; role <= v1::Role_MAX; ++role) {
        redaction::desk_context to;
        to.role = static_cast<v1::Role>(role);
        to.desk = "agency/" + std::string(registry::role_text(to.role));
        to.lead_practitioner = random.chance(20);
        to.in_reply = random.chance(20);
        to.sender_desk = random.chance(10);
        for (const auto& person : c.persons()) {
            const auto& code = person.education().school_code();
            if (!code.empty() && random.chance(40)) to.organisation_codes.push_back(code);
        }
        desk_notice d;
        d.desk.desk = to.desk;
        d.desk.role = to.role;
        auto made = redaction::make_encoded_notice(c, p.analysis, rules, shared, to);
        d.verdicts = made;
        p.desks.push_back(std::move(d));
    }
    return p;
}

} // namespace

TEST_CASE("whatever a concern holds, its inputs under the same text give the rules that were kept"
) {
    const auto seed = first_seed();
    CAPTURE(seed);
    const auto rules = test::shipped_policy();
    test::random_filler random(seed);
    std::size_t cells = 0;
    std::size_t pupils = 0;
    for (int round = 0; round < 40; ++round) {
        const prepared p = decided(random.concern(), *rules, random);
        const auto past = past_inputs(p);
        for (std::size_t d = 0; d < past.desks.size(); ++d) {
            const auto in = policy::inputs_of(past, past.desks[d], *rules, *rules);
            REQUIRE(in);
            if (!in->own_pupils.empty()) ++pupils;
            const auto again = policy::decide_cells(*rules, past.cells, *in);
            const auto then = kept(p.desks[d].verdicts);
            REQUIRE(then.size() == past.cells.size());
            for (std::size_t i = 0; i < past.cells.size(); ++i, ++cells) {
                CAPTURE(round, past.desks[d].desk, past.cells[i].id);
                const auto& [rule, tier] = then.at(past.cells[i].id);
                REQUIRE(again.of[i].rule == rule);
                REQUIRE(again.of[i].tier == tier);
            }
        }
    }
    CHECK(cells > 10'000);
    CHECK(pupils > 50);
}

TEST_CASE("the text in force replays the log to nothing") {
    exchange x;
    REQUIRE(x.submit("oakfield", against_a_man()));
    REQUIRE(x.submit("oakfield", referral({front_door, mash, named, camhs, elmwood})));
    auto two = referral({oakfield, elmwood});
    auto& other = *two.add_persons() = test::child(2);
    other.clear_voice();
    other.mutable_education()->set_school_code("100043");
    REQUIRE(x.submit("police", two));
    const auto t = found(x, shipped_text());
    CHECK(t.flips.empty());
    CHECK(t.concerns == 3);
    CHECK(t.decisions > 50);
    CHECK(t.left_out == 0);
    // Another text that decides the same is no other either.
    CHECK(found(x, "# read again\n" + shipped_text()).flips.empty());
}

TEST_CASE("what a candidate would withhold is found, where and of which concern") {
    exchange x;
    const auto sent = x.submit("oakfield", against_a_man());
    REQUIRE(sent);
    const auto number = rule_of(x.record(sent->concern_id()), front_door, v1::CATEGORY_CONVICTION);
    const auto t = found(x, changed(number, v1::TIER_DENY, v1::FORM_MASKED));
    REQUIRE(!t.flips.empty());
    const auto& [key, count] = *t.flips.begin();
    CHECK(key.kind == policy::flip_kind::owed);
    CHECK(key.category == v1::CATEGORY_CONVICTION);
    CHECK(key.rule_before == number);
    CHECK(key.after == v1::FORM_MASKED);
    CHECK(count.concern_ids == std::vector<std::string>{sent->concern_id()});
    // Nothing changed by asking.
    CHECK(x.rt.policy.now()->digest_hex() == to_hex(view(sha256(shipped_text()))));
}

TEST_CASE("the question is a record that names the text by its digest and does not hold it") {
    exchange x;
    const std::size_t before = x.records(ledger::record_kind::query).size();
    auto asked = about(shipped_text());
    asked.set_from_us(5);
    REQUIRE(simulate(x, asked));
    const auto rows = x.records(ledger::record_kind::query);
    REQUIRE(rows.size() == before + 1);
    const auto stored = x.rt.store().read().body(rows.back().at);
    REQUIRE(stored);
    v1::RecordBody body;
    REQUIRE(body.ParseFromString(*stored));
    CHECK(body.query().who() == "jo");
    CHECK(body.query().operation() == "audit.simulate_policy");
    v1::SimulatePolicyRequest kept;
    REQUIRE(kept.ParseFromString(body.query().arguments()));
    CHECK(kept.text() == "sha256 " + to_hex(view(sha256(shipped_text()))));
    CHECK(kept.reason() == "before it is signed");
    CHECK(kept.from_us() == 5);
}

TEST_CASE("only an auditor may ask") {
    exchange x;
    for (const char* who : {"ops", "oakfield", "front-door"}) {
        const auto refused = simulate(x, about(shipped_text()), who);
        REQUIRE(!refused);
        CHECK(refused.error().code == errc::operation_not_allowed);
    }
    CHECK(x.records(ledger::record_kind::query).empty());
}

TEST_CASE("a candidate that does not compile is refused with its line, and what cannot be asked") {
    exchange x;
    const auto why = [&x](const v1::SimulatePolicyRequest& asked) {
        const auto r = simulate(x, asked);
        REQUIRE(!r);
        return std::string(describe(r.error().code).symbol) + " " + r.error().where;
    };
    std::string typo = shipped_text();
    typo.replace(typo.find("CATEGORY_HEALTH"), 15, "CATEGORY_HELTH");
    CHECK(why(about(typo)).find("policy_invalid line ") == 0);
    CHECK(why(about(typo)).find("Nearest: CATEGORY_HEALTH") != std::string::npos);
    const auto long_text = shipped_text() + std::string(2'000'000, '#');
    CHECK(why(about(long_text)).find("1048576 bytes") != std::string::npos);
    CHECK(why(about("# nothing")).find("bad_value text") == 0);
    CHECK(why(about("")).find("bad_value text") == 0);
    auto late = about(shipped_text());
    late.set_from_us(to_us(x.rt.clock_.wall) + 1);
    CHECK(why(late).find("bad_value from_us") == 0);
    auto backwards = about(shipped_text());
    backwards.set_from_us(5);
    backwards.set_until_us(5);
    CHECK(why(backwards).find("bad_value until_us") == 0);
    // And the next good question is answered.
    REQUIRE(simulate(x, about(shipped_text())));
}

TEST_CASE("a span has a first and a last moment") {
    exchange x;
    std::vector<std::int64_t> at;
    for (int n = 0; n < 3; ++n) {
        at.push_back(to_us(x.rt.clock_.wall));
        REQUIRE(x.submit("oakfield", referral()));
        x.rt.clock_.wall += std::chrono::hours(1);
    }
    const auto concerns = [&](std::int64_t from, std::int64_t until) {
        auto asked = about(shipped_text());
        asked.set_from_us(from);
        asked.set_until_us(until);
        const auto t = simulate(x, asked);
        REQUIRE(t);
        return t->concerns;
    };
    CHECK(concerns(0, 0) == 3);
    CHECK(concerns(at[1], 0) == 2);
    CHECK(concerns(at[1] + 1, 0) == 1);
    CHECK(concerns(0, at[1]) == 1);
    CHECK(concerns(at[1], at[2]) == 1);
}

TEST_CASE("more concerns than a part holds are all replayed") {
    exchange x;
    const int many = static_cast<int>(limits::part_concerns) + 3;
    for (int n = 0; n < many; ++n) REQUIRE(x.submit("oakfield", referral({mash})));
    const auto t = found(x, shipped_text());
    CHECK(t.concerns == static_cast<std::uint64_t>(many));
    CHECK(x.answered.size() == 2);
}

TEST_CASE("each concern is held against the text that decided it, as of its day") {
    exchange x;
    const auto first = x.submit("oakfield", against_a_man());
    REQUIRE(first);
    const auto number = rule_of(x.record(first->concern_id()), front_door, v1::CATEGORY_CONVICTION);
    // From the next day on the text has a rule that hides what it shows today.
    v1::Policy dated = x.rt.policy.now()->source();
    dated.clear_invariants();
    for (const auto& r : x.rt.policy.now()->source().rules()) {
        if (r.number() != number) continue;
        auto& more = *dated.add_rules() = r;
        more.set_number(9000);
        more.clear_roles();
        more.add_roles(v1::ROLE_FRONT_DOOR);
        more.set_tier(v1::TIER_BAR);
        more.set_form(v1::FORM_MASKED);
        more.set_reason(v1::REASON_STATUTORY_BAR);
        more.set_in_force("2026-11-23");
    }
    x.change_policy(text_of(dated));
    const auto second = x.submit("oakfield", against_a_man());
    REQUIRE(second);
    x.rt.clock_.wall += std::chrono::hours(24);
    // By its own text a concern is tried as of its own day.
    const auto own = found(x, text_of(dated));
    REQUIRE(!own.flips.empty());
    CHECK(own.flips.begin()->second.concern_ids == std::vector<std::string>{first->concern_id()});
    CHECK(found(x, shipped_text()).flips.empty());
}

TEST_CASE("a concern of a desk the registry does not have, or of a text that is gone, is left out"
) {
    exchange x;
    REQUIRE(x.submit("oakfield", referral({mash})));
    REQUIRE(x.submit("oakfield", referral({named})));
    v1::RegistryState without = x.rt.registry.now()->state();
    for (int i = 0; i < without.desks_size(); ++i) {
        if (without.desks(i).id() != named) continue;
        without.mutable_desks()->DeleteSubrange(i, 1);
        break;
    }
    for (auto& c : *without.mutable_certificates()) {
        auto& desks = *c.mutable_desks();
        desks.erase(std::remove(desks.begin(), desks.end(), named), desks.end());
    }
    auto smaller = registry::snapshot::build(without);
    if (!smaller) FAIL(smaller.error().where);
    x.rt.registry.swap_in(*smaller);
    const auto t = found(x, shipped_text());
    CHECK(t.concerns == 1);
    CHECK(t.left_out == 1);
    past_policies texts(x.rt);
    CHECK(texts.at(sha256("never in force"), now_us(x.rt)) == nullptr);
    const auto now = texts.at(sha256(shipped_text()), now_us(x.rt));
    REQUIRE(now != nullptr);
    // Another day of the same rules is the same table.
    CHECK(texts.at(sha256(shipped_text()), now_us(x.rt) - 86'400'000'000) == now);
}

} // namespace cairn::daemon
