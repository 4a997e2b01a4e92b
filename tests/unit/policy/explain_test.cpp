#include "policy/dates.hpp"
#include "policy/exclusions.hpp"
#include "policy/explain.hpp"
#include "policy/render/csv.hpp"
#include "policy/render/outcomes.hpp"
#include "support.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <random>

using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

constexpr std::uint32_t every_flag = (1U << (v1::Flag_MAX + 1)) - 2;

std::size_t size_of(std::uint32_t set) {
    return std::bitset<32>(set).count();
}

std::uint32_t seed() {
    if (const char* given = std::getenv("CAIRN_SEED"); given != nullptr) {
        return static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
    }
    return std::random_device{}();
}

template <class Enum>
Enum any(std::mt19937& random, const std::vector<Enum>& of) {
    return of[random() % of.size()];
}

point any_point(std::mt19937& random) {
    point p;
    p.category = any(random, categories);
    p.subject = any(random, subjects);
    p.role = any(random, roles);
    p.purpose = any(random, purposes);
    p.risk = any(random, risks);
    p.flags = static_cast<std::uint32_t>(random()) & every_flag;
    // Conflict is rare and outweighs all else.
    if (random() % 8 != 0) p.flags &= ~bit(v1::FLAG_CONFLICT);
    return p;
}

const vocabulary& words() {
    static const vocabulary w(shipped().source());
    return w;
}

// The named sets and no smaller ones: every set of up to explained_flags flags is tried.
void check_smallest(
    const point& at,
    const std::vector<flag_change>& named,
    bool (*moves)(const decision&, const decision&)
) {
    const auto got = shipped().decide(at);
    std::vector<std::uint32_t> best;
    std::size_t least = explained_flags; // no larger set is named
    for (std::uint32_t set = 2; set <= every_flag; set += 2) {
        if (size_of(set) > least) continue;
        point other = at;
        other.flags ^= set;
        if (!can_hold_together(other.flags)) continue;
        if (!moves(got, shipped().decide(other))) continue;
        if (size_of(set) < least) best.clear();
        least = size_of(set);
        best.push_back(set);
    }
    std::vector<std::uint32_t> said;
    for (const auto& c : named) {
        said.push_back(c.flip);
        point other = at;
        other.flags ^= c.flip;
        CHECK(can_hold_together(other.flags));
        CHECK(shipped().decide(other) == c.then);
    }
    std::sort(said.begin(), said.end());
    CHECK(said == best);
}

std::string form_said(const explanation& why) {
    if (why.at.category == v1::CATEGORY_SEALED) return " is told nothing of: ";
    switch (why.got.form) {
    case v1::FORM_FULL:
        return " sees in full: ";
    case v1::FORM_GENERALISED:
        return " sees in a shorter form: ";
    case v1::FORM_PSEUDONYM:
        return " sees as a token: ";
    case v1::FORM_MASKED:
        return " is told that it is held, and does not see: ";
    default:
        return " is told nothing of: ";
    }
}

// What the sender is owed of every cell: form, purpose, tier, rule, and the route of what is shown.
void check_whole(const explanation& why, const std::string& said) {
    CAPTURE(said);
    CHECK(has(said, form_said(why)));
    CHECK(has(said, ", for " + words().word(why.at.purpose) + ". "));
    CHECK(has(said, "(" + std::string(tier_word(why.got.tier)) + ")"));
    const auto* rule = shipped().rule(why.got.rule);
    if (rule == nullptr) {
        CHECK(has(said, "No rule "));
    } else {
        CHECK(has(said, "Rule " + std::to_string(why.got.rule) + " " + quoted(rule->title())));
        CHECK(has(said, "because " + std::string(reason_words(why.got.reason))));
    }
    const bool open = why.got.form <= v1::FORM_PSEUDONYM;
    CHECK(has(said, "Lawful route: ") == open);
    if (!open) return;
    REQUIRE(rule != nullptr);
    CHECK(rule->routes_size() > 0);
    for (const int b : rule->routes()) {
        CHECK(has(said, basis_words(static_cast<v1::LawfulBasis>(b))));
    }
}

bool opens(const decision& now, const decision& then) {
    return shows_more(now, then);
}
bool closes(const decision& now, const decision& then) {
    return shows_more(then, now);
}

} // namespace

TEST_CASE("flipping the named flags changes the outcome, and no smaller set of any flags does") {
    const auto from = seed();
    INFO("CAIRN_SEED=" << from);
    std::mt19937 random(from);
    std::size_t opened = 0;
    std::size_t of_two = 0;
    for (int n = 0; n < 400; ++n) {
        const auto at = any_point(random);
        // The flags no rule mentions are left out here and tried there: none may matter.
        const auto why = explain(shipped(), at, mentioned_flags(shipped().source()));
        CHECK(why.got == shipped().decide(at));
        check_smallest(at, why.opens, opens);
        check_smallest(at, why.closes, closes);
        if (!why.opens.empty()) ++opened;
        if (!why.opens.empty() && size_of(why.opens.front().flip) > 1) ++of_two;
    }
    CHECK(opened > 20);
    CHECK(of_two > 0);
}

