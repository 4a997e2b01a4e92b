// The compiled table against the second evaluator, which shares nothing with it but the schema.
#include "policy/index.hpp"
#include "unit/policy/random_policy.hpp"
#include "unit/policy/reference.hpp"

#include <google/protobuf/text_format.h>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

// Sanitizers look for other faults than these, and take ten times as long.
#ifdef __SANITIZE_ADDRESS__
constexpr int comparisons_wanted = 1'000'000;
#else
constexpr int comparisons_wanted = 10'000'000;
#endif
constexpr int texts = 50;

plain::question question(const point& p) {
    return {p.category, p.subject, p.role, p.purpose, p.risk, p.flags};
}

bool same(const decision& a, const plain::answer& b) {
    return a.form == b.form && a.tier == b.tier && a.rule == b.rule && a.reason == b.reason;
}

} // namespace

TEST_CASE(
    "ten million decisions of the table are those of the plain reading, for random texts", "[slow]"
) {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    dice d(seed);
    const std::string day(today);
    int compared = 0;
    int rules_that_decided = 0;
    for (int round = 0; round < texts; ++round) {
        const auto source = any_policy(d);
        const auto fast = compiled(source);
        for (int i = 0; i < comparisons_wanted / texts; ++i, ++compared) {
            const auto p = any_point(d);
            const auto got = fast->decide(p);
            rules_that_decided += got.rule != 0;
            const auto judged = plain::decide(source, question(p), day);
            if (same(got, judged)) continue;
            FAIL(
                words(p) << ": the table says rule " << got.rule << ", the plain reading rule "
                         << judged.rule
            );
        }
    }
    std::printf("%d comparisons, %d decided by a rule\n", compared, rules_that_decided);
    CHECK(compared == comparisons_wanted);
    CHECK(rules_that_decided > comparisons_wanted / 4);
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
            if (!same(shipped().decide(p), plain::decide(source, question(p), day))) FAIL(words(p));
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
