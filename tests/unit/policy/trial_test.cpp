// What `cairn policy test` asks of a text: cases, the rules they cover, and small wrongs done to
// it.
#include "core/limits.hpp"
#include "policy/dates.hpp"
#include "policy/index.hpp"
#include "policy/proof/prove.hpp"
#include "policy/testing/report.hpp"
#include "policy/testing/rows.hpp"
#include "unit/policy/random_policy.hpp"

#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const auto day = *parse_day(today);

std::string file_text(const std::string& path) {
    std::ifstream file(std::string(CAIRN_SOURCE_DIR) + "/" + path, std::ios::binary);
    if (!file) FAIL("no " << path);
    return {std::istreambuf_iterator<char>(file), {}};
}

const v1::PolicyCases& template_cases() {
    static const auto read = [] {
        auto made = parse_cases(file_text("deploy/policy/template.cases.textproto"));
        if (!made) FAIL(made.error().public_text());
        return made->cases;
    }();
    return read;
}

constexpr const char* good_case = R"(cases {
  name: "the midwife"
  scenario: "A baby is expected; the midwife asks where the mother stays."
  category: CATEGORY_PROTECTED_ADDRESS  subject: SUBJECT_CARER
  role: ROLE_MIDWIFE  purpose: PURPOSE_S47  risk: RISK_LEVEL_NEED
  form: FORM_FULL  rule: 332  reason: REASON_NEEDED_FOR_ROLE
}
)";

std::string changed(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

// A text of few rules over the words and routes of the shipped one.
std::shared_ptr<const table> text_with(std::initializer_list<std::uint32_t> rules) {
    auto p = shipped().source();
    p.clear_rules();
    p.clear_invariants();
    for (const auto n : rules) *p.add_rules() = *shipped().rule(n);
    return compiled(p);
}

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

TEST_CASE("rows decide as the table does, with a rule changed, too") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    dice d(seed);
    for (int round = 0; round < 4; ++round) {
        const auto source = any_policy(d, 40);
        const rows all(source, day);
        const policy::index fast(source, day);
        const auto mutants = mutants_of(source);
        const auto& m =
            mutants[static_cast<std::size_t>(d.roll(0, static_cast<int>(mutants.size()) - 1))];
        const auto after = m.instead ? row_of(*m.instead, day) : std::optional<row>();
        const auto changed_rows = all.with(m.rule, after);
        const policy::index changed_fast(applied(source, m), day);
        for (int i = 0; i < 50'000; ++i) {
            const auto p = any_point(d);
            const bool closed = p.category == 0 || p.subject == 0 || p.role == 0 ||
                                p.purpose == 0 || p.category > v1::Category_MAX ||
                                p.subject > v1::SUBJECT_CONCERN || p.role > v1::Role_MAX ||
                                p.purpose > v1::Purpose_MAX || p.risk > v1::RiskLevel_MAX;
            if (closed) continue;
            if (!(all.decide(p) == fast.decide(p))) FAIL(words(p));
            if (!(changed_rows.decide(p) == changed_fast.decide(p))) FAIL(m.what << words(p));
        }
    }
}

TEST_CASE("a rule changed where it never decided is known to change nothing, else where it does") {
    // 390 opens all that 110 opens: without 390 something closes; 110 said twice changes nothing.
    auto p = text_with({1, 2, 3, 110})->source();
    *p.add_rules() = p.rules(3);
    p.mutable_rules(4)->set_number(111);
    const rows all(p, day);
    const auto second = row_of(p.rules(4), day);
    CHECK_FALSE(first_difference(all, all.with(111, {}), second, {}));
    auto shorter = p.rules(4);
    shorter.set_form(v1::FORM_GENERALISED);
    const auto changed_row = row_of(shorter, day);
    CHECK_FALSE(first_difference(all, all.with(111, changed_row), second, changed_row));
    // And the first of the two left out, the second shows less.
    const auto less = all.with(111, changed_row);
    const auto where = first_difference(less, less.with(110, {}), row_of(p.rules(3), day), {});
    REQUIRE(where);
    CHECK(less.decide(*where).form == v1::FORM_FULL);
    CHECK(less.with(110, {}).decide(*where).form == v1::FORM_GENERALISED);
}

