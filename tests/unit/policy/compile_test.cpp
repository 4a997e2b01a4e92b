#include "unit/policy/support.hpp"

#include <google/protobuf/text_format.h>

#include <functional>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

failure refusal(std::string_view text, std::string_view day = today) {
    const auto made = table::compile(text, day);
    if (made) return fail(errc::internal, "compiled");
    return made.error();
}

// One way to spoil the shipped text, and how it must be refused.
struct fault {
    const char* name;
    errc code;
    const char* where;
    std::function<void(v1::Policy&)> spoil;
};

void refuses_each(const std::vector<fault>& faults) {
    for (const auto& x : faults) {
        auto p = shipped().source();
        x.spoil(p);
        const auto f = refusal(text_of(p));
        INFO(x.name << ": " << f.where);
        CHECK(f.code == x.code);
        CHECK(has(f.where, x.where));
    }
}

template <class What>
std::function<void(v1::Policy&)> on(std::uint32_t number, What what) {
    return [number, what](v1::Policy& p) { what(*rule_of(p, number)); };
}

constexpr auto invalid = errc::policy_invalid;
constexpr auto against = errc::policy_contradiction;

} // namespace

TEST_CASE("the shipped text compiles, and its digest is that of its exact bytes") {
    const auto& t = shipped();
    CHECK(t.digest_hex().size() == 64);
    CHECK(to_hex(view(t.text_digest())) == t.digest_hex());
    const auto other = table::compile(std::string(template_policy()) + "\n", today);
    REQUIRE(other);
    CHECK((*other)->digest_hex() != t.digest_hex());
    REQUIRE(t.rule(1));
    CHECK(t.rule(1)->tier() == v1::TIER_BAR);
    CHECK(t.rule(0) == nullptr);
    CHECK(t.routing_rule(1));
    CHECK(t.routing_rule(9999) == nullptr);
}

TEST_CASE("an empty text is no policy") {
    for (const char* nothing : {"", "  \n\t\n", "# only a comment\n  # and another"}) {
        CHECK(refusal(nothing).code == errc::policy_missing);
    }
}

TEST_CASE("a text cut anywhere is refused") {
    const std::string_view whole = template_policy();
    for (std::size_t i = 1; i < 60; ++i) {
        const auto cut = whole.substr(0, whole.size() * i / 60);
        const auto f = refusal(cut);
        INFO("cut after " << cut.size() << ": " << f.where);
        CHECK((f.code == errc::policy_invalid || f.code == errc::policy_missing));
    }
    // Between two rows, where it still parses: the sentences and words behind are missing.
    const auto rows = whole.substr(0, whole.find("reasons {"));
    CHECK(refusal(rows).code == errc::policy_invalid);
    CHECK(has(refusal(rows).where, "has no text"));
    // The last word only.
    const auto last = whole.substr(0, whole.rfind("words { name: \"PURPOSE_CSA_DUTY\""));
    CHECK(has(refusal(last).where, "PURPOSE_CSA_DUTY has no word"));
}

TEST_CASE("a text cut in half names line and column") {
    const std::string_view whole = template_policy();
    const auto f = refusal(whole.substr(0, whole.find("sentence:") + 20));
    CHECK(f.code == errc::policy_invalid);
    CHECK(has(f.where, "line "));
    CHECK(has(f.where, "column "));
}

TEST_CASE("an unknown field, an unknown value and a repeated one are refused at their place") {
    const std::string whole(template_policy());
    const auto unknown = refusal("wildcard: true\n" + whole);
    CHECK(unknown.code == errc::policy_invalid);
    CHECK(has(unknown.where, "line 1, column "));
    auto value = whole;
    value.replace(value.find("ROLE_MASH"), 9, "ROLE_MESH");
    CHECK(has(refusal(value).where, "ROLE_MESH"));
    CHECK(has(refusal(value).where, "line "));
    const auto twice = refusal(whole + "\nversion: \"another\"\n");
    CHECK(twice.code == errc::policy_invalid);
}

