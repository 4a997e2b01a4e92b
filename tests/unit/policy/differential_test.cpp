#include "unit/policy/reference.hpp"
#include "unit/policy/support.hpp"

#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <random>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

std::uint64_t chosen_seed() {
    if (const char* given = std::getenv("CAIRN_SEED")) return std::strtoull(given, nullptr, 10);
    return std::random_device{}();
}

class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    int roll(int first, int last) { return std::uniform_int_distribution<>(first, last)(engine_); }
    bool one_in(int n) { return roll(1, n) == 1; }

private:
    std::mt19937_64 engine_;
};

template <class Add>
void some(dice& d, int first, int last, int most, Add&& add) {
    std::vector<bool> taken(static_cast<std::size_t>(last) + 1);
    for (int n = d.roll(0, most); n > 0; --n) {
        const int v = d.roll(first, last);
        if (taken[static_cast<std::size_t>(v)]) continue;
        taken[static_cast<std::size_t>(v)] = true;
        add(v);
    }
}

v1::Rule any_rule(dice& d, std::uint32_t number) {
    v1::Rule r = shipped().source().rules(0);
    r.clear_categories();
    r.clear_roles();
    r.set_number(number);
    r.set_tier(static_cast<v1::Tier>(d.roll(v1::TIER_BAR, v1::TIER_ALLOW)));
    const bool opens = r.tier() == v1::TIER_MUST || r.tier() == v1::TIER_ALLOW;
    r.set_form(static_cast<v1::Form>(opens ? d.roll(1, 3) : d.roll(4, 5)));
    const auto shown =
        r.form() == v1::FORM_FULL ? v1::REASON_NEEDED_FOR_ROLE : v1::REASON_SUMMARY_IS_ENOUGH;
    r.set_reason(opens ? shown : v1::REASON_NOT_NEEDED_FOR_PURPOSE);
    r.set_approver("Somebody");
    // An opening rule must leave out the protected address; the others may speak of all.
    some(d, 1, v1::Category_MAX, 6, [&](int v) {
        if (v != v1::CATEGORY_SEALED && (!opens || v != v1::CATEGORY_PROTECTED_ADDRESS))
            r.add_categories(static_cast<v1::Category>(v));
    });
    if (opens && r.categories().empty()) r.add_categories(v1::CATEGORY_HEALTH);
    some(d, 1, v1::SUBJECT_CONCERN, 4, [&](int v) { r.add_subjects(static_cast<v1::Subject>(v)); });
    some(d, 1, v1::Role_MAX, 8, [&](int v) { r.add_roles(static_cast<v1::Role>(v)); });
    some(d, 1, v1::Purpose_MAX, 5, [&](int v) { r.add_purposes(static_cast<v1::Purpose>(v)); });
    if (d.one_in(3)) r.set_min_risk(static_cast<v1::RiskLevel>(d.roll(1, 4)));
    if (d.one_in(10)) r.set_in_force("2026-11-23");
    some(d, 1, v1::Flag_MAX, 2, [&](int v) {
        if (v != v1::FLAG_STATUTORY_BAR && v != v1::FLAG_CONFLICT)
            r.add_when(static_cast<v1::Flag>(v));
    });
    some(d, 1, v1::Flag_MAX, 2, [&](int v) {
        if (!speaks(r.when(), v) || r.when().empty()) r.add_unless(static_cast<v1::Flag>(v));
    });
    return r;
}

v1::Policy any_policy(dice& d) {
    v1::Policy p = shipped().source();
    p.clear_rules();
    auto& law = *p.add_rules();
    law = shipped().source().rules(0);
    law.clear_categories();
    law.clear_roles();
    law.set_number(2);
    law.set_reason(v1::REASON_STATUTORY_BAR);
    law.add_when(v1::FLAG_STATUTORY_BAR);
    const int count = d.roll(1, 90);
    for (int i = 0; i < count; ++i) {
        *p.add_rules() = any_rule(d, static_cast<std::uint32_t>(d.roll(1, 9) * 1000 + i));
    }
    return p;
}

std::shared_ptr<const table> compiled(const v1::Policy& p) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(p, &text);
    auto made = table::compile(text, today);
    if (!made) FAIL(made.error().public_text());
    return *made;
}

