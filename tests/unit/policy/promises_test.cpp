// What the shipped text promises, and that each promise can be broken and is then found broken.
#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/final_list.hpp"
#include "policy/order.hpp"
#include "policy/proof/prove.hpp"
#include "policy/proof/space.hpp"
#include "unit/policy/random_policy.hpp"
#include "unit/policy/support.hpp"

#include <algorithm>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const auto day = *parse_day(today);
constexpr std::uint32_t planted = 9999;

template <class Enum, class Listed>
std::vector<Enum> of(const Listed& listed, const std::vector<Enum>& all) {
    std::vector<Enum> out;
    for (const auto v : all) {
        if (covers(listed, v)) out.push_back(v);
    }
    return out;
}

// A point the invariant speaks of; of a flag it speaks of, one is set.
point any_point(dice& d, const v1::Invariant& i) {
    const auto& all = whole_space();
    point p;
    p.category = d.one_of(of(i.categories(), all.categories));
    p.subject = d.one_of(of(i.subjects(), all.subjects));
    p.role = d.one_of(of(i.roles(), all.roles));
    p.purpose = d.one_of(of(i.purposes(), all.purposes));
    do {
        p.risk = d.one_of(all.risks);
    } while (p.risk < i.min_risk() || (i.max_risk() != 0 && p.risk > i.max_risk()));
    // What is final stays out of the way, unless the invariant speaks of it.
    const auto finals = bit(v1::FLAG_CONFLICT) | bit(v1::FLAG_STATUTORY_BAR);
    p.flags = d.bits() & d.bits() & all.flags & ~finals & ~mask_of(i.unless());
    p.flags |= mask_of(i.when());
    if (!i.flags().empty()) p.flags |= bit(static_cast<v1::Flag>(d.one_of(i.flags())));
    return p;
}

// No rule of any text can change what is decided there.
bool final(const point& p) {
    return p.category == v1::CATEGORY_SEALED ||
           (p.category == v1::CATEGORY_PROTECTED_ADDRESS && !may_see_protected_address(p.role));
}

void say_flags(v1::Rule& r, std::uint32_t set, std::uint32_t which) {
    for (const auto f : values<v1::Flag>(1, v1::Flag_MAX)) {
        if (!(which & bit(f))) continue;
        if (set & bit(f)) {
            r.add_when(f);
        } else {
            r.add_unless(f);
        }
    }
}

// Speaks of one cell under exactly these flags, from its risk up.
v1::Rule rule_at(const point& p, v1::Tier tier, v1::Form form) {
    auto r = shipped().source().rules(0);
    r.set_number(planted);
    r.set_title("Planted");
    r.set_tier(tier);
    r.set_form(form);
    r.set_approver("Somebody");
    r.clear_what_would_change_it();
    r.clear_categories();
    r.clear_roles();
    r.add_categories(p.category);
    r.add_subjects(p.subject);
    r.add_roles(p.role);
    r.add_purposes(p.purpose);
    r.set_min_risk(p.risk);
    say_flags(r, p.flags, whole_space().flags);
    return r;
}

bool applies(const v1::Rule& r, const point& p) {
    const auto when = mask_of(r.when());
    return covers(r.categories(), p.category) && covers(r.subjects(), p.subject) &&
           covers(r.roles(), p.role) && covers(r.purposes(), p.purpose) && p.risk >= r.min_risk() &&
           (p.flags & when) == when && !(p.flags & mask_of(r.unless()));
}

// The rule everywhere but at the flags of `p` in its cell, whatever the risk: in pieces, each of
// which leaves out one thing more.
std::vector<v1::Rule> without(const v1::Rule& whole, const point& p) {
    std::vector<v1::Rule> out;
    auto rest = whole;
    const auto cut = [&](auto field, auto value, const auto& all) {
        auto outside = rest;
        auto* list = field(outside);
        const auto spoken = of(*list, all);
        list->Clear();
        for (const auto v : spoken) {
            if (v != value) list->Add(v);
        }
        if (!list->empty()) out.push_back(outside);
        field(rest)->Clear();
        field(rest)->Add(value);
    };
    const auto& all = whole_space();
    cut([](v1::Rule& r) { return r.mutable_categories(); }, p.category, all.categories);
    cut([](v1::Rule& r) { return r.mutable_subjects(); }, p.subject, all.subjects);
    cut([](v1::Rule& r) { return r.mutable_roles(); }, p.role, all.roles);
    cut([](v1::Rule& r) { return r.mutable_purposes(); }, p.purpose, all.purposes);
    for (const auto f : values<v1::Flag>(1, v1::Flag_MAX)) {
        if ((mask_of(rest.when()) | mask_of(rest.unless())) & bit(f)) continue;
        auto outside = rest;
        say_flags(outside, ~p.flags, bit(f));
        out.push_back(outside);
        say_flags(rest, p.flags, bit(f));
    }
    return out;
}