TEST_CASE("nobody is told that a referrer might be a professional and unnamed at once") {
    // The school's lead would learn of a professional who does not mind: two flags, not one.
    point at{
        v1::CATEGORY_REFERRER,
        v1::SUBJECT_REFERRER,
        v1::ROLE_DSL,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_SIGNIFICANT_HARM,
        bit(v1::FLAG_ANONYMOUS_REFERRER)};
    const auto both = flags({v1::FLAG_ANONYMOUS_REFERRER, v1::FLAG_PROFESSIONAL_REFERRER});
    const auto every = mentioned_flags(shipped().source());
    // Some desk is hidden the unnamed referrer and would see the professional.
    std::size_t by_both = 0;
    for (const auto r : roles) {
        at.role = r;
        const auto why = explain(shipped(), at, every);
        for (const auto& c : why.opens) by_both += c.flip == both ? 1U : 0U;
        const auto said = auditor_sentence(shipped(), words(), why);
        INFO(said);
        const auto professional = said.find("it held that the referrer is a professional");
        if (professional == std::string::npos) continue;
        CHECK(
            said.find("it no longer held that the referrer wishes to stay unnamed") !=
            std::string::npos
        );
    }
    CHECK(by_both > 0);
}

TEST_CASE("a higher risk that changes the form is the next one that does") {
    std::mt19937 random(7);
    std::size_t found = 0;
    for (int n = 0; n < 20000; ++n) {
        auto at = any_point(random);
        const auto why = explain(shipped(), at, 0);
        for (int k = at.risk + 1; k <= v1::RiskLevel_MAX; ++k) {
            point other = at;
            other.risk = static_cast<v1::RiskLevel>(k);
            const bool differs = shipped().decide(other).form != why.got.form;
            if (why.at_risk && k < why.at_risk->from) CHECK_FALSE(differs);
            if (why.at_risk && k == why.at_risk->from) CHECK(differs);
            if (!why.at_risk) CHECK_FALSE(differs);
        }
        if (why.at_risk) ++found;
    }
    CHECK(found > 50);
}

TEST_CASE("what a desk reads of a hidden veiled category is what it reads of any other") {
    std::mt19937 random(11);
    const auto& veiled = shipped().source().veiled();
    std::size_t hidden = 0;
    for (int n = 0; n < 20000; ++n) {
        auto at = any_point(random);
        at.category = static_cast<v1::Category>(veiled.Get(static_cast<int>(random() % 4)));
        const auto why = explain(shipped(), at, 0);
        if (why.got.form != v1::FORM_MASKED) continue;
        ++hidden;
        const auto said = recipient_sentence(shipped(), why, "Northshire front door");
        // Whatever the policy says of it: the category, the rule and its remedy make no difference.
        explanation other = why;
        other.at.category = static_cast<v1::Category>(veiled.Get(static_cast<int>(random() % 4)));
        other.got.reason = v1::REASON_REFERRER_PROTECTED;
        other.got.rule = 10;
        CHECK(said == recipient_sentence(shipped(), other, "Northshire front door"));
        CHECK(said.find("Northshire front door") != std::string::npos);
        for (const int c : veiled) {
            CHECK(said.find(words().word(static_cast<v1::Category>(c))) == std::string::npos);
        }
    }
    CHECK(hidden > 1000);
}

TEST_CASE("nothing is said to a desk of what is silent, and no rule number of anything") {
    std::mt19937 random(13);
    for (int n = 0; n < 20000; ++n) {
        const auto why = explain(shipped(), any_point(random), 0);
        const auto said = recipient_sentence(shipped(), why, "the desk");
        const bool sealed = why.at.category == v1::CATEGORY_SEALED;
        CHECK(said.empty() == (sealed || why.got.form == v1::FORM_SILENT));
        CHECK(said.find("Rule ") == std::string::npos);
        CHECK(said.find('_') == std::string::npos);
        const bool open = why.got.form <= v1::FORM_PSEUDONYM;
        if (open) CHECK(said.find("not shown") == std::string::npos);
    }
}

TEST_CASE("a sender reads form, purpose, tier, rule and lawful route of every cell") {
    std::mt19937 random(19);
    std::size_t shown = 0;
    std::size_t unruled = 0;
    for (int n = 0; n < 5000; ++n) {
        const auto why = explain(shipped(), any_point(random), 0);
        check_whole(why, sender_sentence(shipped(), words(), why));
        shown += why.got.form <= v1::FORM_PSEUDONYM ? 1U : 0U;
        unruled += why.got.rule == 0 ? 1U : 0U;
    }
    CHECK(shown > 100);
    CHECK(unruled > 100);
}

