// How a text becomes the policy in force, and when it does not.
#include "core/limits.hpp"
#include "policy/proof/load.hpp"
#include "unit/policy/support.hpp"

#include <google/protobuf/text_format.h>

#include <random>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

failure refusal(std::string_view text) {
    const auto made = compile_proved(text, today);
    if (made) FAIL("it was taken");
    return made.error();
}

} // namespace

TEST_CASE("the shipped text is proved and taken") {
    const auto made = compile_proved(template_policy(), today);
    if (!made) FAIL(made.error().public_text());
    CHECK((*made)->text_digest() == shipped().text_digest());
}

TEST_CASE("a text that breaks a promise of its own is refused with the place of the promise") {
    // One line: the front door is told to do without convictions that nobody marked.
    std::string text(template_policy());
    const auto row = text.find("  number: 262\n");
    const auto at = text.find("ROLE_ENCOMPASS, ", row);
    text.insert(at, "ROLE_FRONT_DOOR, ");
    REQUIRE(table::compile(text, today));
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_contradiction);
    CAPTURE(f.where);
    CHECK(f.where.rfind("line ", 0) == 0);
    CHECK(has(f.where, "column 1: U1 \""));
    CHECK(has(f.where, "children's social care front door, for enquiry into significant harm"));
    CHECK(has(f.where, "would not see convictions and cautions of a parent or carer"));
    CHECK(has(f.where, "by rule 262 \"Convictions that do not matter to the child\""));
    CHECK(has(f.where, "Owed: in full."));
    CHECK(has(f.where, "and the child goes home to him."));
}

TEST_CASE("a text that will break a promise on a later day is refused today, with that day") {
    auto p = shipped().source();
    rule_of(p, 390)->set_in_force("2027-01-01");
    // Until then the front door sees relevant convictions alone: broken now.
    CHECK(has(refusal(text_of(p)).where, "column 1: O9 \""));
    p = shipped().source();
    auto& later = *p.add_rules() = *rule_of(p, 262);
    later.set_number(9262);
    later.add_roles(v1::ROLE_FRONT_DOOR);
    later.set_in_force("2027-01-01");
    const auto f = refusal(text_of(p));
    CHECK(has(f.where, "from 2027-01-01 on, U1"));
    // Past the text's last day nothing of it is in force.
    p.set_valid_until("2026-12-31");
    CHECK(compile_proved(text_of(p), today));
}

TEST_CASE("a must rule that bars hide everywhere is refused with both numbers") {
    auto p = shipped().source();
    auto& must = *p.add_rules() = *rule_of(p, 403);
    must.set_number(190);
    must.set_tier(v1::TIER_MUST);
    must.set_reason(v1::REASON_MUST_SHARE);
    must.clear_when();
    must.add_unless(v1::FLAG_RELEASED);
    const auto f = refusal(text_of(p));
    CHECK(f.code == errc::policy_contradiction);
    CHECK(f.where.rfind("line ", 0) == 0);
    CHECK(has(f.where, "rule 190: must show what rule 2 or rule 3 or rule 10 bars everywhere"));
    // Where one point is left at which it shows something, both hold.
    p.mutable_rules(p.rules_size() - 1)->add_roles(v1::ROLE_PPU);
    CHECK(compile_proved(text_of(p), today));
}

TEST_CASE("rules that come into force on too many days are refused with the limit") {
    auto p = shipped().source();
    for (std::size_t n = 0; n < limits::policy_days; ++n) {
        p.mutable_rules(static_cast<int>(n) + 10)
            ->set_in_force("2027-01-" + std::to_string(10 + n));
        p.mutable_rules(static_cast<int>(n) + 10)->set_review_by("2028-01-01");
    }
    CHECK(has(refusal(text_of(p)).where, "more than 16 days"));
}

TEST_CASE("rules that overlap in too many ways are refused with the limit") {
    const auto with = [](int count) {
        auto p = shipped().source();
        p.clear_invariants();
        std::mt19937 engine(7);
        for (int n = 0; n < count; ++n) {
            auto& r = *p.add_rules() = *rule_of(p, 255);
            r.set_number(static_cast<std::uint32_t>(5000 + n));
            r.clear_categories();
            r.clear_subjects();
            r.clear_roles();
            for (const auto c : categories) {
                if (engine() % 2) r.add_categories(c);
            }
            for (const auto about : subjects) {
                if (engine() % 2) r.add_subjects(about);
            }
            r.set_min_risk(static_cast<v1::RiskLevel>(engine() % 5));
            for (const auto role : roles) {
                if (engine() % 2) r.add_roles(role);
            }
            for (const auto u : purposes) {
                if (engine() % 2) r.add_purposes(u);
            }
            for (int f = 3; f <= v1::Flag_MAX; ++f) r.add_unless(static_cast<v1::Flag>(f));
        }
        return text_of(p);
    };
    const auto few = with(20);
    CHECK(table::compile(few, today));
    const auto f = refusal(few);
    CHECK(f.code == errc::policy_invalid);
    CHECK(has(f.where, std::to_string(limits::policy_walks)));
    // So many that not even a table is made of them.
    const auto compiled = table::compile(with(400), today);
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().code == errc::policy_invalid);
    CHECK(has(compiled.error().where, std::to_string(limits::policy_entries)));
}