point any_point(dice& d) {
    point p;
    p.category = static_cast<v1::Category>(d.roll(1, v1::Category_MAX));
    p.subject = static_cast<v1::Subject>(d.roll(1, v1::SUBJECT_CONCERN));
    p.role = static_cast<v1::Role>(d.roll(1, v1::Role_MAX));
    p.purpose = static_cast<v1::Purpose>(d.roll(1, v1::Purpose_MAX));
    p.risk = static_cast<v1::RiskLevel>(d.roll(0, v1::RiskLevel_MAX));
    p.flags = static_cast<std::uint32_t>(d.roll(0, (1 << (v1::Flag_MAX + 1)) - 1)) & ~1U;
    return p;
}

} // namespace

TEST_CASE("the table decides as the plain reading of the text does, for random texts") {
    const auto seed = chosen_seed();
    std::printf("CAIRN_SEED=%llu\n", static_cast<unsigned long long>(seed));
    INFO("seed " << seed);
    dice d(seed);
    const std::string day(today);
    int rules_that_decided = 0;
    for (int round = 0; round < 12; ++round) {
        const auto source = any_policy(d);
        const auto fast = compiled(source);
        for (int i = 0; i < 20'000; ++i) {
            const auto p = any_point(d);
            const auto got = fast->decide(p);
            rules_that_decided += got.rule != 0;
            if (got == judge(source, p, day)) continue;
            FAIL(words(p) << ": the table says rule " << got.rule);
        }
    }
    CHECK(rules_that_decided > 10'000);
}

TEST_CASE("the table decides as the plain reading does, over the whole space of the shipped text") {
    const std::string day(today);
    const auto& source = shipped().source();
    std::size_t at = 0;
    // Each flag set on one of the sweeps, and the pairs that rules name together.
    const std::uint32_t sets[] = {
        0,
        flags({v1::FLAG_RELEVANT_CONVICTION, v1::FLAG_PROFESSIONAL_REFERRER, v1::FLAG_SEES_ALL}),
        flags({v1::FLAG_DETRIMENT, v1::FLAG_RELEVANT_CONVICTION, v1::FLAG_IN_REPLY}),
    };
    for (const auto set : sets) {
        sweep(set, [&](const point& p) {
            if (++at % 7 != 0) return; // a seventh of the points: the plain reading is slow
            if (!(shipped().decide(p) == judge(source, p, day))) FAIL(words(p));
        });
    }
}

TEST_CASE("the order of rows never matters") {
    auto source = shipped().source();
    std::mt19937_64 engine(42);
    for (int i = source.rules_size() - 1; i > 0; --i) {
        source.mutable_rules()->SwapElements(i, std::uniform_int_distribution<>(0, i)(engine));
    }
    const auto shuffled = compiled(source);
    sweep(flags({v1::FLAG_RELEVANT_CONVICTION}), [&](const point& p) {
        if (!(shipped().decide(p) == shuffled->decide(p))) FAIL(words(p));
    });
}

TEST_CASE("what is outside the closed sets is masked by rule 0") {
    const decision nothing{};
    const point good{
        v1::CATEGORY_IDENTITY,
        v1::SUBJECT_CHILD,
        v1::ROLE_MASH,
        v1::PURPOSE_S47,
        v1::RISK_LEVEL_SIGNIFICANT_HARM,
        0};
    REQUIRE(shipped().decide(good).form == v1::FORM_FULL);
    for (const int bad : {0, 9, 20, 21, 200, -1}) {
        auto p = good;
        p.subject = static_cast<v1::Subject>(bad);
        CHECK(shipped().decide(p) == nothing);
    }
    for (const int bad : {0, 24, 1000, -1}) {
        auto p = good;
        p.role = static_cast<v1::Role>(bad);
        CHECK(shipped().decide(p) == nothing);
        p = good;
        p.purpose = static_cast<v1::Purpose>(bad);
        CHECK(shipped().decide(p) == nothing);
    }
    for (const int bad : {0, v1::Category_MAX + 1, 63, -1}) {
        auto p = good;
        p.category = static_cast<v1::Category>(bad);
        CHECK(shipped().decide(p) == nothing);
    }
    auto p = good;
    p.risk = static_cast<v1::RiskLevel>(5);
    CHECK(shipped().decide(p) == nothing);
}