TEST_CASE("of what is sealed no desk is told, and nothing would change it") {
    point at{
        v1::CATEGORY_SEALED,
        v1::SUBJECT_CONCERN,
        v1::ROLE_MASH,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_IMMINENT_DANGER,
        0};
    for (const auto role : roles) {
        at.role = role;
        const auto why = explain(shipped(), at, mentioned_flags(shipped().source()));
        CHECK(recipient_sentence(shipped(), why, "the desk").empty());
        for (const auto& said :
             {sender_sentence(shipped(), words(), why),
              auditor_sentence(shipped(), words(), why)}) {
            CAPTURE(said);
            CHECK(has(said, " is told nothing of: what is kept for the log only"));
            CHECK(has(said, "No rule can open it"));
            CHECK_FALSE(has(said, "would change it"));
            CHECK_FALSE(has(said, "is held"));
        }
    }
}

TEST_CASE("sender and auditor read the rule, its route and what would change it") {
    point at{
        v1::CATEGORY_CONVICTION,
        v1::SUBJECT_CARER,
        v1::ROLE_FRONT_DOOR,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_SIGNIFICANT_HARM,
        flags({v1::FLAG_RELEVANT_CONVICTION})};
    const auto mask = mentioned_flags(shipped().source());
    std::string out;
    const auto say = [&](const point& p) {
        const auto why = explain(shipped(), p, mask);
        check_whole(why, sender_sentence(shipped(), words(), why));
        out += "desk: " + recipient_sentence(shipped(), why, "the front door") +
               "\nsender: " + sender_sentence(shipped(), words(), why) +
               "\nauditor: " + auditor_sentence(shipped(), words(), why) + "\n\n";
    };
    say(at);
    at.flags |= bit(v1::FLAG_DETRIMENT);
    say(at);
    at.role = v1::ROLE_DSL;
    say(at);
    at.category = v1::CATEGORY_INTELLIGENCE;
    say(at);
    at.flags |= bit(v1::FLAG_CONFLICT);
    say(at);
    at = {
        v1::CATEGORY_CONTACT,
        v1::SUBJECT_CHILD,
        v1::ROLE_ED,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_NEED,
        0};
    say(at);
    at = {
        v1::CATEGORY_PROTECTED_ADDRESS,
        v1::SUBJECT_CARER,
        v1::ROLE_FRONT_DOOR,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_IMMINENT_DANGER,
        0};
    say(at);
    const auto r = cairn::test::golden("policy_explanations.txt", out);
    INFO(r.difference);
    CHECK(r.same);
}

TEST_CASE("the outcomes of a cell are what the table decides of it, all and only") {
    const outcomes all(shipped(), *parse_day(today));
    std::mt19937 random(17);
    std::vector<std::vector<bool>> seen;
    for (const auto& o : all.all()) seen.emplace_back(o.possible.size(), false);
    std::size_t varied = 0;
    // A few of each outcome's own flags are rare together: drawn with few flags set or missing.
    for (int n = 0; n < 400000; ++n) {
        auto p = any_point(random);
        if (n % 2 == 0) p.flags &= static_cast<std::uint32_t>(random());
        p.flags &= ~overlying_flags;
        const auto& o = all.of(p.category, p.subject, p.role, p.purpose);
        const auto d = shipped().decide(p);
        const auto at = std::find(o.possible.begin(), o.possible.end(), d);
        REQUIRE(at != o.possible.end());
        const auto i = all.number(p.category, p.subject, p.role, p.purpose);
        seen[i][static_cast<std::size_t>(at - o.possible.begin())] = true;
        const bool detriment = (p.flags & bit(v1::FLAG_DETRIMENT)) != 0;
        if (!detriment && d.form != o.usual.form) {
            CHECK(o.varies);
            ++varied;
        }
        p.risk = usual_risk;
        p.flags = usual_flags;
        CHECK(o.usual == shipped().decide(p));
    }
    CHECK(varied > 1000);
    // A cell that no rule and no flag touches has no star.
    CHECK_FALSE(all.of(v1::CATEGORY_SEALED, v1::SUBJECT_CHILD, v1::ROLE_GP, v1::PURPOSE_S47).varies
    );
    CHECK_FALSE(
        all.of(v1::CATEGORY_IDENTITY, v1::SUBJECT_CHILD, v1::ROLE_FRONT_DOOR, v1::PURPOSE_S47)
            .varies
    );
    std::size_t missed = 0;
    for (const auto& o : seen)
        missed += static_cast<std::size_t>(std::count(o.begin(), o.end(), false));
    // Rare cells are not all drawn; most must be.
    CHECK(missed < all.all().size() / 4);
}

TEST_CASE("the built-in bar is an outcome of its own where no rule states it") {
    v1::Policy p = shipped().source();
    REQUIRE(p.rules(0).number() == 1);
    p.mutable_rules()->DeleteSubrange(0, 1);
    const auto made = table::compile(canonical_text(p), today);
    if (!made) FAIL(made.error().public_text());
    const outcomes all(**made, *parse_day(today));
    for (const auto s : subjects) {
        for (const auto r : roles) {
            for (const auto u : purposes) {
                const point at{v1::CATEGORY_PROTECTED_ADDRESS, s, r, u, usual_risk, usual_flags};
                CHECK(all.of(at.category, s, r, u).usual == (*made)->decide(at));
            }
        }
    }
}
