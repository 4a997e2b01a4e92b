// What `cairn policy test` asks of a text: cases, the rules they cover, and what they stand on.
#include "core/limits.hpp"
#include "policy/testing/report.hpp"
#include "support/golden.hpp"
#include "unit/policy/trial.hpp"

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

v1::PolicyCases without(std::uint32_t rule) {
    v1::PolicyCases out;
    for (const auto& c : template_cases().cases()) {
        if (c.rule() != rule) *out.add_cases() = c;
    }
    return out;
}

} // namespace

TEST_CASE("every case of the template is as expected, and every rule that decides has one") {
    const auto out = run_cases(shipped(), template_cases(), day);
    const wording words(shipped().source());
    for (const auto& m : out.missed) {
        UNSCOPED_INFO(say_missed(words, template_cases().cases(m.at), m.got));
    }
    CHECK(out.missed.empty());
    for (const auto& u : out.uncovered) UNSCOPED_INFO(say_uncovered(words, u));
    CHECK(out.uncovered.empty());
    CHECK(out.deciding == static_cast<std::size_t>(shipped().source().rules_size()));
    CHECK(out.covered == out.deciding);
}

TEST_CASE("the example of the page on cases holds") {
    const auto page = file_text("docs/formats/policy-cases.md");
    const std::string begin = "```textproto\n";
    const auto from = page.find(begin) + begin.size();
    const auto read = parse_cases(page.substr(from, page.find("```", from) - from));
    REQUIRE(read);
    CHECK(run_cases(shipped(), read->cases, day).missed.empty());
}

TEST_CASE("a case that is not as expected is told with scenario, decision and rule, in words") {
    const wording words(shipped().source());
    const std::pair<const char*, const char*> wrong[] = {
        {"FORM_FULL", "FORM_GENERALISED"},
        {"rule: 332", "rule: 331"},
        {"REASON_NEEDED_FOR_ROLE", "REASON_MUST_SHARE"},
    };
    for (const auto& [from, to] : wrong) {
        const auto read = parse_cases(changed(good_case, from, to));
        REQUIRE(read);
        const auto out = run_cases(shipped(), read->cases, day);
        REQUIRE(out.missed.size() == 1);
        const auto said = say_missed(words, read->cases.cases(0), out.missed.front().got);
        INFO(said);
        CHECK(has(said, "the midwife"));
        CHECK(has(said, "where the mother stays"));
        CHECK(has(said, "decided:  in full, by rule 332 \"Protected address: who visits\""));
        CHECK_FALSE(has(said, "CATEGORY_"));
        CHECK_FALSE(has(said, "REASON_"));
    }
    const auto right = parse_cases(good_case);
    REQUIRE(right);
    CHECK(run_cases(shipped(), right->cases, day).missed.empty());
}

TEST_CASE("a rule that decides somewhere and in no case is listed, with a point where it does") {
    const auto out = run_cases(shipped(), without(332), day);
    REQUIRE(out.uncovered.size() == 1);
    CHECK(out.uncovered.front().rule == 332);
    CHECK(shipped().decide(out.uncovered.front().where).rule == 332);
    CHECK(has(say_uncovered(wording(shipped().source()), out.uncovered.front()), "rule 332"));
}

TEST_CASE("a mistake in a file of cases is refused at its line and column") {
    struct bad {
        std::string text;
        const char* where;
    };
    const std::string good = good_case;
    const bad all[] = {
        {"", "holds no case"},
        {"# only words\n", "holds no case"},
        {changed(good, "scenario:", "scenery:"), "line 3, column 10"},
        {changed(good, "ROLE_MIDWIFE", "ROLE_MIDWIVE"), "line 5, column "},
        {good + good, "line 9, column 3: case \"the midwife\": another case has this name"},
        {changed(good, "  name: \"the midwife\"\n", ""), "line 1, column 1: case \"\": name"},
        {changed(good, "role: ROLE_MIDWIFE", ""), "role is missing"},
        {changed(good, "SUBJECT_CARER", "SUBJECT_OF_PERSON"), "line 4, column 41"},
        {changed(good, "form: FORM_FULL", "form: FORM_UNSPECIFIED"), "line 6, column 3"},
        {changed(good, "FORM_FULL", "FORM_MASKED"), "reason does not fit the form"},
        {changed(good, "risk:", "flags: [FLAG_RELEASED, FLAG_RELEASED] risk:"), "line 5, column"},
        {good.substr(0, good.size() - 3), "line 6, column"},
        {changed(good, "rule: 332", "rule: 332 rule: 331"), "line 6, column"},
    };
    for (const auto& b : all) {
        const auto read = parse_cases(b.text);
        INFO(b.text);
        REQUIRE_FALSE(read);
        INFO(read.error().where);
        CHECK(read.error().code == errc::policy_invalid);
        CHECK(has(read.error().where, b.where));
    }
    std::string many;
    for (int i = 0; i <= limits::policy_cases; ++i) many += "cases {}\n";
    CHECK_FALSE(parse_cases(many));
    CHECK_FALSE(parse_cases(std::string(limits::policy_bytes + 1, '#') + good));
}

TEST_CASE("a name that stands in two files of cases is refused where it stands again") {
    const auto one = parse_cases(good_case);
    REQUIRE(one);
    auto all = *one;
    const auto twice = add_cases(all, *one);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == errc::policy_invalid);
    CHECK(has(twice.error().where, "line 1, column 1: case \"the midwife\": a case of another file")
    );
    const auto other = parse_cases(changed(good_case, "the midwife", "her colleague"));
    REQUIRE(other);
    REQUIRE(add_cases(all, *other));
    CHECK(all.cases.cases_size() == 2);
    CHECK(all.places.size() == 2);
}

TEST_CASE("what each case of the template stands on is what is on file") {
    const auto& text = shipped().source();
    const auto now = grounds_of(wording(text), template_cases(), by_number(text));
    const auto held = test::golden("policy_grounds.txt", now);
    INFO(held.difference);
    CHECK(held.same);
    // Two lines for each case that shows something, and none for the others.
    std::size_t shown_in = 0;
    for (const auto& c : template_cases().cases()) shown_in += shown(c.form()) ? 1U : 0U;
    CHECK(static_cast<std::size_t>(std::count(now.begin(), now.end(), '\n')) == 2 * shown_in);
    CHECK(has(
        now,
        "1, the front door learns what the nurse saw\n    rule 121, on UK GDPR Art 6(1)(e), public "
        "task; "
    ));
}