TEST_CASE("a text longer than allowed is refused") {
    std::string text(template_policy());
    text += std::string(1024 * 1024, '#');
    CHECK(refusal(text).code == errc::policy_invalid);
}

TEST_CASE("a text past its last day is refused, on that day it is not") {
    auto p = shipped().source();
    p.set_valid_until("2026-11-22");
    const auto text = text_of(p);
    CHECK(refusal(text, "2026-11-23").code == errc::policy_expired);
    const auto made = table::compile(text, "2026-11-22");
    REQUIRE(made);
    constexpr std::int64_t midnight = 1'795'392'000'000'000; // 2026-11-23T00:00Z
    CHECK((*made)->in_force(midnight - 1));
    CHECK_FALSE((*made)->in_force(midnight));
    CHECK(refusal(text, "yesterday").code == errc::bad_value);
}

TEST_CASE("a rule not yet in force is not applied") {
    auto p = shipped().source();
    rule_of(p, 310)->set_in_force("2026-12-01");
    const auto text = text_of(p);
    const point who{
        v1::CATEGORY_IDENTITY,
        v1::SUBJECT_CHILD,
        v1::ROLE_GP,
        v1::PURPOSE_CIN17,
        v1::RISK_LEVEL_NEED,
        0};
    CHECK((*table::compile(text, "2026-11-30"))->decide(who).form == v1::FORM_MASKED);
    CHECK((*table::compile(text, "2026-12-01"))->decide(who).form == v1::FORM_FULL);
}

TEST_CASE("every missing or unfit entry of a row is found, with its number") {
    refuses_each({
        {"no number", invalid, "rule 0", on(310, [](auto& r) { r.set_number(0); })},
        {"number twice", against, "rule 311", on(310, [](auto& r) { r.set_number(311); })},
        {"no title", invalid, "rule 310: title", on(310, [](auto& r) { r.clear_title(); })},
        {"no authority",
         invalid,
         "rule 310: authority",
         on(310, [](auto& r) { r.clear_authority(); })},
        {"no owner", invalid, "rule 310: owner", on(310, [](auto& r) { r.clear_owner(); })},
        {"no sentence",
         invalid,
         "rule 310: sentence",
         on(310, [](auto& r) { r.clear_sentence(); })},
        {"no in_force",
         invalid,
         "rule 310: in_force",
         on(310, [](auto& r) { r.clear_in_force(); })},
        {"no such day",
         invalid,
         "rule 310: in_force",
         on(310, [](auto& r) { r.set_in_force("2026-02-30"); })},
        {"no review",
         invalid,
         "rule 310: review_by",
         on(310, [](auto& r) { r.clear_review_by(); })},
        {"review not a day",
         invalid,
         "rule 310: review_by",
         on(310, [](auto& r) { r.set_review_by("soon"); })},
        {"no tier", invalid, "rule 310: tier", on(310, [](auto& r) { r.clear_tier(); })},
        {"default tier",
         invalid,
         "rule 310: tier",
         on(310, [](auto& r) { r.set_tier(v1::TIER_DEFAULT); })},
        {"no form", invalid, "rule 310: form", on(310, [](auto& r) { r.clear_form(); })},
        {"allow that masks",
         invalid,
         "rule 310: form",
         on(310, [](auto& r) { r.set_form(v1::FORM_MASKED); })},
        {"deny that shows",
         invalid,
         "rule 250: form",
         on(250, [](auto& r) { r.set_form(v1::FORM_FULL); })},
        {"no reason", invalid, "rule 310: reason", on(310, [](auto& r) { r.clear_reason(); })},
        {"a hiding reason for showing",
         invalid,
         "rule 310: reason",
         on(310, [](auto& r) { r.set_reason(v1::REASON_THIRD_PARTY); })},
        {"a showing reason for hiding",
         invalid,
         "rule 250: reason",
         on(250, [](auto& r) { r.set_reason(v1::REASON_MUST_SHARE); })},
        {"silent without approver",
         invalid,
         "rule 224: nothing may be silent",
         on(224, [](auto& r) { r.clear_approver(); })},
    });
}