TEST_CASE("each rule is turned, taken out, and loses each condition once") {
    v1::Policy p;
    auto& r = *p.add_rules();
    r = *shipped().rule(110);
    r.add_unless(v1::FLAG_SENDER_DESK);
    r.set_min_risk(v1::RISK_LEVEL_NEED);
    const auto all = mutants_of(p);
    std::vector<std::string> what;
    for (const auto& m : all) {
        what.push_back(m.what);
        CHECK(m.rule == 110);
        CHECK(applied(p, m).rules_size() == (m.instead ? 1 : 0));
    }
    CHECK(
        what ==
        std::vector<std::string>{
            "hides what it showed",
            "taken out",
            "of any category",
            "about anybody",
            "for any role",
            "for any purpose",
            "at any risk",
            "without 'when relevant conviction'",
            "without 'unless detriment'",
            "without 'unless sender desk'"}
    );
    CHECK(all[0].instead->tier() == v1::TIER_BAR);
    CHECK(all[0].instead->form() == v1::FORM_MASKED);
    CHECK(all[9].instead->unless_size() == 1);
    CHECK(all[9].instead->unless(0) == v1::FLAG_DETRIMENT);
}

TEST_CASE("without cases the wrongs done to a text survive, each with a point that would tell") {
    const auto small = text_with({1, 2, 3, 280, 310});
    const auto out = run_mutants(*small, {}, day);
    CHECK(out.by_case == 0);
    CHECK(out.by_check > 0);
    CHECK(out.mutants == out.killed() + out.equivalent + out.survivors.size());
    REQUIRE(out.survivors.size() > 5);
    for (const auto& s : out.survivors) {
        INFO(say_survivor(wording(small->source()), s));
        CHECK(small->decide(s.where) == s.before);
        CHECK_FALSE(s.before == s.after);
    }
    // One case where rule 310 decides finds it turned or taken out, and no condition dropped.
    const auto read = parse_cases(changed(
        changed(
            changed(good_case, "CATEGORY_PROTECTED_ADDRESS", "CATEGORY_IDENTITY"),
            "SUBJECT_CARER",
            "SUBJECT_CHILD"
        ),
        "rule: 332",
        "rule: 310"
    ));
    REQUIRE(read);
    const auto better = run_mutants(*small, read->cases, day);
    CHECK(better.by_case >= 2);
    CHECK(better.survivors.size() < out.survivors.size());
    CHECK(better.kill_rate() > out.kill_rate());
}

TEST_CASE("an invariant notices what no case does, and one that was broken before does not") {
    auto p = text_with({1, 2, 3, 121, 280, 361})->source();
    for (const auto& i : shipped().source().invariants()) {
        if (i.name() == "U6") *p.add_invariants() = i;
    }
    REQUIRE(p.invariants_size() == 1);
    const auto kept = compiled(p);
    REQUIRE(prove(kept->source(), day).broken.empty());
    const auto out = run_mutants(*kept, {}, day);
    CHECK(out.by_invariant > 0);
    CHECK(out.mutants == out.killed() + out.equivalent + out.survivors.size());
    for (const auto& s : out.survivors) {
        INFO(s.changed.rule << " " << s.changed.what);
        CHECK_FALSE((s.changed.rule == 121 && s.changed.what == "taken out"));
    }
    // Without rule 121 the promise is broken from the start: nothing can break it again. What is
    // left is the statutory bar taken out, against what the broker promises of every text.
    p.mutable_rules()->DeleteSubrange(3, 1);
    CHECK(run_mutants(*compiled(p), {}, day).by_invariant == 1);
}

TEST_CASE("cases, invariants and check notice at least 98 % of the wrongs done to the template") {
    const auto out = run_mutants(shipped(), template_cases(), day);
    std::printf(
        "%zu mutants: %zu refused, %zu fail a case, %zu break an invariant, %zu equivalent, "
        "%zu survive: %zu.%zu %%\n",
        out.mutants,
        out.by_check,
        out.by_case,
        out.by_invariant,
        out.equivalent,
        out.survivors.size(),
        out.kill_rate() / 10,
        out.kill_rate() % 10
    );
    const wording words(shipped().source());
    for (const auto& s : out.survivors) UNSCOPED_INFO(say_survivor(words, s));
    CHECK(out.mutants > 1000);
    CHECK(out.kill_rate() >= 980);
    CHECK(out.mutants == out.killed() + out.equivalent + out.survivors.size());
}