// The shipped text with every rule of these tiers taken away at one point, whatever its risk.
v1::Policy lifted(const point& p, std::initializer_list<v1::Tier> tiers) {
    auto out = shipped().source();
    out.clear_rules();
    for (const auto& r : shipped().source().rules()) {
        auto lowest = p;
        lowest.risk = v1::RiskLevel_MAX;
        const bool lift = std::find(tiers.begin(), tiers.end(), r.tier()) != tiers.end();
        if (!lift || !applies(r, lowest)) {
            *out.add_rules() = r;
            continue;
        }
        for (const auto& piece : without(r, p)) *out.add_rules() = piece;
    }
    return out;
}

v1::Policy opened(const point& p) {
    auto out = lifted(p, {v1::TIER_BAR});
    auto& r = *out.add_rules() = rule_at(p, v1::TIER_MUST, v1::FORM_FULL);
    r.set_reason(v1::REASON_MUST_SHARE);
    return out;
}

v1::Policy closed(const point& p, v1::Form form) {
    auto out = shipped().source();
    *out.add_rules() = rule_at(p, v1::TIER_BAR, form);
    return out;
}

const decision& now(const point& p) {
    static const space decided(shipped().source(), day);
    return decided.at(p);
}

// The shipped text broken at `p`, or first there; nullopt where one rule would not break it.
std::optional<v1::Policy> broken_at(const v1::Invariant& i, point& p) {
    using g = v1::Invariant;
    const bool lifts = i.guarantee() != g::GUARANTEE_AT_LEAST &&
                       i.guarantee() != g::GUARANTEE_CHALLENGEABLE &&
                       i.guarantee() != g::GUARANTEE_RISK_OPENS;
    // A rule speaks of a risk and all above: what is lifted is lifted from the lowest on.
    if (lifts && i.min_risk() == 0) p.risk = v1::RISK_LEVEL_UNSPECIFIED;
    auto other = p;
    switch (i.guarantee()) {
    case g::GUARANTEE_ON_ROUTE:
        // A rule of this tier and form with a lower number goes on deciding.
        if (now(p).tier == v1::TIER_MUST && now(p).form == v1::FORM_FULL) return std::nullopt;
        return opened(p);
    case g::GUARANTEE_AT_MOST:
        return opened(p);
    case g::GUARANTEE_AT_LEAST:
        return closed(p, v1::FORM_SILENT);
    case g::GUARANTEE_CHALLENGEABLE:
        return closed(p, v1::FORM_MASKED);
    case g::GUARANTEE_DECIDED:
        return lifted(p, {v1::TIER_BAR, v1::TIER_MUST, v1::TIER_DENY, v1::TIER_ALLOW});
    case g::GUARANTEE_RISK_OPENS:
        if (p.risk == v1::RISK_LEVEL_UNSPECIFIED) return std::nullopt;
        other.risk = static_cast<v1::RiskLevel>(p.risk - 1);
        if (!shown(now(other).form)) return std::nullopt;
        return closed(p, v1::FORM_MASKED);
    case g::GUARANTEE_FLAG_CLOSES:
        for (const int f : i.flags()) {
            other.flags = p.flags & ~bit(static_cast<v1::Flag>(f));
            if (other.flags != p.flags && now(other).form != v1::FORM_FULL) return opened(p);
        }
        return std::nullopt;
    case g::GUARANTEE_FLAG_OPENS:
        return closed(p, v1::FORM_SILENT);
    case g::GUARANTEE_ACCOMPANIED:
        for (const int c : i.with_categories()) {
            other.category = static_cast<v1::Category>(c);
            if (!i.with_subjects().empty()) other.subject = i.with_subjects(0);
            if (now(other).form > i.form()) return opened(p);
        }
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

bool same(const point& a, const point& b) {
    return a.category == b.category && a.subject == b.subject && a.role == b.role &&
           a.purpose == b.purpose && a.risk == b.risk && a.flags == b.flags;
}

void finds_what_was_planted(const v1::Invariant& i, dice& d) {
    for (int tries = 0; tries < 20'000; ++tries) {
        auto p = any_point(d, i);
        if (final(p)) continue;
        const auto source = broken_at(i, p);
        if (!source) continue;
        INFO(i.name() << " at " << words(p));
        const auto got = prove(*source, day);
        const auto at = std::find_if(got.broken.begin(), got.broken.end(), [&](const auto& b) {
            return b.invariant == i.name();
        });
        REQUIRE(at != got.broken.end());
        INFO(at->sentence);
        INFO(words(at->at));
        CHECK(same(at->at, p));
        const bool removed = i.guarantee() == v1::Invariant::GUARANTEE_DECIDED;
        CHECK(at->got.rule == (removed ? 0 : planted));
        CHECK(
            at->sentence.find(removed ? "by no rule" : "rule 9999 \"Planted\"") != std::string::npos
        );
        CHECK(at->sentence.find(i.harm()) != std::string::npos);
        // Whatever else breaks, breaks because of that one desk and purpose.
        for (const auto& b : got.broken) {
            if (b.at.role != p.role || b.at.purpose != p.purpose) FAIL(b.sentence);
        }
        return;
    }
    FAIL(i.name() << ": no point at which a rule could break it");
}

} // namespace

TEST_CASE("the shipped text keeps its promises") {
    const auto got = prove(shipped().source(), day);
    for (const auto& b : got.broken) UNSCOPED_INFO(b.sentence);
    CHECK(got.broken.empty());
    CHECK(got.walks > 1'000);
}

TEST_CASE("the shipped text promises all that was asked of it, and two of our own finding") {
    std::set<std::string> names;
    for (const auto& i : shipped().source().invariants()) {
        names.insert(i.name().substr(0, i.name().find('.')));
    }
    const std::set<std::string> asked = {"O1", "O2",  "O3", "O4", "O5", "O6", "O7", "O8",
                                         "O9", "O10", "U1", "U2", "U4", "U6", "U7", "U8",
                                         "U9", "U10", "B1", "F1", "F2", "F3"};
    CHECK(names == asked);
    // U3 and U5: no field of a rule in which the sender's basis could stand as a condition.
    // Where the sources contradict each other, the officer reads it first.
    const auto& open = shipped().source().questions();
    REQUIRE(open.size() > 1);
    CHECK(open[0].title() == "A protected address in imminent danger");
    CHECK(open[1].title() == "Health of a child to schools below significant harm");
}

TEST_CASE("a rule that breaks a promise at one point is found there, for each promise", "[slow]") {
    const auto seed = chosen_seed();
    INFO("seed " << seed);
    dice d(seed);
    int found = 0;
    for (const auto& i : shipped().source().invariants()) {
        // No text can break the final list: below.
        if (i.name() == "O2") continue;
        finds_what_was_planted(i, d);
        ++found;
    }
    CHECK(found == shipped().source().invariants_size() - 1);
}

TEST_CASE("no rule shows a protected address outside the final list, and no text may say so") {
    point p{
        v1::CATEGORY_PROTECTED_ADDRESS,
        v1::SUBJECT_CHILD,
        v1::ROLE_FRONT_DOOR,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_UNSPECIFIED,
        0};
    const auto source = opened(p);
    CHECK(prove(source, day).broken.empty());
    CHECK(table::compile(text_of(source), today).error().code == errc::policy_contradiction);
}

TEST_CASE("what the broker promises itself is held against every text") {
    // As compile would refuse it: the bar of the law is gone.
    auto source = shipped().source();
    source.clear_invariants();
    source.mutable_rules()->DeleteSubrange(2, 1);
    const auto got = prove(source, day);
    REQUIRE(got.broken.size() == 1);
    CHECK(got.broken[0].invariant == "broker 2");
    CHECK(got.broken[0].at.flags == bit(v1::FLAG_STATUTORY_BAR));
}