TEST_CASE("a row may only name values of the closed sets") {
    refuses_each({
        {"no such category",
         invalid,
         "rule 310: categories",
         on(310, [](auto& r) { r.add_categories(static_cast<v1::Category>(77)); })},
        {"category zero",
         invalid,
         "rule 310: categories",
         on(310, [](auto& r) { r.add_categories(v1::CATEGORY_UNSPECIFIED); })},
        {"category twice",
         invalid,
         "rule 310: categories",
         on(310, [](auto& r) { r.add_categories(v1::CATEGORY_IDENTITY); })},
        {"annotation's subject",
         invalid,
         "rule 310: subjects",
         on(310, [](auto& r) { r.add_subjects(v1::SUBJECT_OF_PERSON); })},
        {"no such role",
         invalid,
         "rule 310: roles",
         on(310, [](auto& r) { r.add_roles(static_cast<v1::Role>(99)); })},
        {"no such purpose",
         invalid,
         "rule 310: purposes",
         on(310, [](auto& r) { r.add_purposes(v1::PURPOSE_UNSPECIFIED); })},
        {"no such flag",
         invalid,
         "rule 310: when",
         on(310, [](auto& r) { r.add_when(static_cast<v1::Flag>(31)); })},
        {"no such risk",
         invalid,
         "rule 310: min_risk",
         on(310, [](auto& r) { r.set_min_risk(static_cast<v1::RiskLevel>(9)); })},
        {"can never apply",
         invalid,
         "rule 110: one flag",
         on(110, [](auto& r) { r.add_when(v1::FLAG_DETRIMENT); })},
    });
}

TEST_CASE("what is final cannot be opened by any row") {
    refuses_each({
        {"opens what is sealed",
         against,
         "rule 310: would open what is sealed",
         on(310, [](auto& r) { r.add_categories(v1::CATEGORY_SEALED); })},
        {"must opens a protected address to the front door",
         against,
         "rule 120: would open a protected address",
         on(120, [](auto& r) { r.add_categories(v1::CATEGORY_PROTECTED_ADDRESS); })},
        {"allow opens a protected address to the chair",
         against,
         "rule 331: would open a protected address",
         on(331, [](auto& r) { r.add_roles(v1::ROLE_CP_CHAIR); })},
        {"a protected address to every role",
         against,
         "rule 330: would open a protected address",
         on(330, [](auto& r) { r.clear_roles(); })},
        {"every category to the front door",
         against,
         "rule 120: would open a protected address",
         on(120, [](auto& r) { r.clear_categories(); })},
        {"must opens what the law bars",
         against,
         "rule 120: would open what the law bars",
         on(120, [](auto& r) { r.add_when(v1::FLAG_STATUTORY_BAR); })},
        {"allow opens what the law bars",
         against,
         "rule 310: would open what the law bars",
         on(310, [](auto& r) { r.add_when(v1::FLAG_STATUTORY_BAR); })},
        {"opens to a desk in conflict",
         against,
         "rule 310: would open to a desk in conflict",
         on(310, [](auto& r) { r.add_when(v1::FLAG_CONFLICT); })},
        {"the bar of the law taken away",
         against,
         "would open what the law bars",
         on(3, [](auto& r) { r.add_categories(v1::CATEGORY_ORDERS); })},
        {"the bar of the law narrowed past sensitive services",
         against,
         "would open what the law bars",
         on(3,
            [](auto& r) {
                for (const auto c : categories) {
                    if (c != v1::CATEGORY_SENSITIVE_SERVICE) r.add_categories(c);
                }
            })},
        {"the bar of the law lifted for what is released",
         against,
         "would open what the law bars",
         on(3, [](auto& r) { r.add_unless(v1::FLAG_RELEASED); })},
        {"front door put on the final list",
         against,
         "rule 1: the list",
         on(1, [](auto& r) { r.mutable_roles()->RemoveLast(); })},
        {"the final list shortened",
         against,
         "rule 1: the list",
         on(1, [](auto& r) { r.add_roles(v1::ROLE_PPU); })},
        {"the built-in bar made conditional",
         against,
         "rule 1: number 1",
         on(1, [](auto& r) { r.add_unless(v1::FLAG_RELEASED); })},
        {"number 1 for something else",
         against,
         "rule 1: number 1",
         on(1, [](auto& r) { r.set_categories(0, v1::CATEGORY_HEALTH); })},
    });
}

TEST_CASE("a text without rules, routes, days, sentences or words is refused") {
    refuses_each({
        {"no rules", invalid, "no rules", [](auto& p) { p.clear_rules(); }},
        {"no routes", invalid, "no routes", [](auto& p) { p.clear_routing(); }},
        {"no version", invalid, "version", [](auto& p) { p.clear_version(); }},
        {"no last day", invalid, "valid_until", [](auto& p) { p.clear_valid_until(); }},
        {"route number twice",
         against,
         "route 2",
         [](auto& p) { p.mutable_routing(0)->set_number(2); }},
        {"route without number",
         invalid,
         "route 0",
         [](auto& p) { p.mutable_routing(0)->set_number(0); }},
        {"route without target",
         invalid,
         "route 1: target",
         [](auto& p) { p.mutable_routing(0)->clear_target(); }},
        {"route without role",
         invalid,
         "route 1: role",
         [](auto& p) { p.mutable_routing(0)->clear_role(); }},
        {"school without fallback",
         invalid,
         "route 10: fallback",
         [](auto& p) { p.mutable_routing(3)->clear_fallback_role(); }},
        {"veiled nothing",
         invalid,
         "veiled",
         [](auto& p) { p.add_veiled(v1::CATEGORY_UNSPECIFIED); }},
        {"veiled twice", invalid, "veiled", [](auto& p) { p.add_veiled(v1::CATEGORY_REFERRER); }},
        {"reason without text",
         invalid,
         "REASON_UNSPECIFIED",
         [](auto& p) { p.mutable_reasons(0)->clear_to_desk(); }},
        {"reason twice", invalid, "two texts", [](auto& p) { *p.add_reasons() = p.reasons(3); }},
        {"no words of a part",
         invalid,
         "no text of a cell shown in part",
         [](auto& p) {
             for (auto& r : *p.mutable_reasons()) r.clear_to_desk_partly();
         }},
        {"a part that asks nobody",
         invalid,
         "asks nobody",
         [](auto& p) { p.mutable_reasons(1)->set_to_desk_partly("Shown in part."); }},
        {"fills in a value",
         invalid,
         "REASON_NEEDED_FOR_ROLE",
         [](auto& p) { p.mutable_reasons(1)->set_to_desk("{value}"); }},
        {"open brace",
         invalid,
         "REASON_NEEDED_FOR_ROLE",
         [](auto& p) { p.mutable_reasons(1)->set_to_desk("see {ask"); }},
        {"does not say whom to ask",
         invalid,
         "whom to ask",
         [](auto& p) { p.mutable_reasons(8)->set_to_desk("No."); }},
        {"a veil that names",
         invalid,
         "veil",
         [](auto& p) { p.mutable_reasons(0)->set_to_desk("{category} {ask}"); }},
        {"a word twice", invalid, "two words", [](auto& p) { *p.add_words() = p.words(0); }},
        {"an empty word", invalid, "empty word", [](auto& p) { p.mutable_words(0)->clear_text(); }},
    });
}

TEST_CASE("a fault of a row is told with its line") {
    std::string text(template_policy());
    const auto at = text.find("  number: 310");
    REQUIRE(at != std::string::npos);
    text.replace(at, 13, "  number: 311");
    const auto f = refusal(text);
    CHECK(f.code == errc::policy_contradiction);
    CHECK(f.where.rfind("line ", 0) == 0);
}
